"""The one thread that changes a disk tier's files. Each method but `submit`, `wait` and `close` runs in it."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch

from kvcache.tiers.block_file import CorruptBlockError, encode, read
from kvcache.tiers.config import TierConfig
from kvcache.tiers.disk_books import DiskBooks, Waiting
from kvcache.tiers.folder import TierFolder, forget_cached_pages
from kvcache.tiers.journal import Line
from kvcache.tiers.ledger import Ledger, drop_line, put_line, use_line
from kvcache.tiers.record import Record

__all__ = ["DiskWriter"]


class DiskWriter:
    """Writes, erases and notes, one job after the other. What the disk refuses is said in the books, never raised.

    Args:
        folder: An open folder.
        ledger: Its journal.
        books: What is known of its blocks.
        config: The limits, and whether states are rounded.
        clock: Unix time.
    """

    def __init__(
        self, folder: TierFolder, ledger: Ledger, books: DiskBooks, config: TierConfig, clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._books = books
        self._int8 = config.int8
        self._max_bytes = config.disk_bytes
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kv-disk")

    def submit(self, job: Callable[..., object], *args: object) -> Future[Any] | None:
        """Run one of the methods below in its turn; None when the tier is closed."""
        with self._books.lock:  # so that nothing comes in after `close` has said that nothing does
            if self._books.is_closed:
                return None
            future = self._thread.submit(job, *args)
        future.add_done_callback(self._complain)
        return future

    def close(self) -> None:
        """Do what waits, and stop. A second call does nothing."""
        with self._books.lock:
            if not self._books.close():
                return
            self._thread.submit(self.note_uses)
        self._thread.shutdown(wait=True)

    def write(self, one: Waiting) -> None:
        """Give a waiting block a file, and make room for it."""
        if not self._books.still_waits(one):
            return
        try:
            data = encode(one.content, int8=self._int8)
            if len(data) > self._max_bytes:
                self._books.give_up(one, self._clock())
                return
            lines = self._make_room(len(data), one.record.path)
            self._folder.write(one.record.name, data)
        except Exception as exc:  # noqa: BLE001  (too little memory too: what waits for ever takes the queue's room)
            self._books.give_up(one, self._clock(), self._in_words(exc))
            return
        record = self._books.settle(one, len(data), zlib.crc32(data))
        if record is None:
            self._folder.erase([one.record.name])
            self._note(lines)
            return
        self._note([*lines, put_line(record), *map(use_line, self._books.take_uses())])
        if not self._books.knows_speed(record.size):
            self.try_speed(record)

    def erase(self, records: Sequence[Record], sync: bool) -> None:
        """Remove files of blocks that nobody finds any more, with `sync` for good.

        Raises:
            OSError: They cannot be removed.
        """
        gone = self._books.gone(records)
        self._folder.erase([record.name for record in gone], sync=sync)
        self._note(list(map(drop_line, gone)), sync=sync)

    def note_uses(self) -> None:
        """Write down what has been used, so that it is kept after a restart too."""
        self._note(list(map(use_line, self._books.take_uses())))

    def try_speed(self, record: Record) -> None:
        """Read a block from the disk itself, to learn how fast that is."""
        path = self._folder.block_path(record.name)
        forget_cached_pages(path)
        began = time.perf_counter()
        try:
            read(path, record.size, record.checksum, torch.device("cpu"))
        except (CorruptBlockError, FileNotFoundError):
            return  # whoever asks for it finds that out, and counts it
        self._books.count_load(record.size, time.perf_counter() - began, is_trial=True)

    def _make_room(self, size: int, path: str) -> list[Line]:
        gone = self._books.make_room(size, path, self._clock())
        self._folder.erase(record.name for record in gone)
        return list(map(drop_line, gone))

    def _note(self, lines: Sequence[Line], *, sync: bool = False) -> None:
        try:
            if lines:
                self._ledger.note(lines, self._books.records, sync=sync)
        except OSError as exc:  # what was not noted is usable until the end of this process, and removed after it
            self._books.pause(self._in_words(exc), self._clock())

    def _complain(self, future: Future[Any]) -> None:
        error = future.exception()
        if error is not None:
            self._books.pause(f"Writing blocks failed: {error!r}.", self._clock())

    def _in_words(self, exc: Exception) -> str:
        if not isinstance(exc, OSError):
            return f"Writing blocks to {self._folder.path} failed: {exc!r}; they are not written for a minute."
        return (
            f"Blocks cannot be written to {self._folder.path} ({exc.strerror}); they are not for a minute. "
            "Free some space there, or lower disk_bytes."
        )
