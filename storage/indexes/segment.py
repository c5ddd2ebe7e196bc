"""The part of a large index that does not change: a graph, and of which rows its vectors are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.indexes.graph import Graph

__all__ = ["DEAD", "Segment"]

DEAD = -1
"""The id at the place of a vector that was deleted or replaced before the segment was made."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Args:
    graph: The vectors by place.
    id_of: (places,) int64, the id at each place or DEAD.
    ids: (n,) int64 ascending, those that live.
    revisions: (n,) int64, of which revision the vector of each of `ids` is.
    places: (n,) int32, where the vector of each of `ids` is.
    mark: It holds every change up to this revision of the store.
    """

    graph: Graph
    id_of: NDArray[np.int64]
    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    places: NDArray[np.int32]
    mark: int

    @classmethod
    def of(cls, graph: Graph, id_of: NDArray[np.int64], revision_of: NDArray[np.int64], mark: int) -> Segment:
        """A segment from ids and revisions by place. Of an id at two places the last one counts."""
        last, first = np.unique(id_of[::-1], return_index=True)
        living = last != DEAD
        places = (len(id_of) - 1 - first[living]).astype(np.int32)
        ids, kept = last[living], np.full(len(id_of), DEAD, dtype=np.int64)
        kept[places] = ids
        return cls(graph, kept, ids, revision_of[places], places, mark)

    def revision_of(self) -> NDArray[np.int64]:
        """(places,) int64: the revision at each place, 0 where nothing lives."""
        revisions = np.zeros(len(self.id_of), dtype=np.int64)
        revisions[self.places] = self.revisions
        return revisions

    def place(self, one: int) -> int | None:
        """Where the vector of an id is, None where it is not there."""
        at = int(np.searchsorted(self.ids, one))
        return int(self.places[at]) if at < len(self.ids) and self.ids[at] == one else None
