"""The terms of entries as rows: made in the transaction that writes the entry, so that they never say another thing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, exists, func, select

from storage.tables import entries, postings
from storage.terms import term_number, terms

__all__ = ["add_missing", "post", "term_problems"]

_BATCH = 500
# As text: building these would take longer than running them.
_CLEAR = "DELETE FROM samewise_postings WHERE entry_id IN (SELECT value FROM json_each(?))"
_READ = "SELECT id, scope, key, question FROM samewise_entries WHERE id IN (SELECT value FROM json_each(?))"
_WRITE = "INSERT INTO samewise_postings (term, entry_id, length) VALUES (?, ?, ?)"
_WITHOUT_TERMS = ~exists().where(postings.c.entry_id == entries.c.id)


def post(connection: Connection, ids: Sequence[int]) -> None:
    """Write the terms of these entries as their rows are now; ids that are not there are passed over."""
    for start in range(0, len(ids), _BATCH):
        batch = (json.dumps(list(ids[start : start + _BATCH])),)
        connection.exec_driver_sql(_CLEAR, batch)
        entered = connection.exec_driver_sql(_READ, batch).all()
        rows = [row for one, *text in entered for row in _rows(one, _numbers(*text))]
        if rows:
            connection.exec_driver_sql(_WRITE, rows)


def add_missing(connection: Connection) -> None:
    """Write the terms of every entry that has none: those of a store that was made without terms."""
    last = 0
    while ids := connection.execute(
        select(entries.c.id).where(entries.c.id > last, _WITHOUT_TERMS).order_by(entries.c.id).limit(_BATCH)
    ).scalars().all():  # fmt: skip
        post(connection, ids)
        last = ids[-1]


def term_problems(connection: Connection) -> Iterator[str]:
    """Entries whose terms are not those of their question and key, and terms whose entry is gone."""
    gone = select(postings.c.entry_id).distinct().where(~exists().where(entries.c.id == postings.c.entry_id))
    for one in connection.execute(gone).scalars():
        yield f"entry {one}: it is gone, and its terms are there"
    posted = select(func.json_group_array(postings.c.term)).where(postings.c.entry_id == entries.c.id)
    text = (entries.c.scope, entries.c.key, entries.c.question)
    for one, *texts, found in connection.execute(select(entries.c.id, *text, posted.scalar_subquery())):
        expected = _numbers(*texts)
        there = set(json.loads(found))
        if missing := len(expected - there):
            yield f"entry {one}: of its {len(expected)} terms are missing: {missing}"
        if strange := len(there - expected):
            yield f"entry {one}: terms that are not of its question: {strange}"


def _rows(entry_id: int, numbers: set[int]) -> list[tuple[int, int, int]]:
    return [(term, entry_id, len(numbers)) for term in numbers]


def _numbers(scope: str, key: str, question: str) -> set[int]:
    # Two terms that share a number are one row.
    return {term_number(scope, term) for term in terms(key, question)}
