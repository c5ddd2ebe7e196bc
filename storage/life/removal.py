"""Removing entries, and what was removed, as a value."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, select

from storage.changes import next_revision
from storage.entry import Origin
from storage.tables import deleted, entries

__all__ = ["DELETED_KEPT", "DROPPED", "MOST_NAMED", "Dropped", "Removal", "Remover", "Tally"]

DELETED_KEPT = 100_000
"""How many of the newest deletions are kept in `samewise_deleted`. Whoever has seen no revision since the oldest of
them compares everything."""

MOST_NAMED = 1000
"""How many of the removed entries are named."""

_TRIM_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Dropped:
    """An entry that is removed, or would be; `answered` is when its answer was stored, in seconds since the epoch."""

    id: int
    tenant: str
    question: str
    origin: Origin
    answered: float
    bytes: int


DROPPED = (
    entries.c.id,
    entries.c.tenant,
    entries.c.question,
    entries.c.origin,
    entries.c.answered,
    entries.c.bytes,
)
"""The columns of a Dropped, in its order."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed or, in a dry run, would be. `count` and `bytes` are of all, `entries` names at most 1,000."""

    entries: tuple[Dropped, ...]
    count: int
    bytes: int
    dry_run: bool


@dataclass(slots=True)
class Tally:
    """Counts removed entries, and names the first of them."""

    count: int = 0
    bytes: int = 0
    named: list[Dropped] = field(default_factory=list)

    def add(self, removed: Iterable[Dropped]) -> None:
        """Count them."""
        for one in removed:
            self.count += 1
            self.bytes += one.bytes
            if len(self.named) < MOST_NAMED:
                self.named.append(one)

    def merge(self, other: Tally) -> None:
        """Count what another counted."""
        self.count += other.count
        self.bytes += other.bytes
        self.named += other.named[: MOST_NAMED - len(self.named)]

    def removal(self, *, dry_run: bool = False) -> Removal:
        """What was counted."""
        return Removal(tuple(self.named), self.count, self.bytes, dry_run)


class Remover:
    """Removes entries inside the caller's transaction, and keeps the log of deletions short. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since_trim = 0

    def lock(self, connection: Connection) -> int:
        """Become the only writer, and say which revision holds: no two that remove ever wait for each other."""
        return next_revision(connection, 0)

    def remove(
        self, connection: Connection, condition: ColumnElement[bool], values: Mapping[str, object]
    ) -> list[Dropped]:
        """Remove the entries for which that holds, with all that hangs on them; by id."""
        removed = connection.execute(delete(entries).where(condition).returning(*DROPPED), values).all()
        self._trim_sometimes(connection, len(removed))
        return sorted((Dropped(*row) for row in removed), key=lambda one: one.id)

    def trim(self, connection: Connection) -> None:
        """Keep the newest of the deletions."""
        oldest = select(deleted.c.revision).order_by(deleted.c.revision.desc()).offset(DELETED_KEPT).limit(1)
        connection.execute(delete(deleted).where(deleted.c.revision <= oldest.scalar_subquery()))

    def _trim_sometimes(self, connection: Connection, removed: int) -> None:
        with self._lock:
            self._since_trim += removed
            due = self._since_trim >= _TRIM_EVERY
            if due:
                self._since_trim = 0
        if due:
            self.trim(connection)
