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
            running request is not counted: it lives for that request only.
        block_tokens: Tokens in a block. Prefixes are kept and found in whole blocks; prefill computes block by block.

    Raises:
        ConfigError: A value is not an integer or outside its range.
    """

    max_bytes: int = 2 << 30
    block_tokens: int = 128

    def __post_init__(self) -> None:
        _check_int("max_bytes", self.max_bytes, lowest=0, highest=None)
        _check_int("block_tokens", self.block_tokens, lowest=1, highest=_MAX_BLOCK_TOKENS)


def _check_int(name: str, value: object, *, lowest: int, highest: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} is {value!r}; give a whole number.")
    if value < lowest or (highest is not None and value > highest):
        limit = f"at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise ConfigError(f"{name} is {value}; it must be {limit}.")
