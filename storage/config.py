"""How a store behaves, in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from storage.errors import StoreValueError

__all__ = ["StoreConfig"]


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Args:
    busy_timeout_seconds: How long a write waits for another process.
    max_partitions: How many scopes keep their vector index in memory; the least recently used goes first.
    touch_flush: After how many uses their counts are written.

    Raises:
        StoreValueError: A value is not positive.
    """

    busy_timeout_seconds: float = 30.0
    max_partitions: int = 256
    touch_flush: int = 64

    def __post_init__(self) -> None:
        for name in ("busy_timeout_seconds", "max_partitions", "touch_flush"):
            if not getattr(self, name) > 0:
                raise StoreValueError(f"{name}={getattr(self, name)!r} must be greater than 0.")
