"""The vector indexes of the scopes in use, each kept in step with SQL."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.database import Database
from storage.indexes import vector_rows
from storage.indexes.graph import ROUNDING
from storage.indexes.growth import Growth
from storage.indexes.index import VectorIndex
from storage.indexes.large_settings import LargeSettings
from storage.indexes.partition import Partition
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment_files import SegmentFiles, index_folder
from storage.indexes.segment_maker import Progress, SegmentMaker

__all__ = ["Found", "PartitionKey", "Partitions"]


class Found(NamedTuple):
    """An id near a vector, and the revision of the row its vector was read from."""

    id: int
    similarity: float
    revision: int


class _Place:
    """Room for one partition. Its lock is held while the partition is loaded, followed or searched."""

    __slots__ = ("lock", "partition")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.partition: Partition | None = None


class Partitions:
    """One index a scope, embedder and width, loaded when first searched. Thread-safe: loading one, which may take
    seconds, holds up those who search in the same scope, and nobody else.

    What was added, changed or deleted since, by whatever process, is taken over before each search. A partition that
    became large is built anew in a thread aside, from SQL; the index that it had serves until then.

    Args:
        make_index: A small index of that width.
        most: How many are kept in memory.
        large: From when on an index is a large one, and how it is built.
        on_progress: Told how many vectors of how many a large index has by now, from the thread that builds it.
    """

    def __init__(
        self,
        database: Database,
        make_index: Callable[[int], VectorIndex],
        most: int,
        large: LargeSettings | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._make_index = make_index
        self._most = most
        self._settings = large or LargeSettings()
        folder = index_folder(database.place)
        files = SegmentFiles(folder, self._settings) if folder else None
        self._maker = SegmentMaker(database, self._settings, files, on_progress)
        self._growth = Growth(self._maker, self._settings)
        self._places: OrderedDict[PartitionKey, _Place] = OrderedDict()
        self._lock = threading.Lock()  # of the places; never held for long

    def search(self, key: PartitionKey, vector: NDArray[np.float32], k: int) -> list[Found]:
        """At most k of the partition, best first."""
        with self._current(key) as partition:
            found = partition.index.search(vector, k)
            # Both change together: what the index has, has a revision.
            return [Found(one, near, partition.revisions[one]) for one, near in found]

    def size(self, key: PartitionKey) -> int:
        """How many vectors there are."""
        with self._current(key) as partition:
            return len(partition.index)

    def compared(self, key: PartitionKey, vector: NDArray[np.float32], ids: Iterable[int], most: int) -> list[Found]:
        """The first `most` of the ids that have a vector here, in the order they were given."""
        with self._current(key) as partition:
            revisions, index = partition.revisions, partition.index
            there = islice(((one, index.vector(one)) for one in ids if one in revisions), most)
            return [Found(one, float(row @ vector), revisions[one]) for one, row in there if row is not None]

    def forget(self, key: PartitionKey, found: Sequence[Found]) -> None:
        """Drop what was found and has no such row any more, unless it was brought up to date in the meantime."""
        with self._loaded(key) as partition:
            if partition is not None:
                partition.drop([one.id for one in found if partition.revisions.get(one.id) == one.revision])

    def compare(self, key: PartitionKey) -> None:
        """Drop every id whose row is gone or another one now: one pass, where forgetting would take many."""
        with self._loaded(key) as partition:
            if partition is not None:
                partition.compare(self._database)

    def problems(self) -> Iterator[str]:
        """Where a loaded index and the rows it was made from say different things."""
        with self._lock:
            keys = list(self._places)
        for key in keys:
            with self._current(key) as partition:
                found = list(self._problems(partition))
            yield from found

    def settle(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the large index that is being made, if any; whether it is ready. The next search takes it."""
        return self._growth.wait(timeout_seconds)

    def close(self) -> None:
        """Have what is done aside stop, and wait for it. Idempotent."""
        self._growth.close()

    @contextmanager
    def _current(self, key: PartitionKey) -> Iterator[Partition]:
        """The partition as SQL is now; nobody else has it."""
        place = self._place(key)
        with place.lock:
            partition = self._grown(key) or place.partition or self._opened(key)
            place.partition = partition  # what fails from here on leaves what was loaded
            partition.follow(self._database)
            if len(partition.index) < self._settings.least // 4 and not partition.is_exact:
                self._maker.discard(key)
                partition = place.partition = self._exact(key)
            if self._places.get(key) is place:  # else it was given up meanwhile, and nobody would take what is made
                self._growth.start(partition)
            yield partition

    @contextmanager
    def _loaded(self, key: PartitionKey) -> Iterator[Partition | None]:
        """The partition as it is, if it is loaded; nobody else has it."""
        with self._lock:
            place = self._places.get(key)
        if place is None:
            yield None
            return
        with place.lock:
            yield place.partition

    def _place(self, key: PartitionKey) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > self._most:  # whoever is in there comes to his end with it
                self._growth.forget(self._places.popitem(last=False)[0])
            return place

    def _grown(self, key: PartitionKey) -> Partition | None:
        segment = self._growth.take(key)
        return None if segment is None else Partition.of(key, segment)

    def _opened(self, key: PartitionKey) -> Partition:
        segment = self._maker.load(key)
        if segment is None:
            return self._exact(key)
        partition = Partition.of(key, segment)
        partition.follow(self._database)
        if partition.mend(self._database, self._settings.dead_share * len(segment.ids)):
            return partition
        self._maker.discard(key)
        return self._exact(key)

    def _exact(self, key: PartitionKey) -> Partition:
        partition = Partition.empty(key, self._make_index(key.dimensions))
        partition.follow(self._database)
        return partition

    def _problems(self, partition: Partition) -> Iterator[str]:
        missing = list[int]()
        for rows in vector_rows.pages(self._database, partition.key, 0):
            for one, revision, vector in zip(rows.ids.tolist(), rows.revisions.tolist(), rows.vectors, strict=True):
                if revision > partition.seen:
                    continue
                known = partition.index.vector(one)
                if known is None:
                    missing.append(one)
                elif not np.allclose(known, vector, rtol=0, atol=ROUNDING):
                    yield f"entry {one}: its vector in the index is another one"
        # What has expired is dropped when it is found, and swept away from SQL later.
        for one in vector_rows.lasting(self._database, missing):
            yield f"entry {one}: its vector in the index is missing"
