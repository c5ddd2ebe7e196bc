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

import functools
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

import torch

from kvcache.breakpoints import Breakpoint, Breakpoints
from kvcache.engine import Engine
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.layer import GrowingCache
from kvcache.leases import NO_POINTS, PrefixLease
from kvcache.misses import Miss, MissCause
from kvcache.passes import Passes, Run
from kvcache.prefix_cache import PrefixCache
from kvcache.scopes import Owners, owners

__all__ = ["Prefilled", "Prefiller"]

_ROOM_STEP = 256
#: Tokens of the prompt that a miss shows, and of each turn, from which its role is read.
_SHOWN_TOKENS, _SHOWN_OF_A_TURN = 12, 12


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A prompt's states in a growing cache that is the caller's until `Prefiller.finish`, and (vocab,) float32 logits.

    `lease` is what it was made from; it has been released. `last_seconds` is what computing the last block took.
    `tell` makes the miss, which nobody needs before the first token.
    """

    cache: GrowingCache
    logits: torch.Tensor
    cached_tokens: int = 0
    written_tokens: int = 0
    tell: Callable[[], Miss] | None = None
    lease: PrefixLease | None = None
    last_seconds: float = 0.0
    exact: bool = True

    @property
    def miss(self) -> Miss | None:
        """What was computed and why, or None when all was read."""
        return None if self.tell is None else self.tell()


class Prefiller:
    """Computes prompts, taking from the prefix cache what is there and adding to it what is not.

    Each block is kept as soon as it is computed, so an abandoned or a simultaneous request still profits. Only the last
    one waits for `finish`, unless somebody waits for it: the first token need not wait while it is copied.

    Args:
        engine: Runs the forward passes.
        prefixes: What is kept.
        grid: Cuts prompts.
        clock: Seconds, to measure passes with.
    """

    def __init__(
        self, engine: Engine, prefixes: PrefixCache, grid: Grid, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._engine = engine
        self._prefixes = prefixes
        self._grid = grid
        self._passes = Passes(engine, prefixes, grid, clock)
        self._abandoned: deque[Prefilled] = deque(maxlen=1)

    def prefill(
        self,
        token_ids: Sequence[int],
        *,
        tenant: str,
        room: int,
        use_cache: bool,
        user: str | None = None,
        points: Breakpoints = NO_POINTS,
    ) -> Prefilled:
        """States of the whole prompt. Give the result to `finish` when its cache is needed no more.

        Args:
            token_ids: The prompt, at least one token.
            tenant: Whose kept prefixes may be read and extended.
            room: Tokens of answer to leave room for.
            use_cache: False neither reads nor writes the prefix cache.
            user: Whose of the tenant's users, if what this request adds is for this user alone.
            points: Where to cut, and what to keep for how long.
        """
        self._finish_abandoned()
        blocks = self._grid.cut(token_ids, points.cuts)
        if not use_cache or self._prefixes.is_off:
            return self._plain(blocks, len(token_ids) + room)
        lease = self._prefixes.acquire(owners(tenant, user), blocks, points)
        try:
            return self._complete(lease, len(token_ids) + room)
        finally:
            self._prefixes.release(lease)

    def finish(self, prefilled: Prefilled) -> int:
        """Keep the prompt's end, and lay the cache down for the next request. It must not be used afterwards.

        Returns:
            Tokens that were added to the prefix cache now.
        """
        # A buffer that holds a block that is not exact must not be taken for one with the exact block of those tokens.
        lease = self._prefixes.reopen(prefilled.lease) if prefilled.lease and prefilled.exact else None
        if lease is None:
            return 0
        last = len(lease.blocks) - 1
        try:
            new = self._passes.keep(lease, last, prefilled.cache, (prefilled.logits, prefilled.last_seconds))
            self._prefixes.give_buffer(lease, prefilled.cache)
        finally:
            self._prefixes.release(lease)
        return len(lease.blocks[last]) if new else 0

    def forget_abandoned(self) -> None:
        """Let go of what a request left that was given up."""
        self._abandoned.clear()

    def abandon(self, prefilled: Prefilled) -> None:
        """Let the next request `finish` this one. Takes no lock: a garbage collector may close a stream anywhere."""
        self._abandoned.append(prefilled)

    def _finish_abandoned(self) -> None:
        try:
            left = self._abandoned.popleft()
        except IndexError:  # nothing there; asking first would race with another thread
            return
        self.finish(left)

    def warm(
        self,
        token_ids: Sequence[int],
        whose: Owners,
        points: Breakpoints = NO_POINTS,
        *,
        pin: bool = False,
        since: int | None = None,
        counts: bool = True,
    ) -> int:
        """Keep a prefix.

        Args:
            token_ids: The prefix.
            whose: Whose blocks it may begin with; it is kept for the last.
            points: Its breakpoints. Where the lifetime asks for one, its end is one without being named.
            pin: Whether it stays until it is unpinned.
            since: Only if nothing of these owners has been cleared since a lease that said so in `clears`.
            counts: Whether it counts as a use of what it begins with.

        Returns:
            Tokens of it that are kept now; 0 when it is larger than the budget, shorter than what is kept at all, or
            comes too late.

        Raises:
            PinLimitError: There is no room for another pin. The prefix is kept all the same.
        """
        if self._prefixes.lifetime.explicit and not points.marks:
            points = Breakpoints((Breakpoint(len(token_ids)),), points.content_ends)
        lease = self._prefixes.acquire(whose, self._grid.cut(token_ids, points.cuts), points, counts=counts)
        try:
            if self._prefixes.is_off or not lease.kept_until or since not in (None, lease.clears):
                return 0
            if len(lease.kept) < len(lease.blocks):
                done = self._complete(lease, len(token_ids), keep_last=True)
                if done.exact:
                    self._prefixes.give_buffer(lease, done.cache)
            if pin:
                self._prefixes.pin(lease)
            return lease.held_tokens
        finally:
            self._prefixes.release(lease)

    def unpin(self, token_ids: Sequence[int], whose: Owners, points: Breakpoints = NO_POINTS) -> bool:
        """End the pin of a prefix that `warm` pinned with the same arguments. False when there is none."""
        if self._prefixes.lifetime.explicit and not points.marks:
            points = Breakpoints((Breakpoint(len(token_ids)),), points.content_ends)
        return self._prefixes.unpin(whose[-1], self._grid.cut(token_ids, points.cuts))

    def explain(
        self, token_ids: Sequence[int], whose: Owners, points: Breakpoints = NO_POINTS, *, operator: bool = False
    ) -> Miss | None:
        """What of a prompt would be computed now, and why; None when nothing would. Computes and changes nothing.

        Args:
            token_ids: The prompt.
            whose: Whose blocks may be read.
            points: Its breakpoints.
            operator: Whether to tell that somebody else keeps what these owners may not read.
        """
        lease = self._prefixes.acquire(
            whose, self._grid.cut(token_ids, points.cuts), points, counts=False, renews=False
        )
        try:
            read = _readable(lease.kept, len(lease.blocks)) + self._prefixes.loadable(lease)
            if read == len(lease.blocks):
                return None
            cause, position = self._prefixes.why(lease, read)
            if operator and cause == "new" and self._prefixes.is_elsewhere(lease.blocks[: read + 1]):
                cause = "other_tenant"
            return self._miss(lease.blocks, (cause, position), len(token_ids) - lease.tokens(read), 0.0)
        finally:
            self._prefixes.release(lease)

    def _plain(self, blocks: Sequence[Block], capacity: int) -> Prefilled:
        cache = self._engine.new_cache(capacity)
        logits, seconds = self._passes.plain(blocks, cache)
        tell = functools.partial(self._miss, blocks, ("cache_off", 0), sum(map(len, blocks)), seconds)
        return Prefilled(cache, logits, tell=tell)

    def _complete(self, lease: PrefixLease, capacity: int, *, keep_last: bool = False) -> Prefilled:
        kept, total = lease.kept, len(lease.blocks)
        if len(kept) < total:
            loaded = self._prefixes.load_below(lease)
            # What is to be kept is computed where only rounded states are there.
            kept = (*kept, *(takewhile(lambda block: block.exact, loaded) if keep_last else loaded))
        known = _readable(kept, total)
        why = self._prefixes.why(lease, known) if known < total else None
        cache = self._buffer(lease, kept[:known], capacity)
        run = Run(lease, cache, known, keep_last=keep_last, exact=all(block.exact for block in kept[:known]))
        if known == total and kept[-1].logits is not None:
            run.logits = kept[-1].logits.clone()  # the caller may write into its logits
        self._passes.complete(run)
        read = lease.tokens(known) + (0 if self._prefixes.lifetime.explicit else run.followed_tokens)
        computed = lease.ends[-1] - lease.tokens(known) - run.followed_tokens
        tell = functools.partial(self._miss, lease.blocks, why, computed, run.seconds) if why and computed else None
        return Prefilled(
            cache=cache,
            logits=run.logits,
            cached_tokens=self._prefixes.lifetime.reported(read),
            written_tokens=run.written_tokens,
            tell=tell,
            lease=lease,
            last_seconds=run.last_seconds,
            exact=run.exact,
        )

    def _buffer(self, lease: PrefixLease, kept: Sequence[Kept], capacity: int) -> GrowingCache:
        """A cache with these blocks of the prompt in it."""
        taken = self._prefixes.take_buffer(lease, len(kept), capacity)
        # Rounded up with half a step to spare, so that a slightly longer question still fits.
        steps = (capacity + _ROOM_STEP // 2) // _ROOM_STEP + 1
        cache, held = taken or (self._engine.new_cache(steps * _ROOM_STEP), 0)
        cache.restore([block.states for block in kept], held)
        return cache

    def _miss(self, blocks: Sequence[Block], why: tuple[MissCause, int], tokens: int, seconds: float) -> Miss:
        (cause, position), ids = why, tuple(chain.from_iterable(blocks))
        turns = self._grid.turns(ids[: position + 1])
        heads = tuple(ids[start : start + _SHOWN_OF_A_TURN] for start in turns)
        return Miss(cause, position, tokens, seconds, ids[position : position + _SHOWN_TOKENS], heads)


def _readable(kept: Sequence[Kept], total: int) -> int:
    """Blocks to read of those found: a last one without logits, kept as a part of something longer, is read again."""
    return len(kept) - (len(kept) == total and kept[-1].logits is None)
