"""Blocks of two tokens with states that say whose they are, in a small cache."""

from __future__ import annotations

import torch

from kvcache import KVCacheConfig, PrefixCache
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.leases import Computed, PrefixLease
from kvcache.scopes import owners

__all__ = ["TOKEN_BYTES", "cut", "insert", "mark", "small_cache", "states_of", "store"]

TOKEN_BYTES = 32


def small_cache(tokens: int, *, buffer_tokens: int = 0) -> PrefixCache:
    """A cache of so many tokens in blocks of two."""
    waiting = buffer_tokens * TOKEN_BYTES
    config = KVCacheConfig(max_bytes=tokens * TOKEN_BYTES + waiting, block_tokens=2, buffer_bytes=waiting)
    return PrefixCache(config, TOKEN_BYTES)


def cut(*tokens: int) -> tuple[Block, ...]:
    """A prompt in blocks of two."""
    return Grid(2).cut(tokens)


def states_of(tokens: tuple[int, ...], *, logits: bool = False) -> Kept:
    """States that say which prefix they belong to."""
    tensor = torch.tensor(tokens, dtype=torch.int64)
    return Kept(((tensor, tensor),), torch.zeros(8) if logits else None)


def mark(block: Kept) -> tuple[int, ...]:
    """Which prefix they belong to."""
    return tuple(block.states[0][0].tolist())


def insert(cache: PrefixCache, lease: PrefixLease, index: int, tokens: tuple[int, ...]) -> bool:
    """Keep a block of a leased prompt; `tokens` are those up to its end."""
    return cache.insert(lease, index, Computed(states_of(tokens), seconds=1.0))


def store(cache: PrefixCache, tenant: str, tokens: tuple[int, ...], user: str | None = None) -> PrefixLease:
    """Keep a whole prompt; the lease has been released."""
    lease = cache.acquire(owners(tenant, user), cut(*tokens))
    for index in range(len(lease.kept), len(lease.blocks)):
        insert(cache, lease, index, tokens[: (index + 1) * 2])
    cache.release(lease)
    return lease
