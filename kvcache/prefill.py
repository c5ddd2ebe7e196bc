"""Prompt → states and the logits after it, on one block grid whether or not the cache knows the beginning.

    prompt, 400 tokens           |0 … 127|128 … 255|256 … 299|300 … 399|      the system prompt ends at 300
    cold: forward passes         |   1   |    2    |    3    |    4    |
    warm, three blocks kept      | in place or copied        |    1    |
    the whole prompt kept        | in place or copied                  |  no pass: the logits after it are kept too

Passes cut at other places give slightly other bits. With the same passes for what is computed, and kept blocks that
came out of the same passes, a hit returns exactly what a miss returns.

That holds for answers too. A token decoded by itself has other bits than the same token read in a block, so the states
of decoded tokens are never kept: when a later prompt contains the answer, it is read like the rest of that prompt.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from kvcache.engine import Engine
from kvcache.generation import MissReason
from kvcache.grid import Block, Grid
from kvcache.layer import GrowingCache
from kvcache.prefix_cache import Kept, PrefixCache, PrefixLease

__all__ = ["Prefilled", "Prefiller"]

_ROOM_STEP = 256


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A prompt's states in a growing cache that is the caller's until `Prefiller.finish`, and (vocab,) float32 logits.

    `lease` is what it was made from; it has been released.
    """

    cache: GrowingCache
    logits: torch.Tensor
    cached_tokens: int = 0
    written_tokens: int = 0
    miss: MissReason | None = None
    lease: PrefixLease | None = None


class Prefiller:
    """Computes prompts, taking from the prefix cache what is there and adding to it what is not.

    Each block is kept as soon as it is computed, so an abandoned or a simultaneous request still profits. Only the last
    one waits for `finish`: the first token need not wait while it is copied.
    """

    def __init__(self, engine: Engine, prefixes: PrefixCache, grid: Grid) -> None:
        self._engine = engine
        self._prefixes = prefixes
        self._grid = grid
        self._abandoned: deque[Prefilled] = deque(maxlen=1)

    def prefill(self, token_ids: Sequence[int], *, tenant: str, room: int, use_cache: bool) -> Prefilled:
        """States of the whole prompt. Give the result to `finish` when its cache is needed no more.

        Args:
            token_ids: The prompt, at least one token.
            tenant: Whose kept prefixes may be read and extended.
            room: Tokens of answer to leave room for.
            use_cache: False neither reads nor writes the prefix cache.
        """
        self._finish_abandoned()
        blocks = self._grid.cut(token_ids)
        if not use_cache or self._prefixes.is_off:
            cache = self._engine.new_cache(len(token_ids) + room)
            return Prefilled(cache, self._compute(blocks, 0, cache, None)[0], miss="cache_off")
        lease = self._prefixes.acquire(tenant, blocks)
        try:
            return self._complete(lease, len(token_ids) + room)
        finally:
            self._prefixes.release(lease)

    def finish(self, prefilled: Prefilled) -> int:
        """Keep the prompt's end, and lay the cache down for the next request. It must not be used afterwards.

        Returns:
            Tokens that were added to the prefix cache now.
        """
        lease = None if prefilled.lease is None else self._prefixes.reopen(prefilled.lease)
        if lease is None:
            return 0
        last = len(lease.blocks) - 1
        try:
            new = len(lease.kept) == last and self._keep(lease, last, prefilled)
            self._prefixes.give_buffer(lease, prefilled.cache)
        finally:
            self._prefixes.release(lease)
        return len(lease.blocks[last]) if new else 0

    def abandon(self, prefilled: Prefilled) -> None:
        """Let the next request `finish` this one. Takes no lock: a garbage collector may close a stream anywhere."""
        self._abandoned.append(prefilled)

    def _finish_abandoned(self) -> None:
        try:
            left = self._abandoned.popleft()
        except IndexError:  # nothing there; asking first would race with another thread
            return
        self.finish(left)

    def warm(self, token_ids: Sequence[int], *, tenant: str) -> int:
        """Keep a prefix. Returns its tokens that are kept now, 0 when it is larger than the budget."""
        blocks = self._grid.cut(token_ids)
        if self._prefixes.is_off or not self._prefixes.fits(blocks):
            return 0
        lease = self._prefixes.acquire(tenant, blocks)
        try:
            if len(lease.kept) < len(blocks):
                done = self._complete(lease, len(token_ids))
                self._keep(lease, len(blocks) - 1, done)
                self._prefixes.give_buffer(lease, done.cache)
            return self._prefixes.held_tokens(lease)
        finally:
            self._prefixes.release(lease)

    def _complete(self, lease: PrefixLease, capacity: int) -> Prefilled:
        known, logits = len(lease.kept), None
        if known == len(lease.blocks):
            kept = lease.kept[-1].logits
            logits = None if kept is None else kept.clone()  # the caller may write into its logits
            known -= logits is None  # kept as a part of something longer, so its last block is read again
        cache = self._buffer(lease, known, capacity)
        cached, written = cache.get_seq_length(), 0
        if logits is None:
            logits, written = self._compute(lease.blocks, known, cache, lease)
        return Prefilled(cache, logits, cached, written, None if cached else self._why(lease), lease)

    def _buffer(self, lease: PrefixLease, known: int, capacity: int) -> GrowingCache:
        """A cache with the first `known` blocks in it."""
        taken = self._prefixes.take_buffer(lease, known, capacity)
        # Rounded up with half a step to spare, so that a slightly longer question still fits.
        steps = (capacity + _ROOM_STEP // 2) // _ROOM_STEP + 1
        cache, held = taken or (self._engine.new_cache(steps * _ROOM_STEP), 0)
        cache.restore([kept.states for kept in lease.kept[:known]], held)
        return cache

    def _compute(
        self, blocks: Sequence[Block], known: int, cache: GrowingCache, lease: PrefixLease | None
    ) -> tuple[torch.Tensor, int]:
        """Run the blocks after the first `known`, which `cache` holds; keep all but the last if there is a lease."""
        written, logits = 0, torch.empty(0)
        for index in range(known, len(blocks)):
            logits = self._engine.forward(blocks[index], cache)
            last = index + 1 == len(blocks)
            if lease is not None and not last and self._keep(lease, index, Prefilled(cache, logits)):
                written += len(blocks[index])
        return logits, written

    def _keep(self, lease: PrefixLease, index: int, done: Prefilled) -> bool:
        """Keep a block whose states are in the cache. `logits` are those after it."""
        if not self._prefixes.fits(lease.blocks):
            return False
        size, start = len(lease.blocks[index]), sum(map(len, lease.blocks[:index]))
        # Most whole blocks lie inside a turn, where no prompt ends.
        ends = size < self._grid.block_tokens or index + 1 == len(lease.blocks)
        kept = Kept(done.cache.copy_block(start, start + size), done.logits.clone() if ends else None)
        return self._prefixes.insert(lease, index, kept)

    def _why(self, lease: PrefixLease) -> MissReason:
        return "not_seen" if self._prefixes.fits(lease.blocks) else "larger_than_budget"
