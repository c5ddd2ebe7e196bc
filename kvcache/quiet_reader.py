"""Prefixes that are read one block at a time, each when no request has computed for a moment.

    block     | 1 | 2 |   a request computes   | 3 | 4 |
    between   checked: cancelled? has every request been done for a moment?

A request that comes while a block is being read waits for that block, and for no other. Where the lifetime keeps
nothing below a minimum, the first step is that long, and requests take turns with its blocks.
"""

from __future__ import annotations

import atexit
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kvcache.breakpoints import Breakpoints
from kvcache.leases import NO_POINTS
from kvcache.scopes import Owners

if TYPE_CHECKING:
    from kvcache.activity import Activity
    from kvcache.grid import Grid
    from kvcache.prefill import Prefiller

__all__ = ["QuietReader"]

_LEAST_WAIT_SECONDS = 0.001


class _Passes:
    """Passes in the background, which end before the interpreter does: one that is cut off there takes the process down
    with an abort."""

    def __init__(self) -> None:
        self._none = threading.Condition()
        self._running = 0
        self._is_over = False
        atexit.register(self.end)

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Around a pass; False when there may be no more."""
        with self._none:
            may_run = not self._is_over
            self._running += may_run
        try:
            yield may_run
        finally:
            with self._none:
                self._running -= may_run
                self._none.notify_all()

    def end(self) -> None:
        """Let no pass begin, and wait for those that run."""
        with self._none:
            self._is_over = True
            self._none.wait_for(lambda: self._running == 0)


_PASSES = _Passes()


class QuietReader:
    """Reads for one model. Safe to use from many threads.

    Args:
        prefiller: Computes and keeps.
        activity: Knows when requests compute.
        grid: Says where to pause.
        min_tokens: What the lifetime keeps at the least.
    """

    def __init__(self, prefiller: Prefiller, activity: Activity, grid: Grid, min_tokens: int) -> None:
        self._prefiller = prefiller
        self._activity = activity
        self._grid = grid
        self._min_tokens = min_tokens

    def read(
        self,
        token_ids: tuple[int, ...],
        whose: Owners,
        points: Breakpoints = NO_POINTS,
        *,
        quiet_seconds: float,
        cancelled: threading.Event,
        after_block: Callable[[int], None] = lambda _: None,
        since: int | None = None,
    ) -> int:
        """Read a prefix.

        Args:
            token_ids: The prefix.
            whose: Whose blocks it may begin with; it is kept for the last.
            points: Its breakpoints.
            quiet_seconds: How long no request must have computed before the next block is begun.
            cancelled: Once set, no further block is begun.
            after_block: Called with the tokens that have been dealt with.
            since: As for `Prefiller.warm`.

        Returns:
            Tokens of it that are kept.
        """
        kept = 0
        for end in self._steps(token_ids, points):
            if not self._is_quiet(quiet_seconds, cancelled):
                break
            with _PASSES.one() as may_run, self._activity.in_background():
                if not may_run:
                    break
                kept = self._prefiller.warm(token_ids[:end], whose, points.up_to(end), since=since, counts=False)
            after_block(end)
        return kept

    def _is_quiet(self, quiet_seconds: float, cancelled: threading.Event) -> bool:
        """Wait until requests are done. False when cancelled."""
        while not cancelled.is_set():
            left = quiet_seconds - self._activity.quiet_seconds()
            if left <= 0:
                return True
            cancelled.wait(max(left, _LEAST_WAIT_SECONDS))
        return False

    def _steps(self, token_ids: tuple[int, ...], points: Breakpoints) -> Iterable[int]:
        """Where to pause: at the end of each block, but not before there is so much that the lifetime keeps it."""
        least = min(self._min_tokens, len(token_ids))
        blocks = self._grid.cut(token_ids, points.cuts)
        return (end for end in itertools.accumulate(map(len, blocks)) if end >= least)
