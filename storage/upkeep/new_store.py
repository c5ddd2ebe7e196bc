"""A store in a new SQLite file, filled with rows as they were elsewhere: ids and revisions stay."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.engine import URL

from storage.backends.sqlite import SqliteDatabase
from storage.config import StoreConfig
from storage.database import Database
from storage.tables import deleted, entries, events, feedback, meta, metadata, usage
from storage.upkeep.snapshot import BATCH

__all__ = ["begin_history", "copy_tables", "new_store", "reserve_ids"]

_LEAP = 2**32  # more changes than a store sees


@contextmanager
def new_store(path: Path) -> Iterator[Database]:
    """An empty store, closed at the end."""
    with closing(SqliteDatabase(URL.create("sqlite", database=str(path)), StoreConfig())) as database:
        yield database


def copy_tables(source: Connection, target: Connection) -> None:
    """Every row of every table, into the tables of an empty store."""
    for table in metadata.sorted_tables:
        if table not in (meta, usage):
            _copy(source, target, table)
    # The new store has counts of its own, and its triggers summed up what came in; the copy is what was there.
    for table in (meta, usage):
        target.execute(delete(table))
        _copy(source, target, table)
    begin_history(target)
    reserve_ids(target)


def begin_history(connection: Connection) -> None:
    """Let a copy count its changes from a revision on that the store it was copied from never comes to.

    The copy may be put in its place, beside what was saved of its vectors. What both call revision 900 would be two
    vectors then, and an id and a revision name one for ever.
    """
    leap = _LEAP + secrets.randbelow(256 * _LEAP)
    connection.execute(update(meta).where(meta.c.name == "revision").values(value=meta.c.value + leap))


def reserve_ids(connection: Connection) -> None:
    """Let no new entry get an id that was given before: of those that are gone, feedback and decisions still speak."""
    columns = (entries.c.id, deleted.c.entry_id, feedback.c.entry_id, events.c.entry_id)
    highest = max(connection.execute(select(func.max(column))).scalar() or 0 for column in columns)
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": entries.name})
    connection.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": entries.name, "seq": highest}
    )


def _copy(source: Connection, target: Connection, table: Table) -> None:
    with source.execute(select(table), execution_options={"yield_per": BATCH}) as rows:
        for batch in rows.partitions():
            target.execute(insert(table), [row._asdict() for row in batch])
