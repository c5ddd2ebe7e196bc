"""How much the prefix cache may keep, for how long, and in which units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kvcache.errors import ConfigError
from kvcache.lifetime import Lifetime, LifetimeName, lifetime
from kvcache.seconds import MOST_SECONDS, is_seconds
from kvcache.tiers import TierConfig

__all__ = ["Eviction", "KVCacheConfig"]

_MAX_BLOCK_TOKENS = 4096

Eviction = Literal["worth", "lru"]


@dataclass(frozen=True, slots=True)
class KVCacheConfig:
    """Limits of one model's prefix cache.

    Args:
        max_bytes: Memory for kept attention states, all tenants together; 0 keeps nothing. The working buffer of a
            running request is not counted.
        block_tokens: Most tokens in a block. Prefill computes, keeps and finds prefixes block by block; a block is
            shorter where a turn, a breakpoint or the prompt ends.
        buffer_bytes: Part of `max_bytes` set aside for working buffers that wait for the next request with the same
            prefix, which then copies nothing; 0 keeps none. None is a quarter.
        lifetime: A preset (`local`, `openai`, `azure`, `anthropic`) or a Lifetime made by hand.
        eviction: What goes first when room is needed: `worth`, what saves least time per byte; or `lru`, what nobody
            has read for longest.
        half_life_seconds: For `worth`: how long until a use counts half.
        pin_bytes: Most that pinned prefixes may take of `max_bytes`. None is a quarter.
        hide_timing: True reuses working buffers only within a tenant. Then nothing that one tenant did makes another's
            request faster, but for declared public prefixes, whose presence everyone knows.
        write_through: Whether the tiers below, if there are any, get a block as soon as it is kept, so that a restart
            finds it; False sends it down only when it is evicted here.
        check_share: The share of hits, in [0, 1], that is computed again after the answer to see whether it was right;
            where one was not, everything is forgotten. A check takes as long as the prompt without the cache.
        read_answers: Whether an answer is read like a prompt, in the background after half a second of quiet, so that
            the next turn of the talk finds it. Decoded tokens have other bits and are never kept themselves.
        tiers: What lies below: a folder on disk, host memory below a GPU. By default nothing.

    Raises:
        ConfigError: A value is of the wrong kind or outside its range.
    """

    max_bytes: int = 2 << 30
    block_tokens: int = 128
    buffer_bytes: int | None = None
    lifetime: LifetimeName | Lifetime = "local"
    eviction: Eviction = "worth"
    half_life_seconds: float = 600.0
    pin_bytes: int | None = None
    hide_timing: bool = False
    write_through: bool = True
    check_share: float = 0.0
    read_answers: bool = True
    tiers: TierConfig = field(default_factory=TierConfig)

    def __post_init__(self) -> None:
        _check_int("max_bytes", self.max_bytes, lowest=0, highest=None)
        _check_int("block_tokens", self.block_tokens, lowest=1, highest=_MAX_BLOCK_TOKENS)
        if self.buffer_bytes is not None:
            _check_int("buffer_bytes", self.buffer_bytes, lowest=0, highest=self.max_bytes)
        if self.pin_bytes is not None:
            _check_int("pin_bytes", self.pin_bytes, lowest=0, highest=self.kept_bytes)
        lifetime(self.lifetime)
        if self.eviction not in ("worth", "lru"):
            raise ConfigError(f"eviction is {self.eviction!r}; it must be 'worth' or 'lru'.")
        share = self.check_share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ConfigError(f"check_share is {share!r}; give a number from 0 to 1.")
        for name in ("hide_timing", "write_through", "read_answers"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} is {getattr(self, name)!r}; give True or False.")
        if not isinstance(self.tiers, TierConfig):
            raise ConfigError(f"tiers is {self.tiers!r}; give a TierConfig.")
        if not is_seconds(self.half_life_seconds):
            raise ConfigError(
                f"half_life_seconds is {self.half_life_seconds!r}; give seconds above 0, at most {MOST_SECONDS:g}."
            )

    @property
    def waiting_bytes(self) -> int:
        """`buffer_bytes` as a number."""
        return self.max_bytes // 4 if self.buffer_bytes is None else self.buffer_bytes

    @property
    def kept_bytes(self) -> int:
        """What is left of `max_bytes` for kept blocks."""
        return self.max_bytes - self.waiting_bytes

    @property
    def pinned_bytes(self) -> int:
        """`pin_bytes` as a number."""
        return min(self.kept_bytes, self.max_bytes // 4) if self.pin_bytes is None else self.pin_bytes


def _check_int(name: str, value: object, *, lowest: int, highest: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} is {value!r}; give a whole number.")
    if value < lowest or (highest is not None and value > highest):
        limit = f"at least {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise ConfigError(f"{name} is {value}; it must be {limit}.")
