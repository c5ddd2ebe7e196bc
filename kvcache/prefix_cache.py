"""Kept prefixes with their attention states: the tree says what is kept, this adds the tensors and the lock."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcache.config import KVCacheConfig
from kvcache.prefix_tree import Lease, PrefixTree

if TYPE_CHECKING:
    from kvcache.layer import BlockStates

__all__ = ["CacheStats", "PrefixCache", "PrefixLease"]


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds now and has done so far.

    Bytes are free, cached (nobody reads them) or leased (a request reads them); the three add up to `total_bytes`.
    `total_bytes` is the budget rounded down to whole blocks. Lookups, hits, tokens and evictions count
    from the cache's making.
    """

    total_bytes: int
    free_bytes: int
    cached_bytes: int
    leased_bytes: int
    block_bytes: int
    block_tokens: int
    blocks: int
    tenants: int
    lookups: int
    hits: int
    read_tokens: int
    written_tokens: int
    evicted_blocks: int


@dataclass(frozen=True, slots=True)
class PrefixLease:
    """What a request found: the states of the first blocks of its prompt, which stay until the lease is released."""

    tokens: tuple[int, ...]
    blocks: tuple[BlockStates, ...]
    path: Lease


class PrefixCache:
    """match → lease → insert → release. Safe to call from many threads; no call waits for a forward pass.

    Args:
        config: The budget and the block size.
        block_bytes: Bytes of one block's keys and values in all layers.
    """

    def __init__(self, config: KVCacheConfig, block_bytes: int) -> None:
        self.block_tokens = config.block_tokens
        self._block_bytes = block_bytes
        self._total_blocks = config.max_bytes // block_bytes
        self._tree = PrefixTree(config.block_tokens, self._total_blocks)
        self._states: dict[int, BlockStates] = {}
        self._lock = threading.Lock()
        self._lookups = self._hits = self._read_tokens = self._written_tokens = self._evicted_blocks = 0

    def fits(self, tokens: int) -> bool:
        """Whether the whole blocks of a prompt of so many tokens fit into the budget."""
        return tokens // self.block_tokens <= self._total_blocks

    def acquire(self, tenant: str, tokens: Sequence[int], max_tokens: int | None = None) -> PrefixLease:
        """Lease the longest kept prefix of `tokens`, no longer than `max_tokens`. Give it to `release` in any event."""
        prompt = tuple(tokens)
        limit = len(prompt) if max_tokens is None else max_tokens
        with self._lock:
            path = self._tree.lease(tenant, prompt, limit // self.block_tokens)
            blocks = tuple(self._states[node.slot] for node in path.nodes)
            self._lookups += 1
            self._hits += bool(blocks)
            self._read_tokens += len(blocks) * self.block_tokens
        return PrefixLease(prompt, blocks, path)

    def insert(self, lease: PrefixLease, index: int, states: BlockStates) -> bool:
        """Keep block `index` of the leased prompt, and lease it too. Least recently used blocks make room.

        Args:
            lease: An open lease.
            index: The block's number in the prompt. Only the one right after the lease can be kept: after a block that
                found no room, those behind it have nothing to hang on.
            states: Its keys and values, not written to from now on.

        Returns:
            Whether the block is new. A prompt larger than the whole budget is not kept.
        """
        if not self.fits(len(lease.tokens)):
            return False
        with self._lock:
            if index != len(lease.path.nodes):
                return False
            placed = self._tree.extend(lease.path, lease.tokens)
            if placed is None:
                return False
            slot, evicted = placed
            self._forget(evicted)
            self._states[slot] = states
            self._evicted_blocks += len(evicted)
            self._written_tokens += self.block_tokens
        return True

    @property
    def is_off(self) -> bool:
        """Whether the budget is too small for a single block."""
        return self._total_blocks == 0

    def held_tokens(self, lease: PrefixLease) -> int:
        """Tokens of the prompt that the lease covers now, inserted ones counted."""
        return len(lease.path.nodes) * self.block_tokens

    def release(self, lease: PrefixLease) -> None:
        """Let its blocks be evicted again. A second call does nothing."""
        with self._lock:
            self._forget(self._tree.release(lease.path))

    def clear(self, tenant: str | None = None) -> int:
        """Forget one tenant's prefixes, or all. Running requests finish with what they hold.

        Returns:
            Tokens forgotten.
        """
        with self._lock:
            blocks, idle = self._tree.clear(tenant)
            self._forget(idle)
        return blocks * self.block_tokens

    def stats(self) -> CacheStats:
        """A consistent snapshot."""
        with self._lock:
            now, size = self._tree.occupancy, self._block_bytes
            return CacheStats(
                total_bytes=now.total * size,
                free_bytes=now.free * size,
                cached_bytes=now.cached * size,
                leased_bytes=now.leased * size,
                block_bytes=size,
                block_tokens=self.block_tokens,
                blocks=now.cached + now.leased,
                tenants=self._tree.tenants,
                lookups=self._lookups,
                hits=self._hits,
                read_tokens=self._read_tokens,
                written_tokens=self._written_tokens,
                evicted_blocks=self._evicted_blocks,
            )

    def check(self) -> None:
        """Recount the books; see PrefixTree.check. Also: every kept block has states, and nothing else has."""
        with self._lock:
            self._tree.check()
            now = self._tree.occupancy
            if len(self._states) != now.cached + now.leased:
                raise AssertionError(f"{len(self._states)} blocks of states for {now}")

    def _forget(self, slots: Sequence[int]) -> None:
        for slot in slots:
            del self._states[slot]
