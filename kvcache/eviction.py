"""In which order kept blocks are given up: the one of least worth first, or the least recently used.

    worth = seconds that computing it took × uses that are still to be expected ÷ bytes

A use counts half after each half-life. All blocks lose worth at the same rate, so the order of two changes only when
one is used: the logarithm of the worth, with the time taken out, is a rank that can wait in a queue.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["EvictionOrder", "Record", "used_again", "worth", "worth_rank"]

T = TypeVar("T")

_SLACK = 64
#: A block that took no measurable time is still worth more the more often it is used.
_LEAST_SECONDS = 1e-9


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a block when its worth is asked for.

    Args:
        seconds: What computing it took.
        size: Its bytes.
        uses: Uses up to now, each halved for every half-life that has passed since; see `used_again`.
        used_at: When `uses` was counted, in seconds (those of PrefixTree, which budgets that turn over make longer).
    """

    seconds: float
    size: int
    uses: float
    used_at: float


def used_again(uses: float, idle_seconds: float, half_life: float) -> float:
    """Uses after one more, `idle_seconds` after the one before."""
    return 1.0 + uses * math.exp2(-max(0.0, idle_seconds) / half_life)


def worth(record: Record, now: float, half_life: float) -> float:
    """Seconds that a byte is expected to save, as of `now`."""
    expected = record.uses * math.exp2(-(now - record.used_at) / half_life)
    return max(record.seconds, _LEAST_SECONDS) * expected / max(1, record.size)


def worth_rank(record: Record, half_life: float) -> float:
    """A number that orders records as `worth` does at any one time, and does not change while time passes."""
    density = max(record.seconds, _LEAST_SECONDS) * record.uses / max(1, record.size)
    return math.log2(density) + record.used_at / half_life


class EvictionOrder(Generic[T]):
    """A queue of candidates by rank. Offering one again is cheap; stale offers drop out as they surface.

    Args:
        rank: The candidate's rank if it may be evicted now, else None. An offer counts only while this is the rank it
            was offered with.
    """

    def __init__(self, rank: Callable[[T], float | None]) -> None:
        self._rank = rank
        self._offers: list[tuple[float, int, T]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._offers)

    def offer(self, candidate: T, live: int) -> None:
        """Add a candidate that may be evicted now. `live` is how many could exist at all; it bounds the queue."""
        rank = self._rank(candidate)
        if rank is None:
            return
        self._push(rank, candidate)
        if len(self._offers) > 2 * live + _SLACK:
            self._compact()

    def pop(self) -> T | None:
        """Take out the candidate of the lowest rank, or None when nothing may be evicted."""
        while self._offers:
            rank, _, candidate = heapq.heappop(self._offers)
            if self._rank(candidate) == rank:
                return candidate
        return None

    def _push(self, rank: float, candidate: T) -> None:
        self._serial += 1  # breaks ties, so that candidates themselves are never compared
        heapq.heappush(self._offers, (rank, self._serial, candidate))

    def _compact(self) -> None:
        current = {id(offer[2]): offer for offer in self._offers if self._rank(offer[2]) == offer[0]}
        self._offers = list(current.values())
        heapq.heapify(self._offers)
