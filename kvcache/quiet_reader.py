"""Prefixes that are read one block at a time, each when no request has computed for a moment.

    block     | 1 | 2 |   a request computes   | 3 | 4 |
    between   checked: cancelled? has every request been done for a moment?

A request that comes while a block is being read waits for that block, and for no other. Where the lifetime keeps
nothing below a minimum, the first step is that long, and requests take turns with its blocks.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
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
            with self._activity.in_background():
                kept = self._prefiller.warm(token_ids[:end], whose, points.up_to(end), since=since)
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
