"""The forward passes of a prompt, block by block: each is computed by one request, and read by all others at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from kvcache.engine import Engine
from kvcache.flight import Flight, Flights
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.layer import GrowingCache
from kvcache.leases import Computed, PrefixLease
from kvcache.prefix_cache import PrefixCache

__all__ = ["Passes", "Run"]


@dataclass(slots=True)
class Run:
    """A prompt on its way to its logits.

    Args:
        lease: What it found, and where what it computes is kept.
        cache: Holds the states of the first `index` blocks.
        index: The next block.
        keep_last: Whether the last block is kept at once.
        exact: Whether all that is in the cache is exact. If not, nothing that comes of it is kept.

    `shared` is whether it has met another request on its way: then its last block is kept at once too, for the other
    may want it next. `logits` are those after the prompt when it is complete. `seconds` are those of its passes,
    `last_seconds` of the last one. `followed_tokens` were read from what others computed meanwhile.
    """

    lease: PrefixLease
    cache: GrowingCache
    index: int
    keep_last: bool = False
    exact: bool = True
    shared: bool = False
    logits: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    written_tokens: int = 0
    followed_tokens: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0

    @property
    def is_last(self) -> bool:
        """Whether the next block is the last."""
        return self.index + 1 == len(self.lease.blocks)


class Passes:
    """Completes runs of one model. A request waits only for blocks that it may read; see flight.py.

    Args:
        engine: Runs the forward passes.
        prefixes: Where blocks are kept.
        grid: Says which blocks are whole.
        clock: Seconds, to measure passes with.
    """

    def __init__(self, engine: Engine, prefixes: PrefixCache, grid: Grid, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._prefixes = prefixes
        self._grid = grid
        self._clock = clock
        self._flights = Flights()

    def plain(self, blocks: Sequence[Block], cache: GrowingCache) -> tuple[torch.Tensor, float]:
        """Run all blocks and keep none. Returns the logits after them, and the seconds it took."""
        began, logits = self._clock(), torch.empty(0)
        for block in blocks:
            logits = self._engine.forward(block, cache)
        return logits, self._clock() - began

    def complete(self, run: Run) -> None:
        """Run or read the blocks from `run.index` on, keeping what is computed, but the last block only if asked to."""
        while run.index < len(run.lease.blocks):
            if run.exact and self._prefixes.keeps(run.lease, run.index):
                self._share(run)
            else:
                self._pass(run)

    def keep(self, lease: PrefixLease, index: int, cache: GrowingCache, after: tuple[torch.Tensor, float]) -> bool:
        """Keep a block whose states are in the cache, if that can be; `after` are its logits and seconds."""
        if not self._prefixes.keeps(lease, index):
            return False
        size, (logits, seconds) = len(lease.blocks[index]), after
        # Most whole blocks lie inside a turn, where no prompt ends.
        ends = size < self._grid.block_tokens or index + 1 == len(lease.blocks)
        try:
            states = cache.copy_block(lease.ends[index] - size, lease.ends[index])
            kept = Kept(states, logits.clone() if ends else None)
        except (RuntimeError, MemoryError):  # no memory for a copy: the request has what it needs all the same
            self._prefixes.count(failed_blocks=1)
            return False
        return self._prefixes.insert(lease, index, Computed(kept, seconds))

    def _share(self, run: Run) -> None:
        """Take the next step together with whoever takes the same one now."""
        if self._read_on(run):
            return
        flight, is_mine = self._flights.board(run.lease.owners, run.lease.next_hash)
        if not is_mine:
            run.shared = True
            flight.wait()
            if flight.failed:
                self._pass(run)
            return
        failed = False
        try:
            # It may have been kept between the first look and this flight.
            failed = not self._read_on(run) and not self._pass(run, flight)
        finally:
            self._flights.land(flight, failed=failed)
            run.shared = run.shared or flight.waiting > 0

    def _read_on(self, run: Run) -> bool:
        """Read what others have kept of the prompt by now. False when there is nothing."""
        found = self._prefixes.advance(run.lease)
        if not found:
            return False
        if run.index + len(found) == len(run.lease.blocks):
            if found[-1].logits is None:
                found = found[:-1]
            else:
                run.logits = found[-1].logits.clone()
        start = run.index
        run.cache.fill([kept.states for kept in found])
        run.index += len(found)
        run.followed_tokens += run.lease.tokens(run.index) - run.lease.tokens(start)
        return True

    def _pass(self, run: Run, flight: Flight | None = None) -> bool:
        """Compute the next block. False when it was to be kept and could not be."""
        lease, index, began = run.lease, run.index, self._clock()
        run.logits = self._engine.forward(lease.blocks[index], run.cache)
        run.last_seconds = self._clock() - began
        run.seconds += run.last_seconds
        is_last = run.is_last
        run.index += 1
        if is_last and not (run.keep_last or run.shared or (flight and flight.waiting)):
            return True
        kept = run.exact and self.keep(lease, index, run.cache, (run.logits, run.last_seconds))
        run.written_tokens += len(lease.blocks[index]) if kept else 0
        return kept
