"""Kept prefixes with their attention states: the tree says what is kept, this adds the tensors and the lock."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcache.config import KVCacheConfig
from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.pool import BufferPool
from kvcache.prefix_tree import Lease, PrefixTree

if TYPE_CHECKING:
    from kvcache.layer import GrowingCache

__all__ = ["CacheStats", "Kept", "PrefixCache", "PrefixLease"]


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds now and has done so far.

    Bytes are free, cached (nobody reads them) or leased (a request reads them); the three add up to `total_bytes`.
    `buffer_bytes` are those of idle working buffers, which have a budget of their own. `block_bytes` are the states of
    a block of `block_tokens` tokens; shorter ones take less. Lookups, hits, tokens and evictions count from the
    cache's making; `copied_tokens` of the `read_tokens` were not in place already.
    """

    total_bytes: int
    free_bytes: int
    cached_bytes: int
    leased_bytes: int
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
    evicted_blocks: int


@dataclass(frozen=True, slots=True)
class PrefixLease:
    """What a request found: the first blocks of its prompt, which stay until the lease is released.

    Args:
        blocks: The whole prompt, cut.
        kept: What was found of it, from the first block on.
        path: The same in the tree, and what has been inserted since.
        clears: How often anything had been cleared before.
    """

    blocks: tuple[Block, ...]
    kept: tuple[Kept, ...]
    path: Lease
    clears: int


@dataclass(slots=True)
class _Counts:
    clears: int = 0
    lookups: int = 0
    hits: int = 0
    read_tokens: int = 0
    copied_tokens: int = 0
    written_tokens: int = 0
    evicted_blocks: int = 0


class PrefixCache:
    """match → lease → insert → release. Safe to call from many threads; no call waits for a forward pass.

    Args:
        config: The budget and the block size.
        token_bytes: Bytes of one token's keys and values in all layers.
        state_bytes: Bytes of what each block keeps beside them: the state of recurrent layers.
    """

    def __init__(self, config: KVCacheConfig, token_bytes: int, state_bytes: int = 0) -> None:
        self._block_tokens = config.block_tokens
        self._token_bytes = token_bytes
        self._state_bytes = state_bytes
        self._total = config.max_bytes - config.waiting_bytes
        self._tree = PrefixTree(self._total)
        self._buffers = BufferPool(config.waiting_bytes, token_bytes)
        self._kept: dict[int, Kept] = {}
        self._lock = threading.Lock()
        self._counts = _Counts()

    @property
    def is_off(self) -> bool:
        """Whether the budget is too small for a single whole block."""
        return self._total < self._block_tokens * self._token_bytes + self._state_bytes

    def fits(self, blocks: Sequence[Block]) -> bool:
        """Whether the states of a whole prompt fit into the budget."""
        return _tokens(blocks) * self._token_bytes + len(blocks) * self._state_bytes <= self._total

    def acquire(self, tenant: str, blocks: Sequence[Block]) -> PrefixLease:
        """Lease the longest kept prefix of a prompt. Give it to `release` in any event."""
        prompt = tuple(blocks)
        with self._lock:
            path = self._tree.lease(tenant, prompt)
            kept = tuple(self._kept[node.slot] for node in path.nodes)
            return PrefixLease(prompt, kept, path, self._counts.clears)

    def reopen(self, lease: PrefixLease) -> PrefixLease | None:
        """A new lease for the prompt of a released one, or None if anything has been cleared in between."""
        new = self.acquire(lease.path.tenant, lease.blocks)
        if new.clears == lease.clears:
            return new
        self.release(new)
        return None

    def insert(self, lease: PrefixLease, index: int, kept: Kept) -> bool:
        """Keep block `index` of the leased prompt, and lease it too. Least recently used blocks make room.

        Args:
            lease: An open lease.
            index: The block's number in the prompt. Only the one right after the lease can be kept: after a block that
                found no room, those behind it have nothing to hang on.
            kept: What to keep of it, not written to from now on.

        Returns:
            Whether the block is new. A prompt larger than the whole budget is not kept.
        """
        if not self.fits(lease.blocks):
            return False
        block = lease.blocks[index]
        with self._lock:
            if index != len(lease.path.nodes):
                return False
            placed = self._tree.extend(lease.path, block, self._size(block, kept))
            if placed is None:
                return False
            slot, evicted = placed
            self._forget(evicted)
            self._kept[slot] = kept
            self._counts.evicted_blocks += len(evicted)
            self._counts.written_tokens += len(block)
        return True

    def held_tokens(self, lease: PrefixLease) -> int:
        """Tokens of the prompt that the lease covers now, inserted ones counted."""
        return _tokens(lease.blocks[: len(lease.path.nodes)])

    def release(self, lease: PrefixLease) -> None:
        """Let its blocks be evicted again. A second call does nothing."""
        with self._lock:
            self._forget(self._tree.release(lease.path))

    def take_buffer(self, lease: PrefixLease, blocks: int, capacity: int) -> tuple[GrowingCache, int] | None:
        """An idle buffer for a request that reads the first `blocks` blocks of an open lease.

        Returns:
            A buffer with room for `capacity` tokens, and how many of the blocks it holds in place: what comes behind
            them in the buffer is of no use. None when the caller should make a new one.
        """
        with self._lock:
            taken = self._buffers.take(lease.path.nodes[:blocks], capacity)
            read, held = _tokens(lease.blocks[:blocks]), _tokens(lease.blocks[: taken[1] if taken else 0])
            self._counts.lookups += 1
            self._counts.hits += blocks > 0
            self._counts.read_tokens += read
            self._counts.copied_tokens += read - held
        return taken

    def give_buffer(self, lease: PrefixLease, cache: GrowingCache) -> None:
        """Lay a buffer down that begins with the states of all the lease's blocks, inserted ones counted."""
        with self._lock:
            self._buffers.give(cache, lease.path.nodes)

    def clear(self, tenant: str | None = None) -> int:
        """Forget one tenant's prefixes, or all. Running requests finish with what they hold.

        Returns:
            Tokens forgotten.
        """
        with self._lock:
            self._counts.clears += 1
            tokens, idle = self._tree.clear(tenant)
            self._forget(idle)
            self._buffers.forget_dropped()
        return tokens

    def stats(self) -> CacheStats:
        """A consistent snapshot."""
        with self._lock:
            now, counts = self._tree.occupancy, self._counts
            return CacheStats(
                total_bytes=now.total,
                free_bytes=now.free,
                cached_bytes=now.cached,
                leased_bytes=now.leased,
                buffer_bytes=self._buffers.held_bytes,
                block_bytes=self._block_tokens * self._token_bytes + self._state_bytes,
                block_tokens=self._block_tokens,
                blocks=now.blocks,
                tenants=self._tree.tenants,
                lookups=counts.lookups,
                hits=counts.hits,
                read_tokens=counts.read_tokens,
                copied_tokens=counts.copied_tokens,
                written_tokens=counts.written_tokens,
                evicted_blocks=counts.evicted_blocks,
            )

    def check(self) -> None:
        """Recount the books; see PrefixTree.check. Also: every block that can be found has states.

        Raises:
            AssertionError: They do not balance.
        """
        with self._lock:
            self._tree.check()
            slots = {node.slot for node in self._tree.nodes()}
            if not slots <= self._kept.keys() or (self._tree.occupancy.leased == 0 and len(slots) != len(self._kept)):
                raise AssertionError(f"{len(self._kept)} blocks of states for {len(slots)} blocks in the tree")

    def _size(self, block: Block, kept: Kept) -> int:
        return len(block) * self._token_bytes + self._state_bytes + (0 if kept.logits is None else kept.logits.nbytes)

    def _forget(self, slots: Sequence[int]) -> None:
        for slot in slots:
            del self._kept[slot]


def _tokens(blocks: Sequence[Block]) -> int:
    return sum(map(len, blocks))
