"""The vectors of entries in pgvector's type: made from the entries, and changed in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import psycopg
from sqlalchemy import Connection, bindparam, select, text

from storage.errors import StoreOpenError
from storage.pgvector.space import Space
from storage.pgvector.vector import Vector, send_vectors
from storage.sql import one_of
from storage.tables import entries

__all__ = ["VectorRow", "make_table", "missing", "write_vectors"]

_OLDEST = (0, 8)
_EXTENSION = "CREATE EXTENSION IF NOT EXISTS vector"
_BATCH = 500
_MAKE = (
    "CREATE TABLE IF NOT EXISTS samewise_vectors ("
    "entry_id bigint PRIMARY KEY REFERENCES samewise_entries (id) ON DELETE CASCADE, "
    "space varchar NOT NULL, scope varchar NOT NULL, vector vector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS samewise_vectors_by_scope ON samewise_vectors (scope, space)",
    # Whoever changes a vector, and however: the old one is never found again.
    "CREATE OR REPLACE FUNCTION samewise_vector_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "DELETE FROM samewise_vectors WHERE entry_id = new.id; RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER samewise_vector_changed AFTER UPDATE OF vector, embedder, scope ON samewise_entries "
    "FOR EACH ROW WHEN (old.vector IS DISTINCT FROM new.vector OR old.embedder IS DISTINCT FROM new.embedder "
    "OR old.scope <> new.scope) EXECUTE FUNCTION samewise_vector_changed()",
)
# The server chooses between index and scope by how many rows there are of each, and would know it a minute later.
_ANALYZE = "ANALYZE samewise_vectors"
_WRITE = (
    "INSERT INTO samewise_vectors (entry_id, space, scope, vector) VALUES (%s, %s, %s, %s::vector) "
    "ON CONFLICT (entry_id) DO UPDATE SET space = excluded.space, scope = excluded.scope, vector = excluded.vector"
)
_LACKING = select(entries.c.id, entries.c.scope, entries.c.embedder, entries.c.vector).where(
    entries.c.vector.is_not(None),
    text("NOT EXISTS (SELECT 1 FROM samewise_vectors AS there WHERE there.entry_id = samewise_entries.id)"),
)
_MISSING = _LACKING.where(entries.c.id > bindparam("last")).order_by(entries.c.id).limit(_BATCH)
_MISSING_OF = _LACKING.where(one_of(entries.c.id, "ids"))


class VectorRow(NamedTuple):
    """An entry's vector, `data` being little-endian float32."""

    entry_id: int
    scope: str
    embedder: str
    data: bytes


def make_table(connection: Connection, place: str) -> None:
    """Make the table where there is none, and write the vectors that it lacks, inside the caller's transaction.

    Raises:
        StoreOpenError: The server has no pgvector, or one that is too old.
    """
    try:
        connection.exec_driver_sql(_EXTENSION)
    except Exception as error:
        if isinstance(getattr(error, "orig", None), psycopg.errors.FeatureNotSupported | psycopg.errors.UndefinedFile):
            raise StoreOpenError(
                f"{place} has no pgvector, which index='pgvector' needs: install it beside the server, or leave the "
                "index as it is by default."
            ) from error
        raise
    found = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    version = str(connection.exec_driver_sql(found).scalar_one())
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise StoreOpenError(
            f"{place} has pgvector {version}, and index='pgvector' needs {_OLDEST[0]}.{_OLDEST[1]}: "
            "ALTER EXTENSION vector UPDATE"
        )
    for statement in _MAKE:
        connection.exec_driver_sql(statement)
    last, spaces = 0, set[Space]()
    while rows := missing(connection, last):
        spaces |= _write(connection, rows)
        last = rows[-1].entry_id
    # Made at the end, for an index over many rows is made faster than it grows.
    _make_indexes(connection, spaces)
    if spaces:
        connection.exec_driver_sql(_ANALYZE)


def missing(connection: Connection, last: int) -> list[VectorRow]:
    """Some vectors of entries behind the id `last` that the table lacks."""
    return [VectorRow(*row) for row in connection.execute(_MISSING, {"last": last})]


def write_vectors(connection: Connection, ids: Sequence[int]) -> None:
    """Write the vectors of these entries that the table lacks: those that are new, and those that were changed."""
    rows = [VectorRow(*row) for row in connection.execute(_MISSING_OF, {"ids": ids})]
    _make_indexes(connection, _write(connection, rows))
    if len(rows) >= _BATCH:
        connection.exec_driver_sql(_ANALYZE)


def _write(connection: Connection, rows: Sequence[VectorRow]) -> set[Space]:
    """Write vectors; the embedders and widths that they are of."""
    spaces = [Space(row.embedder, len(row.data) // 4) for row in rows]
    values = [(row.entry_id, space.name, row.scope, Vector(row.data)) for row, space in zip(rows, spaces, strict=True)]
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    send_vectors(driver)
    if values:
        with driver.cursor() as cursor:
            cursor.executemany(_WRITE, values)
    return set(spaces)


def _make_indexes(connection: Connection, spaces: Iterable[Space]) -> None:
    for space in spaces:
        # Asked first: making it, even in vain, would stop the server from cleaning up the table at that time.
        there = connection.execute(text("SELECT to_regclass(:name)"), {"name": space.name}).scalar()
        if there is None and space.index is not None:
            connection.exec_driver_sql(space.index)
