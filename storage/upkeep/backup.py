"""A copy of a store while it is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from storage.backends.sqlite_errors import translated
from storage.database import Database
from storage.upkeep.new_file import new_file
from storage.upkeep.new_store import begin_history, copy_tables, new_store
from storage.upkeep.snapshot import snapshot

__all__ = ["backup"]

_STEP = 1024  # pages of 4 KiB: other threads of the process come in between


def backup(database: Database, path: Path) -> int:
    """Copy the store as it is now to a new SQLite file, which opens as a store; the bytes written.

    Writers go on: what they write after the start is not in the copy. Only a store in memory keeps them waiting.

    Raises:
        StoreValueError: There is such a file already; it is left as it is.
        UnwritableError, StoreFullError: The file cannot be written; nothing is left of it.
        StorageError: The store cannot be read.
    """
    with new_file(path) as temporary:
        with snapshot(database) as connection, _named(database.place, path):
            if connection.dialect.name == "sqlite":
                _copy_pages(connection, temporary)
            else:
                _copy_rows(connection, temporary)
        return temporary.stat().st_size


def _copy_pages(connection: Connection, path: Path) -> None:
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(path)) as target:
        # The source is inside a transaction, so that no change makes the copy begin anew.
        source.backup(target, pages=_STEP)
    with new_store(path) as copy, copy.write() as written:
        begin_history(written)


def _copy_rows(connection: Connection, path: Path) -> None:
    with new_store(path) as copy, copy.write() as target:
        copy_tables(connection, target)


@contextmanager
def _named(place: str, path: Path) -> Iterator[None]:
    """SQLite's errors tell neither which of the two files they are about."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error, f"{place}, copied to {path}") from error
