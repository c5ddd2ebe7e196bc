"""How much lies below the prefix cache, where, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvcache.errors import ConfigError
from kvcache.seconds import MOST_SECONDS, is_seconds

__all__ = ["TierConfig"]


@dataclass(frozen=True, slots=True)
class TierConfig:
    """Limits of the tiers below one model's prefix cache.

    Args:
        folder: Where blocks lie on disk, for this model alone; None keeps none there. Other processes with the same
            model may read it at the same time. Only its owner can read the files. They hold token ids, from which a
            prompt's text can be made again: treat the folder as you would the prompts.
        disk_bytes: Most that the blocks' files may take together.
        host_bytes: Host memory for blocks of a model on a GPU, pinned; 0 keeps none there. On a processor the prefix
            cache itself lies in host memory, so there is no such tier.
        ttl_seconds: Longest time that a block may be served after it came here; None means without end.
        int8: Round keys and values to 8 bits on disk: a quarter of float32's bytes, and answers that are not exact.
            They say so (`Generation.exact`).
        queue_bytes: States that may wait to be written; what comes on top is dropped.
        half_life_seconds: After this time without use a block is expected to be used half as often.

    Raises:
        ConfigError: A value is of the wrong type or outside its range.
    """

    folder: Path | None = None
    disk_bytes: int = 16 << 30
    host_bytes: int = 8 << 30
    ttl_seconds: float | None = None
    int8: bool = False
    queue_bytes: int = 512 << 20
    half_life_seconds: float = 86_400.0

    def __post_init__(self) -> None:
        if self.folder is not None and not isinstance(self.folder, Path):
            raise ConfigError(f"folder is {self.folder!r}; give a pathlib.Path.")
        if not isinstance(self.int8, bool):
            raise ConfigError(f"int8 is {self.int8!r}; give True or False.")
        for name in ("disk_bytes", "host_bytes", "queue_bytes"):
            _check_bytes(name, getattr(self, name))
        for name, or_none in (("half_life_seconds", False), ("ttl_seconds", True)):
            if not is_seconds(value := getattr(self, name), or_none=or_none):
                without = ", or None" if or_none else ""
                raise ConfigError(f"{name} is {value!r}; give seconds above 0, at most {MOST_SECONDS:g}{without}.")


def _check_bytes(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{name} is {value!r}; give a whole number, at least 0.")
