"""A store as it is at one moment, read in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, select

from storage.database import Database
from storage.tables import meta

__all__ = ["BATCH", "in_batches", "snapshot"]

BATCH = 500
"""Rows that are in memory at once: about 1 MB of entries with their vectors."""

_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection that sees the store as it is now, whatever others write in the meantime; it holds up nobody.

    A store in memory has one connection: there the others wait.
    """
    with database.read(long=True) as connection:
        connection.exec_driver_sql(_BEGIN[connection.dialect.name])
        try:
            # The moment is that of the first read, not of BEGIN.
            connection.execute(select(meta.c.value)).all()
            yield connection
        finally:
            connection.rollback()


def in_batches(connection: Connection, wanted: Select[Any], column: Column[int]) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a statement in the order of an integer column, which is unique and among those selected."""
    ordered = wanted.order_by(column).limit(BATCH)
    batch = connection.execute(ordered).all()
    while batch:
        yield batch
        batch = connection.execute(ordered.where(column > getattr(batch[-1], column.name))).all()
