"""Approximate search over many vectors: a graph that does not change, and what came since."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storage.indexes.faiss_index import FaissIndex
from storage.indexes.large_settings import LargeSettings
from storage.indexes.segment import DEAD, Segment

__all__ = ["LargeIndex"]


class LargeIndex:
    """What is added is compared one by one, what is removed or replaced is marked: neither touches the graph.

    Both cost more the longer it goes on; `is_due` says when to make a new segment, and `LargeIndex` of it goes on.
    """

    def __init__(self, segment: Segment, dimensions: int) -> None:
        self.segment = segment
        self.since = FaissIndex(dimensions)
        self._alive = segment.id_of != DEAD
        self._living = len(segment.ids)

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) rows; an id that is there gets the new vector."""
        self._bury(ids)
        self.since.add(ids, vectors)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove vectors."""
        self._bury(ids)
        self.since.remove(ids)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """At most k (id, cosine), best first, equal ones by id."""
        found = self.since.search(vector, k)
        if self._living:
            alive = self._alive if self._living < len(self.segment.id_of) else None
            places, near = self.segment.graph.search(vector, min(k, self._living), alive)
            found += zip(self.segment.id_of[places].tolist(), near, strict=True)
        return sorted(found, key=lambda one: (-one[1], one[0]))[:k]

    def vector(self, one: int) -> NDArray[np.float32] | None:
        """The (dimensions,) vector of an id, None where it is not there."""
        found = self.since.vector(one)
        if found is None and (place := self._place(one)) is not None:
            found = self.segment.graph.vector(place)
        return found

    def dead(self) -> NDArray[np.int64]:
        """The places in the graph at which nothing lives."""
        return np.flatnonzero(~self._alive)

    def is_due(self, settings: LargeSettings) -> bool:
        """Whether so much came since that it should be merged."""
        return len(self.since) >= max(settings.merge_least, settings.merge_share * len(self.segment.id_of))

    def is_worn(self, settings: LargeSettings) -> bool:
        """Whether so much is dead that the graph should be built anew."""
        return len(self.segment.id_of) - self._living > settings.dead_share * len(self.segment.id_of)

    def __len__(self) -> int:
        return self._living + len(self.since)

    @property
    def living(self) -> int:
        """How many vectors of the segment are still there."""
        return self._living

    def _bury(self, ids: Sequence[int]) -> None:
        for one in ids:
            place = self._place(one)
            if place is not None:
                self._alive[place] = False
                self._living -= 1

    def _place(self, one: int) -> int | None:
        place = self.segment.place(one)
        return place if place is not None and self._alive[place] else None
