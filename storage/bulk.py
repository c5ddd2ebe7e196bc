"""Many rows at once, each database in its own fastest way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql

__all__ = ["from_lists", "insert_rows", "lists_of"]

Row = dict[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all have the same columns; none is fine."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        names = tuple(rows[0])
        connection.execute(from_lists(table, names), lists_of(rows, names))
    else:
        connection.execute(insert(table), rows)


@cache
def from_lists(table: Table, names: tuple[str, ...]) -> postgresql.Insert:
    """PostgreSQL's insert of rows that come as one list a column: one statement, and one plan, for any number."""
    lists: list[ColumnElement[Any]] = [bindparam(f"{name}_list", type_=ARRAY(table.c[name].type)) for name in names]
    rows = func.unnest(*lists).table_valued(*names).render_derived()
    return postgresql.insert(table).from_select(names, select(*(rows.c[name] for name in names)))


def lists_of(rows: Collection[Row], names: Iterable[str]) -> dict[str, list[Any]]:
    """The values of `from_lists`."""
    return {f"{name}_list": [row[name] for row in rows] for name in names}
