"""Large indexes in the making: when one is due, and one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from storage.indexes.job import Job
from storage.indexes.large_index import LargeIndex
from storage.indexes.large_settings import LargeSettings
from storage.indexes.partition import Partition
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment import Segment
from storage.indexes.segment_maker import Check, SegmentMaker

__all__ = ["Growth"]

_AGAIN = 1.5
"""Where one could not be made, it is tried again when there are so many times as many vectors."""


class Growth:
    """Starts making a segment where a partition needs one, and hands it over when it is ready. Thread-safe."""

    def __init__(self, maker: SegmentMaker, settings: LargeSettings) -> None:
        self._maker = maker
        self._settings = settings
        self._lock = threading.Lock()
        self._running: tuple[PartitionKey, int, Job[Segment]] | None = None
        self._ready: dict[PartitionKey, Segment] = {}
        self._refused: dict[PartitionKey, int] = {}
        self._closed = False

    def start(self, partition: Partition) -> None:
        """Start making a segment for the partition, if it needs one and none is in the making. The caller has the
        partition for himself."""
        with self._lock:
            self._end()
            if self._running is not None or partition.key in self._ready or self._closed:
                return
            size = len(partition.index)
            if size < self._refused.get(partition.key, 0):
                return
            work = self._work(partition)
            if work is not None:
                self._running = (partition.key, size, Job(work))

    def take(self, key: PartitionKey) -> Segment | None:
        """The partition's segment, if one is ready; only once."""
        with self._lock:
            self._end()
            return self._ready.pop(key, None)

    def forget(self, key: PartitionKey) -> None:
        """Nobody wants the segment of the partition any more."""
        with self._lock:
            self._ready.pop(key, None)
            if self._running is not None and self._running[0] == key:
                self._running[2].stop()
                self._running = None

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the segment in the making."""
        running = self._running
        return running is None or running[2].wait(timeout_seconds)

    def close(self) -> None:
        """Stop for good."""
        with self._lock:
            self._closed = True
            running = self._running
        if running is not None:
            running[2].stop()
            running[2].wait()

    def _end(self) -> None:
        """Put what is made aside for its partition, which may not be searched for long: another's can be made then."""
        if self._running is None or not self._running[2].done:
            return
        key, size, job = self._running
        self._running = None
        if job.result is None:
            self._refused[key] = int(size * _AGAIN)
        else:
            self._ready[key] = job.result

    def _work(self, partition: Partition) -> Callable[[Check], Segment] | None:
        key, index = partition.key, partition.index
        if not isinstance(index, LargeIndex):
            return None if len(index) < self._settings.least else lambda check: self._maker.from_rows(key, 0, check)
        newer_than = index.segment.mark
        if index.is_worn(self._settings):
            return lambda check: self._maker.from_rows(key, newer_than, check)
        extension = partition.extension() if index.is_due(self._settings) else None
        return None if extension is None else lambda check: self._maker.extended(key, extension, check)
