"""What can be wrong with the rows that hang on entries: terms, labels, aliases, blocked pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, exists, select

from storage.labels import labels_of
from storage.tables import aliases, blocked, entries, labels, postings
from storage.terms import term_number, terms
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.row_problems import is_list
from storage.upkeep.snapshot import in_batches

__all__ = ["HANGING", "link_problems", "orphan_problems", "scope_problems", "without_entry"]

HANGING = (aliases, blocked, labels, postings)
"""The tables whose rows go with their entry."""


def orphan_problems(connection: Connection) -> Iterator[Problem]:
    """Rows of entries that are gone."""
    for table in HANGING:
        gone = select(table.c.entry_id).distinct().where(without_entry(table)).order_by(table.c.entry_id)
        for one in connection.execute(gone).scalars().all():
            yield Problem(Kind.ORPHAN, one, f"it is gone, and a row of {table.name} is there")


def without_entry(table: Table) -> Any:
    """Whether a row's entry is gone."""
    return ~exists().where(entries.c.id == table.c.entry_id)


def scope_problems(connection: Connection) -> Iterator[Problem]:
    """Aliases and blocked pairs that say another scope than their entry."""
    for table in (aliases, blocked):
        other = select(table.c.entry_id).distinct().join(entries, entries.c.id == table.c.entry_id)
        other = other.where(entries.c.scope != table.c.scope).order_by(table.c.entry_id)
        for one in connection.execute(other).scalars().all():
            yield Problem(Kind.SCOPE, one, f"a row of {table.name} is of another scope")


def link_problems(connection: Connection) -> Iterator[Problem]:
    """Entries whose terms are not those of their question and key, or whose labels are not those of their tags and
    documents."""
    names = ("id", "scope", "key", "question", "tags", "documents")
    for batch in in_batches(connection, select(*(entries.c[name] for name in names)), entries.c.id):
        posted, labelled = _posted(connection, batch), _labelled(connection, batch)
        for row in batch:
            for text in _of_terms(row, posted[row.id]):
                yield Problem(Kind.TERMS, row.id, text)
            # Where they cannot be read, that is the problem.
            readable = is_list(row.tags, 1) and is_list(row.documents, 2)
            if readable and labelled[row.id] != set(labels_of(row.tags, row.documents)):
                yield Problem(Kind.LABELS, row.id, "its labels are not those of its tags and documents")


def _of_terms(row: Row[Any], posted: dict[int, int]) -> Iterator[str]:
    # Two terms that share a number are one row.
    expected = {term_number(row.scope, term) for term in terms(row.key, row.question)}
    there = set(posted)
    if missing := len(expected - there):
        yield f"of its {len(expected)} terms are missing: {missing}"
    if strange := len(there - expected):
        yield f"terms that are not of its question: {strange}"
    if there == expected and any(length != len(expected) for length in posted.values()):
        yield f"its terms do not say that it has {len(expected)} of them"


def _posted(connection: Connection, batch: Sequence[Row[Any]]) -> dict[int, dict[int, int]]:
    columns = (postings.c.entry_id, postings.c.term, postings.c.length)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for one, term, length in connection.execute(select(*columns).where(_in_range(postings, batch))):
        found[one][term] = length
    return found


def _labelled(connection: Connection, batch: Sequence[Row[Any]]) -> dict[int, set[tuple[str, str]]]:
    columns = (labels.c.entry_id, labels.c.kind, labels.c.value)
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for one, kind, value in connection.execute(select(*columns).where(_in_range(labels, batch))):
        found[one].add((kind, value))
    return found


def _in_range(table: Table, batch: Sequence[Row[Any]]) -> Any:
    return table.c.entry_id.between(batch[0].id, batch[-1].id)
