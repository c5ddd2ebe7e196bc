"""In which order kept blocks are given up: the least recently used leaf first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["EvictionOrder"]

T = TypeVar("T")

_SLACK = 64


class EvictionOrder(Generic[T]):
    """A queue of candidates by time of last use. Offering one again is cheap; stale offers drop out as they surface.

    Args:
        stamp: The candidate's time of last use if it may be evicted now, else None. An offer counts only while this
            is the stamp it was offered with.
    """

    def __init__(self, stamp: Callable[[T], int | None]) -> None:
        self._stamp = stamp
        self._offers: list[tuple[int, int, T]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._offers)

    def offer(self, candidate: T, live: int) -> None:
        """Add a candidate that may be evicted now. `live` is how many could exist at all; it bounds the queue."""
        stamp = self._stamp(candidate)
        if stamp is None:
            return
        self._push(stamp, candidate)
        if len(self._offers) > 2 * live + _SLACK:
            self._compact()

    def pop(self) -> T | None:
        """Take out the candidate that was used longest ago, or None when nothing may be evicted."""
        while self._offers:
            stamp, _, candidate = heapq.heappop(self._offers)
            if self._stamp(candidate) == stamp:
                return candidate
        return None

    def _push(self, stamp: int, candidate: T) -> None:
        self._serial += 1  # breaks ties, so that candidates themselves are never compared
        heapq.heappush(self._offers, (stamp, self._serial, candidate))

    def _compact(self) -> None:
        current = {id(offer[2]): offer for offer in self._offers if self._stamp(offer[2]) == offer[0]}
        self._offers = list(current.values())
        heapq.heapify(self._offers)
