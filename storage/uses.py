"""How often entries are used: counted in memory, written a few at a time. Sliding lives are prolonged on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import and_, bindparam, case, update

from storage.database import Database
from storage.entry import Entry
from storage.errors import StorageError, StoreBusyError, StoreClosedError
from storage.tables import entries

__all__ = ["PROLONGED_BY", "Uses"]

PROLONGED_BY = 0.1
"""A sliding life is prolonged at once when the use adds this share of it: ten writes in a life are cheap, and an entry
in use never ends more than this share too early."""

_LATER = entries.c.last_used < bindparam("at")
_END = entries.c.ttl_seconds + bindparam("at")
# What has expired stays so: an index may have dropped it already, and nothing would bring it back there.
_PROLONGS = and_(entries.c.sliding, entries.c.expires > bindparam("now"), entries.c.expires < _END)
_ADD = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values(
        hits=entries.c.hits + bindparam("uses"),
        # Another process may have written a later use already.
        last_used=case((_LATER, bindparam("at")), else_=entries.c.last_used),
        expires=case((_PROLONGS, _END), else_=entries.c.expires),
    )
)


class Uses:
    """Counts uses and writes them after every `every` of them. Thread-safe.

    Args:
        database: Where they go.
        every: After how many uses they are written.
        clock: Seconds since the epoch.
    """

    def __init__(self, database: Database, every: int, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: dict[int, tuple[int, float]] = {}
        self._since_flush = 0

    def count(self, used: Entry | int, at: float) -> None:
        """Count one use, at a time in seconds since the epoch, of an entry as it was looked up, or of an id.

        A sliding life is prolonged with it: at once when that adds a tenth of it and the entry itself is given, else
        when counts are next written. Never waits for another writer: where one is at work the counts stay pending,
        until as many have come again or the next prolongation is due.

        Raises:
            StorageError: They could not be written for another reason; they stay pending.
        """
        if self._database.closed:
            raise StoreClosedError("A use cannot be counted: the store is closed. Open it again.")
        with self._lock:
            self._put(used if isinstance(used, int) else used.id, 1, at)
            self._since_flush += 1
            due = self._since_flush >= self._every or (isinstance(used, Entry) and _ends_soon(used, at))
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
        # In one order, so that two processes that write the same entries never wait for each other.
        rows = [
            {"entry_id": one, "uses": uses, "at": at, "now": self._clock()}
            for one, (uses, at) in sorted(pending.items())
        ]
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


def _ends_soon(entry: Entry, at: float) -> bool:
    """Whether a use then prolongs the life by the share that is written at once."""
    if not entry.sliding or entry.ttl_seconds is None or entry.expires is None:
        return False
    return at + entry.ttl_seconds - entry.expires >= entry.ttl_seconds * PROLONGED_BY
