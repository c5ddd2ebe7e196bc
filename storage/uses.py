"""How often entries are used: counted in memory, written a few at a time."""

from __future__ import annotations

import threading

from sqlalchemy import bindparam, func, update

from storage.database import Database
from storage.errors import StorageError, StoreBusyError, StoreClosedError
from storage.tables import entries

__all__ = ["Uses"]

_ADD = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values(
        hits=entries.c.hits + bindparam("uses"),
        # Another process may have written a later use already.
        last_used=func.max(entries.c.last_used, bindparam("at")),
    )
)


class Uses:
    """Counts uses and writes them after every `every` of them. Thread-safe."""

    def __init__(self, database: Database, every: int) -> None:
        self._database = database
        self._every = every
        self._lock = threading.Lock()
        self._pending: dict[int, tuple[int, float]] = {}
        self._since_flush = 0

    def count(self, entry_id: int, at: float) -> None:
        """Count one use, at a time in seconds since the epoch.

        Never waits for another writer: where one is at work the counts stay pending, until as many have come again.

        Raises:
            StorageError: They could not be written for another reason; they stay pending.
        """
        if self._database.closed:
            raise StoreClosedError("A use cannot be counted: the store is closed. Open it again.")
        with self._lock:
            self._put(entry_id, 1, at)
            self._since_flush += 1
            due = self._since_flush >= self._every
            if due:
                self._since_flush = 0
        if due:
            try:
                self.flush(wait=False)
            except StoreBusyError:
                return

    def flush(self, *, wait: bool = True) -> None:
        """Write what is pending. Raises StorageError; what could not be written stays pending."""
        with self._lock:
            pending, self._pending = self._pending, {}
        if not pending:
            return
        rows = [{"entry_id": one, "uses": uses, "at": at} for one, (uses, at) in pending.items()]
        try:
            with self._database.write(wait=wait) as connection:
                connection.execute(_ADD, rows)
        except StorageError:
            with self._lock:
                for one, (uses, at) in pending.items():
                    self._put(one, uses, at)
            raise

    def _put(self, entry_id: int, uses: int, at: float) -> None:
        before, last = self._pending.get(entry_id, (0, at))
        self._pending[entry_id] = (before + uses, max(last, at))
