"""Large indexes in the making: when one is due, and one at a time."""

from __future__ import annotations

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
    """Starts making a segment where a partition needs one, and hands it over when it is ready. Its owner locks."""

    def __init__(self, maker: SegmentMaker, settings: LargeSettings) -> None:
        self._maker = maker
        self._settings = settings
        self._running: tuple[PartitionKey, int, Job[Segment]] | None = None
        self._refused: dict[PartitionKey, int] = {}
        self._closed = False

    def start(self, partition: Partition) -> None:
        """Start making a segment for the partition, if it needs one and none is in the making."""
        if self._running is not None or self._closed:
            return
        size = len(partition.index)
        if size < self._refused.get(partition.key, 0):
            return
        work = self._work(partition)
        if work is not None:
            self._running = (partition.key, size, Job(work))

    def take(self) -> tuple[PartitionKey, Segment] | None:
        """The segment that is ready, and of which partition it is; only once."""
        if self._running is None or not self._running[2].done:
            return None
        key, size, job = self._running
        self._running = None
        if job.result is None:
            self._refused[key] = int(size * _AGAIN)
            return None
        return key, job.result

    def forget(self, key: PartitionKey) -> None:
        """Nobody wants the segment of the partition any more."""
        if self._running is not None and self._running[0] == key:
            self._running[2].stop()
            self._running = None

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the segment in the making."""
        return self._running is None or self._running[2].wait(timeout_seconds)

    def close(self) -> None:
        """Stop for good."""
        self._closed = True
        running = self._running  # whoever searches may take it in the meantime
        if running is not None:
            running[2].stop()
            running[2].wait()

    def _work(self, partition: Partition) -> Callable[[Check], Segment] | None:
        key, index = partition.key, partition.index
        if not isinstance(index, LargeIndex):
            return None if len(index) < self._settings.least else lambda check: self._maker.from_rows(key, 0, check)
        newer_than = index.segment.mark
        if index.is_worn(self._settings):
            return lambda check: self._maker.from_rows(key, newer_than, check)
        extension = partition.extension() if index.is_due(self._settings) else None
        return None if extension is None else lambda check: self._maker.extended(key, extension, check)
