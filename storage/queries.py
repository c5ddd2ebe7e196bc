"""The statements of the lookups. Compiled once: building them would take longer than running them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Executable, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from storage.rows import ENTRY_COLUMNS
from storage.tables import aliases, blocked, entries, meta

__all__ = ["BY_ALIAS", "BY_ID", "BY_IDS", "BY_KEY", "EXACT", "REVISION", "SERVABLE_EXACT", "UPSERT"]

_KEPT_ON_REPLACE = ("id", "scope", "exact_hash", "created", "last_used", "hits")
_INSERT = insert(entries)

UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["scope", "exact_hash"],
    set_={column.name: _INSERT.excluded[column.name] for column in entries.c if column.name not in _KEPT_ON_REPLACE},
)


def _compiled(statement: Executable) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))  # type: ignore[attr-defined]


_EXACT = select(*ENTRY_COLUMNS).where(
    entries.c.scope == bindparam("scope"), entries.c.exact_hash == bindparam("exact_hash")
)
EXACT = _compiled(_EXACT)


def _not_blocked(key_hash: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether nobody said that the entry is wrong for the words or the key that are asked."""
    same = or_(blocked.c.exact_hash == bindparam("exact_hash"), blocked.c.key_hash == key_hash)
    return ~exists().where(blocked.c.entry_id == entries.c.id, same)


# An entry has its own words' key: a block of that key holds before the key of what is asked is known.
SERVABLE_EXACT = _compiled(_EXACT.where(_not_blocked(entries.c.key_hash)))
# What a person wrote goes before what a model said, then what was written last. SQLAlchemy would bind the limit.
BY_KEY = (
    _compiled(
        select(*ENTRY_COLUMNS)
        .where(entries.c.scope == bindparam("scope"), entries.c.key_hash == bindparam("key_hash"))
        .where(_not_blocked(bindparam("key_hash")))
        .order_by(entries.c.origin, entries.c.revision.desc())
    )
    + " LIMIT 1"
)
BY_ALIAS = (
    _compiled(
        select(*ENTRY_COLUMNS)
        .join(aliases, aliases.c.entry_id == entries.c.id)
        .where(aliases.c.scope.in_((bindparam("scope"), bindparam("other"))))
        .where(aliases.c.key_hash == bindparam("key_hash"))
        .where(entries.c.scope == aliases.c.scope, _not_blocked(bindparam("key_hash")))
        .order_by(entries.c.origin)
    )
    + " LIMIT 1"
)
BY_ID = _compiled(select(*ENTRY_COLUMNS).where(entries.c.id == bindparam("id")))
# Only by id: were the scope asked for here, SQLite would walk through all of the scope's entries instead.
BY_IDS = _compiled(
    select(*ENTRY_COLUMNS, entries.c.revision).where(
        entries.c.id.in_(select(func.json_each(bindparam("ids")).table_valued("value").c.value))
    )
)
REVISION = _compiled(select(meta.c.value).where(meta.c.name == literal_column("'revision'")))
