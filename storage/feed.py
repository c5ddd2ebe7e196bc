"""What changed since a revision: for whoever keeps something in step with a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal_column, select, union_all

from storage.database import Database
from storage.errors import StoreValueError
from storage.life.removal import DELETED_KEPT
from storage.tables import deleted, entries

__all__ = ["Change", "ChangeKind", "changes"]

ChangeKind = Literal["added", "changed", "deleted", "forgotten"]
"""`forgotten`: deletions up to this revision are not known any more; compare what you have with the store once."""


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of an entry, counted by the revision of the store. `forgotten` has no entry and no scope."""

    revision: int
    kind: ChangeKind
    entry_id: int | None
    scope: str


def changes(database: Database, after: int, limit: int) -> tuple[Change, ...]:
    """At most `limit` changes whose revision is above `after`, by revision.

    Of an entry only the last one is there. It is `added` where `after` is older than the entry. Each transaction is
    there whole or not at all, and none that comes later has a lower revision: go on from the last one's.

    Raises:
        StoreValueError: limit < 1.
    """
    if limit < 1:
        raise StoreValueError(f"limit={limit} must be at least 1.")
    rows = database.rows(_CHANGES, {"after": after, "limit": limit})
    found = [Change(revision, _kind(added, after), one, scope) for revision, one, scope, added in rows]
    # Asked afterwards: what is forgotten in between is named too.
    oldest = database.rows(_OLDEST, {})[0][0]
    if oldest is not None and after < oldest - 1 and database.rows(_KNOWN, {})[0][0] >= DELETED_KEPT:
        found.append(Change(oldest - 1, "forgotten", None, ""))
    return tuple(sorted(found, key=lambda one: one.revision)[:limit])


def _kind(added: int, after: int) -> ChangeKind:
    if added < 0:
        return "deleted"
    return "added" if added > after else "changed"


_LIMIT = bindparam("limit", type_=Integer)


def _newer(revision: ColumnElement[int], *columns: ColumnElement[Any]) -> Select[Any]:
    rows = select(revision, *columns).where(revision > bindparam("after")).order_by(revision).limit(_LIMIT).subquery()
    return select(*rows.c)


# One statement, for it sees one moment: of two, the first would miss what came before the last row of the second.
_BOTH = union_all(
    _newer(entries.c.revision, entries.c.id, entries.c.scope, entries.c.added),
    _newer(deleted.c.revision, deleted.c.entry_id, deleted.c.scope, literal_column("-1").label("added")),
).subquery()
_CHANGES = select(*_BOTH.c).order_by(_BOTH.c.revision).limit(_LIMIT)
_OLDEST = select(func.min(deleted.c.revision))
_KNOWN = select(func.count()).select_from(deleted)
