"""Decisions, buffered and written a few at a time, the oldest dropped."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select

from storage.database import Database
from storage.errors import StorageError, StoreValueError
from storage.learned import Event, Served
from storage.tables import aliases, events
from storage.tallies import hits_of, tally

__all__ = ["Events"]

_BATCH = 256
_MOST_PENDING = 8192
_COLUMNS = tuple(column for column in events.c if column.name != "id")


class Events:
    """The newest `keep` decisions. Thread-safe.

    Hits by meaning are counted beside them, for each tenant, and these counts stay when the decisions go.

    Args:
        database: Where they go.
        keep: How many are kept; 0 adds none, takes none away that another process keeps, and counts all the same. May
            be changed at any time.
    """

    def __init__(self, database: Database, keep: int = 100_000) -> None:
        self.keep = keep
        self._database = database
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        """Held while what was pending is on its way: who reads waits until it is there."""
        self._pending: deque[Event] = deque(maxlen=_MOST_PENDING)
        self._since_flush = 0

    def record(self, event: Event) -> None:
        """Keep a decision. Never waits for another writer and never fails.

        Where the store cannot be written now, it stays pending until as many have come again; of more than 8192 that
        are pending the oldest are lost.
        """
        if self.keep == 0 and event.source != "semantic":
            return
        with self._lock:
            self._pending.append(event)
            self._since_flush += 1
            due = self._since_flush >= _BATCH
            if due:
                self._since_flush = 0
        if due and not self._writing.locked():
            # Aside: no request waits for what is only noted down.
            with contextlib.suppress(RuntimeError):  # no thread to be had: they stay pending
                threading.Thread(target=self._flush_if_free, name="samewise-events", daemon=True).start()

    def flush(self, *, wait: bool = True) -> None:
        """Write what is pending. Raises StorageError; what could not be written stays pending."""
        with self._writing:
            self._flush(wait)

    def _flush_if_free(self) -> None:
        with contextlib.suppress(StorageError):  # they stay pending
            self.flush(wait=False)

    def _flush(self, wait: bool) -> None:
        with self._lock:
            pending = list(self._pending)
            self._pending.clear()
        if not pending:
            return
        try:
            with self._database.write(wait=wait) as connection:
                tally(connection, pending)
                if self.keep:
                    connection.execute(insert(events), [_row(one) for one in pending])
                    newest = select(func.max(events.c.id)).scalar_subquery()
                    connection.execute(delete(events).where(events.c.id <= newest - self.keep))
        except StorageError:
            with self._lock:
                # Those that came in the meantime are newer, and stay.
                room = _MOST_PENDING - len(self._pending)
                self._pending.extendleft(reversed(pending[max(0, len(pending) - room) :]))
            raise

    def recent(self, limit: int, *, tenant: str | None = None) -> tuple[Event, ...]:
        """At most `limit` decisions, the newest first, of all tenants or of one.

        Raises:
            StorageError: They cannot be read, or those that are pending not be written.
        """
        if limit < 1:
            raise StoreValueError(f"limit={limit} must be at least 1.")
        self.flush()
        wanted = select(*_COLUMNS).order_by(events.c.id.desc()).limit(limit)
        if tenant is not None:
            wanted = wanted.where(events.c.tenant == tenant)
        with self._database.read() as connection:
            return tuple(Event(**row._mapping) for row in connection.execute(wanted))

    def last(self, entry_id: int, exact_hash: str) -> Event | None:
        """The newest time that an entry was served for these words, if it is known. Raises StorageError."""
        self.flush()
        wanted = select(*_COLUMNS).where(events.c.entry_id == entry_id, events.c.exact_hash == exact_hash)
        wanted = wanted.where(events.c.source != "miss").order_by(events.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else Event(**row._mapping)

    def served_from(self, entry_id: int, limit: int) -> tuple[Served, ...]:
        """At most `limit` asked questions that an entry was served for by key or by meaning, the most frequent first.

        Raises StorageError.
        """
        self.flush()
        known = select(func.max(aliases.c.question)).where(
            aliases.c.entry_id == entry_id, aliases.c.exact_hash == events.c.exact_hash
        )
        wanted = (
            select(
                events.c.exact_hash,
                func.coalesce(func.max(events.c.question), known.scalar_subquery()),
                events.c.source,
                func.count(),
                func.max(events.c.at),
            )
            .where(events.c.entry_id == entry_id, events.c.source.in_(("normalized", "semantic")))
            .group_by(events.c.exact_hash, events.c.source)
            .order_by(func.count().desc(), func.max(events.c.at).desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(Served(*row) for row in connection.execute(wanted))

    def hits(self, tenant: str) -> tuple[int, float]:
        """How many hits by meaning a tenant had, counted from the newest until there are about 5,000, and when the
        oldest of those was (0.0 where there is none). How many decisions are kept does not matter. Raises StorageError.
        """
        with self._database.read() as connection:
            return hits_of(connection, tenant)


def _row(event: Event) -> dict[str, object]:
    """The columns of a decision. Half a character, which no database keeps, is spelt out: one such question would keep
    all the others from being written."""
    values = asdict(event)
    return {name: _whole(value) if isinstance(value, str) else value for name, value in values.items()}


def _whole(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
