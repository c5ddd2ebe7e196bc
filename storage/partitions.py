"""The vector indexes of the scopes in use, each kept in step with SQL."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from storage.database import Database
from storage.index import VectorIndex
from storage.rows import vector_of
from storage.tables import entries

__all__ = ["Found", "PartitionKey", "Partitions"]


class PartitionKey(NamedTuple):
    """What the vectors of one index have in common."""

    scope: str
    embedder: str
    dimensions: int


class Found(NamedTuple):
    """An id near a vector, and the revision of the row its vector was read from."""

    id: int
    similarity: float
    revision: int


@dataclass(slots=True)
class _Partition:
    index: VectorIndex
    revisions: dict[int, int] = field(default_factory=dict)
    """Of each id in the index. An id and a revision name one vector for ever."""
    newest: int = 0
    seen: int = -1


class Partitions:
    """One index a scope, embedder and width, loaded from SQL when first searched. Not thread-safe: the store locks.

    Rows that were added or changed since, by whatever process, are fetched before each search; rows that were deleted
    are told by the caller, who finds them missing.
    """

    def __init__(self, database: Database, make_index: Callable[[int], VectorIndex], most: int) -> None:
        self._database = database
        self._make_index = make_index
        self._most = most
        self._loaded: OrderedDict[PartitionKey, _Partition] = OrderedDict()

    def search(self, key: PartitionKey, vector: NDArray[np.float32], k: int) -> list[Found]:
        """At most k of the partition, best first."""
        partition = self._current(key)
        return [Found(one, near, partition.revisions[one]) for one, near in partition.index.search(vector, k)]

    def size(self, key: PartitionKey) -> int:
        """How many vectors there are."""
        return len(self._current(key).index)

    def compared(self, key: PartitionKey, vector: NDArray[np.float32], ids: Iterable[int], most: int) -> list[Found]:
        """The first `most` of the ids that have a vector here, in the order they were given."""
        partition = self._current(key)
        there = islice(((one, partition.index.vector(one)) for one in ids if one in partition.revisions), most)
        return [Found(one, float(row @ vector), partition.revisions[one]) for one, row in there if row is not None]

    def forget(self, key: PartitionKey, found: Sequence[Found]) -> None:
        """Drop what was found and has no such row any more, unless it was brought up to date in the meantime."""
        partition = self._loaded.get(key)
        if partition is not None:
            _drop(partition, [one.id for one in found if partition.revisions.get(one.id) == one.revision])

    def compare(self, key: PartitionKey) -> None:
        """Drop every id whose row is gone or another one now: one pass, where forgetting would take many."""
        partition = self._loaded.get(key)
        if partition is not None:
            there = self._revisions(key)
            _drop(partition, [one for one, its in partition.revisions.items() if there.get(one) != its])

    def problems(self) -> Iterator[str]:
        """Where a loaded index and the rows it was made from say different things."""
        for key in list(self._loaded):
            partition = self._current(key)
            for row in self._rows(key, 0):
                if row.revision > partition.newest or len(row.vector) != key.dimensions * 4:
                    continue
                known = partition.index.vector(row.id)
                if known is None or not np.array_equal(known, vector_of(row.vector)):
                    yield f"entry {row.id}: its vector in the index is {'missing' if known is None else 'another one'}"

    def _current(self, key: PartitionKey) -> _Partition:
        partition = self._loaded.get(key)
        if partition is None:
            partition = self._loaded[key] = _Partition(self._make_index(key.dimensions))
        self._loaded.move_to_end(key)
        while len(self._loaded) > self._most:
            self._loaded.popitem(last=False)
        revision = self._database.revision()
        if revision != partition.seen:
            self._top_up(partition, key)
            partition.seen = revision
        return partition

    def _top_up(self, partition: _Partition, key: PartitionKey) -> None:
        rows = self._rows(key, partition.newest)
        fitting = [row for row in rows if len(row.vector) == key.dimensions * 4]
        if fitting:
            partition.index.add([row.id for row in fitting], np.stack([vector_of(row.vector) for row in fitting]))
            partition.revisions.update((row.id, row.revision) for row in fitting)
        if rows:
            partition.newest = rows[-1].revision

    def _rows(self, key: PartitionKey, after: int) -> list[_VectorRow]:
        wanted = (
            select(entries.c.id, entries.c.revision, entries.c.vector)
            .where(entries.c.scope == key.scope, entries.c.embedder == key.embedder, entries.c.revision > after)
            .where(entries.c.vector.is_not(None))
            .order_by(entries.c.revision)
        )
        with self._database.read() as connection:
            return [_VectorRow(*row) for row in connection.execute(wanted)]

    def _revisions(self, key: PartitionKey) -> dict[int, int]:
        wanted = select(entries.c.id, entries.c.revision)
        wanted = wanted.where(entries.c.scope == key.scope, entries.c.embedder == key.embedder)
        with self._database.read() as connection:
            return {row.id: row.revision for row in connection.execute(wanted)}


class _VectorRow(NamedTuple):
    id: int
    revision: int
    vector: bytes


def _drop(partition: _Partition, ids: Sequence[int]) -> None:
    partition.index.remove(ids)
    for one in ids:
        partition.revisions.pop(one, None)
