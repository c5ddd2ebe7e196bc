"""Another program at the database of a store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg

__all__ = ["rows_of", "writing"]


@contextmanager
def writing(url: str) -> Iterator[None]:
    """While this lasts, another program is in the middle of a write, which is undone at the end."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_path(url), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
    else:
        with psycopg.connect(url) as server:
            server.execute("UPDATE samewise_meta SET value = value + 1 WHERE name = 'revision'")
            yield
            server.rollback()


def rows_of(url: str, statement: str) -> list[tuple[object, ...]]:
    """What another program reads now."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_path(url))) as connection:
            return list(connection.execute(statement))
    with psycopg.connect(url) as server:
        return list(server.execute(statement.encode()))


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
