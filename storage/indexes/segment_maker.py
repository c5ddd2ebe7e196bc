"""Making segments: from the rows of SQL, or from a segment and what came since."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from storage.database import Database
from storage.indexes import vector_rows
from storage.indexes.graph import ROUNDING
from storage.indexes.growing import Extension, Growing
from storage.indexes.large_settings import LargeSettings
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment import Segment
from storage.indexes.segment_files import SegmentFiles

__all__ = ["Check", "Progress", "SegmentMaker"]

_POLL_SECONDS = 0.2
_PROBED = 32

Check = Callable[[], None]
Progress = Callable[[int, int], None]


class SegmentMaker:
    """Makes, keeps and loads the segments of a store. Safe for many threads and processes: one makes, the others wait.

    Args:
        files: None keeps them in memory alone.
        on_progress: Told how many vectors of how many are done, from the thread that makes.
    """

    def __init__(
        self,
        database: Database,
        settings: LargeSettings,
        files: SegmentFiles | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._files = files
        self._on_progress = on_progress

    def load(self, key: PartitionKey) -> Segment | None:
        """The segment that was kept; None where there is none that fits this store.

        Raises:
            StorageError: The store cannot be read.
        """
        if self._files is None or (segment := self._files.load(key)) is None:
            return None
        if self._belongs(key, segment):
            return segment
        self._files.discard(key)
        return None

    def discard(self, key: PartitionKey) -> None:
        """Keep the segment no longer."""
        if self._files is not None:
            self._files.discard(key)

    def from_rows(self, key: PartitionKey, newer_than: int, check: Check) -> Segment:
        """A segment of all rows; or one that another process made meanwhile, of more than revision `newer_than`.

        Raises:
            StorageError: The store cannot be read, or `check` raised.
        """

        def make() -> Segment:
            mark, growing = self._database.revision(), Growing.anew(key.dimensions, self._settings)
            total = vector_rows.count(self._database, key)
            told = self._told(total, check)
            with self._ending(total):
                for rows in vector_rows.pages(self._database, key, 0):
                    growing.add(rows, told)
                told(0)
            return growing.segment(mark)

        return self._in_turn(key, newer_than, make, check)

    def extended(self, key: PartitionKey, extension: Extension, check: Check) -> Segment:
        """A segment and what came since in one; or what another process made meanwhile."""

        def make() -> Segment:
            growing = Growing.of(extension)
            total = len(extension.since.ids)
            told = self._told(total, check)
            with self._ending(total):
                growing.add(extension.since, told)
                told(0)
            return growing.segment(extension.mark)

        return self._in_turn(key, extension.base.mark, make, check)

    def _in_turn(self, key: PartitionKey, newer_than: int, make: Callable[[], Segment], check: Check) -> Segment:
        files = self._files
        if files is None:
            return make()
        files.tidy(lambda one: vector_rows.count(self._database, one) > 0)
        while True:
            check()
            with files.turn(key) as mine:
                if mine:
                    found = self.load(key)
                    if found is not None and found.mark > newer_than:
                        return found
                    return files.save(key, make())
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def _ending(self, total: int) -> Iterator[None]:
        """Whoever shows how far it is learns of an end before the end too."""
        try:
            yield
        except BaseException:
            if self._on_progress is not None:
                self._on_progress(total, total)
            raise

    def _told(self, total: int, check: Check) -> Callable[[int], None]:
        """What is told of each slice before it is added."""
        done = 0

        def told(count: int) -> None:
            nonlocal done
            check()
            if self._on_progress is not None:
                self._on_progress(done, max(done, total))
            done += count

        return told

    def _belongs(self, key: PartitionKey, segment: Segment) -> bool:
        """Whether it was made from this store: another one may have been put in its place, or an older copy of it."""
        if segment.mark > self._database.revision():
            return False
        newest = np.argpartition(segment.revisions, -min(_PROBED, len(segment.ids)))[-_PROBED:]
        spread = np.linspace(0, len(segment.ids) - 1, min(_PROBED, len(segment.ids))).astype(np.int64)
        probed = np.union1d(newest, spread)
        rows = vector_rows.some(self._database, key, segment.ids[probed].tolist())
        known = dict(zip(segment.ids[probed].tolist(), segment.revisions[probed].tolist(), strict=True))
        for one, revision, vector in zip(rows.ids.tolist(), rows.revisions.tolist(), rows.vectors, strict=True):
            place = segment.place(one)
            if place is None or revision != known[one]:
                continue
            if not np.allclose(segment.graph.vector(place), vector, rtol=0, atol=ROUNDING):
                return False
        return True
