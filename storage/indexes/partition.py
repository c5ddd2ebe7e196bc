"""One index and the rows it holds, as of a revision of the store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storage.database import Database
from storage.indexes import vector_rows
from storage.indexes.growing import Extension
from storage.indexes.index import VectorIndex
from storage.indexes.large_index import LargeIndex
from storage.indexes.partition_key import PartitionKey
from storage.indexes.revisions import Revisions
from storage.indexes.segment import Segment
from storage.indexes.vector_rows import Rows

__all__ = ["Partition"]

_SOME = 500
_Numbers = NDArray[np.int64]


class Partition:
    """Not thread-safe: its owner locks.

    Attributes:
        index: The vectors.
        revisions: Of each id in the index, of which row its vector is.
        seen: Up to which revision of the store everything is in it.
    """

    def __init__(self, key: PartitionKey, index: VectorIndex, revisions: Revisions, seen: int) -> None:
        self.key = key
        self.index = index
        self.revisions = revisions
        self.seen = seen

    @classmethod
    def empty(cls, key: PartitionKey, index: VectorIndex) -> Partition:
        """Without anything; the first `follow` fills it."""
        return cls(key, index, Revisions(), 0)

    @classmethod
    def of(cls, key: PartitionKey, segment: Segment) -> Partition:
        """With what a segment holds."""
        index = LargeIndex(segment, key.dimensions)
        return cls(key, index, Revisions(segment.ids, segment.revisions), segment.mark)

    @property
    def is_exact(self) -> bool:
        """Whether every vector is compared with."""
        return not isinstance(self.index, LargeIndex)

    def follow(self, database: Database) -> None:
        """Take over what was added, changed and deleted since, by whatever process.

        Raises:
            StorageError: The store cannot be read.
        """
        revision = database.revision()
        if revision == self.seen:
            return
        if revision < self.seen:  # the store was put back to an older state
            self.compare(database)
            self.seen = 0
        if self.seen:
            self._drop_deleted(database)
        for rows in vector_rows.pages(database, self.key, self.seen):
            self._take(rows)
        self.seen = revision

    def compare(self, database: Database) -> None:
        """Drop every id whose row is gone or another one now: one pass, where dropping one by one would take many."""
        ids, revisions = self.revisions.arrays()
        current = _among(ids, revisions, *vector_rows.revisions(database, self.key))
        self.drop(ids[~current].tolist())

    def drop(self, ids: Sequence[int]) -> None:
        """Forget ids; those that are not there are passed over."""
        self.index.remove(ids)
        self.revisions.drop(ids)

    def extension(self) -> Extension | None:
        """What became of its segment; None where it has none. Copied: it may change while a segment is made of it."""
        index = self.index
        if not isinstance(index, LargeIndex):
            return None
        ids, vectors = index.since.rows()
        revisions = np.fromiter((self.revisions.get(one) or 0 for one in ids.tolist()), np.int64, len(ids))
        return Extension(index.segment, index.dead(), Rows(ids, revisions, vectors), self.seen)

    def mend(self, database: Database, most: float) -> bool:
        """Take over the rows that its segment should hold and does not; False where they are more than `most`.

        What was found to be expired was dropped, and may live again; and of a store that was put back to an older state
        and went on, revisions alone do not tell all. After `follow`.
        """
        index = self.index
        mark = index.segment.mark if isinstance(index, LargeIndex) else 0
        if not isinstance(index, LargeIndex):
            return True
        # A store that was put back parts from its index at one revision: what it wrote last is where they differ.
        same = all(self.revisions.get(one) == its for one, its in vector_rows.newest(database, self.key, mark))
        if same and index.living == vector_rows.count_until(database, self.key, mark):
            return True
        self.compare(database)
        there, its = vector_rows.revisions(database, self.key)
        missing = there[~_among(there, its, *_by_id(*self.revisions.arrays()))].tolist()
        if len(missing) > most:
            return False
        for start in range(0, len(missing), _SOME):
            self._take(vector_rows.of_key(database, self.key, missing[start : start + _SOME]))
        return True

    def _take(self, rows: Rows) -> None:
        ids = rows.ids.tolist()
        self.index.add(ids, rows.vectors)
        self.revisions.put(ids, rows.revisions.tolist())

    def _drop_deleted(self, database: Database) -> None:
        gone = vector_rows.deleted_since(database, self.key.scope, self.seen)
        if gone is None:
            self.compare(database)
        elif gone:
            self.drop(gone)


def _among(ids: _Numbers, revisions: _Numbers, there: _Numbers, its: _Numbers) -> NDArray[np.bool_]:
    """Which of the ids are `there`, ascending, with the same revision."""
    if not len(there):
        return np.zeros(len(ids), dtype=np.bool_)
    at = np.minimum(np.searchsorted(there, ids), len(there) - 1)
    return np.asarray((there[at] == ids) & (its[at] == revisions))


def _by_id(ids: _Numbers, revisions: _Numbers) -> tuple[_Numbers, _Numbers]:
    order = np.argsort(ids)
    return ids[order], revisions[order]
