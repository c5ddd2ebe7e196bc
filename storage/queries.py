"""The statements of the lookups, for every database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, and_, bindparam, exists, literal_column, or_, select

from storage.bulk import from_lists
from storage.rows import ENTRY_COLUMNS
from storage.sql import on_conflict, one_of, upsert
from storage.tables import aliases, blocked, entries, meta

__all__ = [
    "BY_ALIAS",
    "BY_ID",
    "BY_IDS",
    "BY_KEY",
    "CONFIRMED",
    "ENTRY_NAMES",
    "EXACT",
    "REVISION",
    "SERVABLE_EXACT",
    "UPSERT",
    "UPSERT_LISTS",
]

_KEPT_ON_REPLACE = ("id", "scope", "exact_hash", "created", "last_used", "hits", "added")
_ONE: ColumnElement[int] = literal_column("1")
# What has expired is not found, whether it was swept away yet or not.
_ALIVE = or_(entries.c.expires.is_(None), entries.c.expires > bindparam("now", type_=Float))

_KEY = ("scope", "exact_hash")
_CHANGED = tuple(column.name for column in entries.c if column.name not in _KEPT_ON_REPLACE)

ENTRY_NAMES = tuple(column.name for column in entries.c if column.name != "id")
UPSERT = upsert(entries, _KEY, _CHANGED)["sqlite"]
UPSERT_LISTS = on_conflict(from_lists(entries, ENTRY_NAMES), _KEY, _CHANGED).returning(entries.c.id, entries.c.added)

EXACT = select(*ENTRY_COLUMNS).where(
    entries.c.scope == bindparam("scope"), entries.c.exact_hash == bindparam("exact_hash")
)


def _not_blocked(key_hash: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether nobody said that the entry is wrong for the words or the key that are asked."""
    same = or_(blocked.c.exact_hash == bindparam("exact_hash"), blocked.c.key_hash == key_hash)
    return ~exists().where(blocked.c.entry_id == entries.c.id, same)


# An entry has its own words' key: a block of that key holds before the key of what is asked is known.
SERVABLE_EXACT = EXACT.where(_not_blocked(entries.c.key_hash), _ALIVE)
# What a person wrote goes before what a model said, then what was written last.
BY_KEY = (
    select(*ENTRY_COLUMNS)
    .where(entries.c.scope == bindparam("scope"), entries.c.key_hash == bindparam("key_hash"))
    .where(_not_blocked(bindparam("key_hash")), _ALIVE)
    .order_by(entries.c.origin, entries.c.revision.desc())
    .limit(_ONE)
)
BY_ALIAS = (
    select(*ENTRY_COLUMNS)
    .join(aliases, aliases.c.entry_id == entries.c.id)
    .where(aliases.c.scope.in_((bindparam("scope"), bindparam("other"))))
    .where(aliases.c.key_hash == bindparam("key_hash"))
    .where(entries.c.scope == aliases.c.scope, _not_blocked(bindparam("key_hash")), _ALIVE)
    .order_by(entries.c.origin)
    .limit(_ONE)
)
_BLOCKED_ALIAS = (
    exists()
    .where(blocked.c.entry_id == aliases.c.entry_id)
    .where(or_(blocked.c.exact_hash == aliases.c.exact_hash, blocked.c.key_hash == aliases.c.key_hash))
    .correlate(aliases)
)
# Who an alias is, its words, whether it may be compared now, and its entry: those that are as they were when their
# vectors were read. A block or an end of life may be taken back, and then nothing of the alias itself changes.
CONFIRMED = (
    select(
        aliases.c.key_hash,
        aliases.c.revision,
        aliases.c.question,
        and_(_ALIVE, ~_BLOCKED_ALIAS).label("comparable"),
        *ENTRY_COLUMNS,
    )
    .join(entries, entries.c.id == aliases.c.entry_id)
    .where(one_of(aliases.c.revision, "revisions"), aliases.c.scope == bindparam("scope"))
    .where(entries.c.scope == aliases.c.scope)
)
BY_ID = select(*ENTRY_COLUMNS).where(entries.c.id == bindparam("id"), _ALIVE)
# Only by id: were the scope asked for here, SQLite would walk through all of the scope's entries instead.
BY_IDS = select(*ENTRY_COLUMNS, entries.c.revision, entries.c.vector).where(one_of(entries.c.id, "ids"), _ALIVE)
REVISION = select(meta.c.value).where(meta.c.name == literal_column("'revision'"))
