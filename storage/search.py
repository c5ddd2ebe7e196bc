"""Finding entries by what they mean and by their rare words. What an index says is held against the rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from storage.database import Database
from storage.entry import Entry, Neighbour
from storage.lexical import ranked
from storage.partitions import Found, PartitionKey, Partitions
from storage.queries import BY_IDS
from storage.rows import entry_of, vector_of

__all__ = ["Search", "Searching"]

_TOLERANCE = 2e-3
"""A large index keeps half precision."""


class Searching(Protocol):
    """What finds neighbours. Thread-safe. Whatever it keeps is made from the entries, and follows them."""

    def nearest(self, key: PartitionKey, query: NDArray[np.float32], k: int) -> tuple[Neighbour, ...]:
        """At most k entries of the scope, embedder and width of the key by cosine, best first, as they are now.

        `query` is (dimensions,) of unit length, k at least 1.
        """
        ...

    def lexical(
        self, key: PartitionKey, words: Collection[str], query: NDArray[np.float32], k: int
    ) -> tuple[Neighbour, ...]:
        """At most k of them that share the rarest words, best first by BM25; their similarity is the cosine."""
        ...

    def problems(self) -> Iterator[str]:
        """Where what it keeps and the entries say different things."""
        ...

    def close(self) -> None:
        """Have what is done aside stop, and wait for it. Idempotent."""
        ...


class Search:
    """Neighbours of a vector. Thread-safe. `clock` gives seconds since the epoch."""

    def __init__(self, database: Database, partitions: Partitions, clock: Callable[[], float]) -> None:
        self._database = database
        self._partitions = partitions
        self._clock = clock

    def nearest(self, key: PartitionKey, query: NDArray[np.float32], k: int) -> tuple[Neighbour, ...]:
        """At most k entries of the partition by cosine, best first. See `storage.Store.nearest`."""
        asked_for = k
        while True:
            found = self._partitions.search(key, query, asked_for)
            rows = self._current(found, key, query)
            stale = [one for one in found if one.id not in rows]
            if stale:
                self._partitions.forget(key, stale)
                # A few may be deleted while we look; where there are more, they were deleted by another process.
                if asked_for > k:
                    self._partitions.compare(key)
            if not stale or len(rows) >= k:
                return tuple(_neighbour(rows[one.id], one) for one in found if one.id in rows)[:k]
            # What has expired has its row still, and no comparison finds it: more at a time, so that few rounds do.
            asked_for *= 4

    def lexical(
        self, key: PartitionKey, words: Collection[str], query: NDArray[np.float32], k: int
    ) -> tuple[Neighbour, ...]:
        """At most k entries of the partition that share the rarest words, best first. See `storage.Store.lexical`."""
        size = self._partitions.size(key)
        best = ranked(self._database, key.scope, words, size) if size else []
        found = self._partitions.compared(key, query, best, k)
        rows = self._current(found, key, query)
        return tuple(_neighbour(rows[one.id], one) for one in found if one.id in rows)

    def problems(self) -> Iterator[str]:
        """Where a loaded index and the rows it was made from say different things."""
        return self._partitions.problems()

    def close(self) -> None:
        """Have a large index that is being made stop, and wait for it. Idempotent."""
        self._partitions.close()

    def _current(self, found: Sequence[Found], key: PartitionKey, query: NDArray[np.float32]) -> dict[int, Entry]:
        """The entries whose row has the vector that was found, by id: whatever an index says, nothing else leaves here.

        Revisions alone do not prove it: a database that was put back to an older state counts them again.
        """
        if not found:
            return {}
        known = {one.id: one for one in found}
        rows = self._database.rows(BY_IDS, {"ids": list(known), "now": self._clock()})
        current = {}
        for *values, revision, vector in rows:
            one, entry = known[values[0]], entry_of(values)
            same = revision == one.revision and (entry.scope, entry.embedder) == (key.scope, key.embedder)
            if same and len(vector) == 4 * key.dimensions:
                similarity = float(vector_of(vector) @ query)
                if abs(similarity - one.similarity) <= _TOLERANCE:
                    current[entry.id] = entry
        return current


def _neighbour(entry: Entry, found: Found) -> Neighbour:
    return Neighbour(entry, min(1.0, max(-1.0, found.similarity)))
