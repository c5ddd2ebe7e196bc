"""The invariants of a store, asked of every row."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from sqlalchemy import select

from storage.database import Database
from storage.postings import term_problems
from storage.rows import vector_of
from storage.tables import aliases, blocked, entries, postings

__all__ = ["problems"]

_UNIT_TOLERANCE = 1e-3


def problems(database: Database) -> Iterator[str]:
    """What does not hold: pages, vectors without an embedder or the reverse, vectors that are no units, facts, rows
    of an entry that is gone, terms that are not those of their question."""
    columns = entries.c
    with database.read() as connection:
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                yield f"SQLite: {line}"
        for table, _, _, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            if table != postings.name:  # said below, once an entry
                yield f"{table}: a row of an entry that is gone"
        for table in (aliases, blocked):
            other = select(table.c.entry_id).join(entries, entries.c.id == table.c.entry_id)
            for one in connection.execute(other.where(entries.c.scope != table.c.scope)).scalars():
                yield f"entry {one}: a row of {table.name} is of another scope"
        yield from term_problems(connection)
        for row in connection.execute(select(columns.id, columns.embedder, columns.vector, columns.facts)):
            for problem in _of_row(row.embedder, row.vector, row.facts):
                yield f"entry {row.id}: {problem}"


def _of_row(embedder: str | None, vector: bytes | None, facts: str) -> Iterator[str]:
    if (embedder is None) != (vector is None):
        yield "it has a vector without an embedder, or an embedder without a vector"
    if vector is not None:
        length = float(np.linalg.norm(vector_of(vector))) if len(vector) % 4 == 0 else float("nan")
        if not abs(length - 1.0) <= _UNIT_TOLERANCE:
            yield f"its vector has length {length}, not 1"
    try:
        json.loads(facts)
    except ValueError:
        yield "its facts are no JSON"
