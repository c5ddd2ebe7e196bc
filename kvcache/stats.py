"""What the prefix cache holds and has done: a snapshot for people and programs, and the counters behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvcache.tiers import TierStats

__all__ = ["CacheStats", "Counts"]


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds now and has done so far.

    Bytes are free, cached (nobody reads them) or leased (a request reads them, or they are pinned); the three add up to
    `total_bytes`. `pinned_bytes` are a part of the leased ones. `buffer_bytes` are those of idle working buffers, which
    have a budget of their own. `block_bytes` are the states of a block of `block_tokens` tokens; shorter ones take
    less. `tenants` have something of their own, what is public not counted.

    Lookups, hits, tokens, `clears` by hand and blocks that went count from the cache's making. Of the `read_tokens`,
    `copied_tokens` were not in place already, and `loaded_tokens` came from the tiers below. `followed_tokens` were
    computed by another request at the same time. Of the hits `checked_hits` were computed again, and `wrong_hits` of
    those were not the same. `failed_blocks` were computed and could not be kept, for want of memory.
    """

    total_bytes: int
    free_bytes: int
    cached_bytes: int
    leased_bytes: int
    pinned_bytes: int
    buffer_bytes: int
    block_bytes: int
    block_tokens: int
    blocks: int
    tenants: int
    lookups: int
    hits: int
    read_tokens: int
    copied_tokens: int
    written_tokens: int
    followed_tokens: int
    loaded_tokens: int
    checked_hits: int
    wrong_hits: int
    failed_blocks: int
    clears: int
    evicted_blocks: int
    expired_blocks: int
    tiers: TierStats


@dataclass(slots=True)
class Counts:
    """Counters since the cache was made; guarded by its lock."""

    clears: int = 0
    lookups: int = 0
    hits: int = 0
    read_tokens: int = 0
    copied_tokens: int = 0
    written_tokens: int = 0
    followed_tokens: int = 0
    loaded_tokens: int = 0
    checked_hits: int = 0
    wrong_hits: int = 0
    failed_blocks: int = 0

    def add(self, more: Mapping[str, int]) -> None:
        """To these, so much."""
        for name, count in more.items():
            setattr(self, name, getattr(self, name) + count)

    def looked_up(self, read: int, held: int) -> None:
        """A request reads so many tokens, of which so many were in place already."""
        self.lookups += 1
        self.hits += read > 0
        self.read_tokens += read
        self.copied_tokens += read - held
