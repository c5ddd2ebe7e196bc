"""How much the prefix cache may keep, and in which units."""

from __future__ import annotations

from dataclasses import dataclass

from kvcache.errors import ConfigError

__all__ = ["KVCacheConfig"]

_MAX_BLOCK_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class KVCacheConfig:
    """Limits of one model's prefix cache.

    Args:
        max_bytes: Memory for kept attention states, all tenants together; 0 keeps nothing. The working buffer of a
            running request is not counted.
        block_tokens: Most tokens in a block. Prefill computes, keeps and finds prefixes block by block; a block is
            shorter where a turn or the prompt ends.
        buffer_bytes: Part of `max_bytes` set aside for working buffers that wait for the next request with the same
            prefix, which then copies nothing; 0 keeps none. None is a quarter.

    Raises:
        ConfigError: A value is not an integer or outside its range.
    """

    max_bytes: int = 2 << 30
    block_tokens: int = 128
    buffer_bytes: int | None = None

    def __post_init__(self) -> None:
        _check_int("max_bytes", self.max_bytes, lowest=0, highest=None)
        _check_int("block_tokens", self.block_tokens, lowest=1, highest=_MAX_BLOCK_TOKENS)
        if self.buffer_bytes is not None:
            _check_int("buffer_bytes", self.buffer_bytes, lowest=0, highest=self.max_bytes)

    @property
    def waiting_bytes(self) -> int:
        """`buffer_bytes` as a number."""
        return self.max_bytes // 4 if self.buffer_bytes is None else self.buffer_bytes


def _check_int(name: str, value: object, *, lowest: int, highest: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} is {value!r}; give a whole number.")
    if value < lowest or (highest is not None and value > highest):
        limit = f"at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise ConfigError(f"{name} is {value}; it must be {limit}.")
