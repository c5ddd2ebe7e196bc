"""The statements of the lookups. Compiled once: building them would take longer than running them."""

from __future__ import annotations

from sqlalchemy import Executable, bindparam, func, literal_column, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from storage.rows import ENTRY_COLUMNS
from storage.tables import entries, meta

__all__ = ["BY_ID", "BY_IDS", "BY_KEY", "EXACT", "REVISION", "UPSERT"]

_KEPT_ON_REPLACE = ("id", "scope", "exact_hash", "created", "last_used", "hits")
_INSERT = insert(entries)

UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["scope", "exact_hash"],
    set_={column.name: _INSERT.excluded[column.name] for column in entries.c if column.name not in _KEPT_ON_REPLACE},
)


def _compiled(statement: Executable) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))  # type: ignore[attr-defined]


EXACT = _compiled(
    select(*ENTRY_COLUMNS).where(entries.c.scope == bindparam("scope"), entries.c.exact_hash == bindparam("exact_hash"))
)
# What a person wrote goes before what a model said, then what was written last. SQLAlchemy would bind the limit.
BY_KEY = (
    _compiled(
        select(*ENTRY_COLUMNS)
        .where(entries.c.scope == bindparam("scope"), entries.c.key_hash == bindparam("key_hash"))
        .order_by(entries.c.origin, entries.c.revision.desc())
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
