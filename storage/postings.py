"""The terms of entries as rows: made in the transaction that writes the entry, so that they never say another thing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from storage.bulk import insert_rows
from storage.sql import one_of
from storage.tables import entries, postings
from storage.terms import term_number, terms

__all__ = ["post"]

_BATCH = 500
_CLEAR = delete(postings).where(one_of(postings.c.entry_id, "ids"))
_READ = select(entries.c.id, entries.c.scope, entries.c.key, entries.c.question).where(one_of(entries.c.id, "ids"))


def post(connection: Connection, ids: Sequence[int]) -> None:
    """Write the terms of these entries as their rows are now; ids that are not there are passed over."""
    for start in range(0, len(ids), _BATCH):
        batch = {"ids": ids[start : start + _BATCH]}
        connection.execute(_CLEAR, batch)
        entered = connection.execute(_READ, batch).all()
        rows = [row for one, *text in entered for row in _rows(one, _numbers(*text))]
        insert_rows(connection, postings, rows)


def _rows(entry_id: int, numbers: set[int]) -> list[dict[str, int]]:
    return [{"term": term, "entry_id": entry_id, "length": len(numbers)} for term in numbers]


def _numbers(scope: str, key: str, question: str) -> set[int]:
    # Two terms that share a number are one row.
    return {term_number(scope, term) for term in terms(key, question)}
