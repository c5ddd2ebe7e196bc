"""What is done about each kind of problem, inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from storage.changes import next_revision
from storage.labels import label
from storage.postings import post
from storage.tables import aliases, blocked, deleted, entries, labels, meta, usage
from storage.upkeep.link_problems import HANGING, without_entry
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.row_problems import LIFE_COLUMNS, mended_life
from storage.weights import reweigh

__all__ = ["REMEDIES", "Remedy"]

Remedy = Callable[[Connection, Sequence[Problem]], None]
"""Mends problems of one kind, at most a batch of them."""


def _change(connection: Connection, entry_id: int, **values: Any) -> None:
    connection.execute(update(entries).where(entries.c.id == entry_id).values(values))


def _ids(found: Sequence[Problem]) -> list[int]:
    return sorted({problem.entry_id for problem in found if problem.entry_id is not None})


def _make_indexes(connection: Connection, _: Sequence[Problem]) -> None:
    connection.exec_driver_sql("REINDEX")


def _remove_orphans(connection: Connection, found: Sequence[Problem]) -> None:
    for table in HANGING:
        connection.execute(delete(table).where(table.c.entry_id.in_(_ids(found)), without_entry(table)))


def _set_scopes(connection: Connection, found: Sequence[Problem]) -> None:
    its = select(entries.c.scope).where(entries.c.id == blocked.c.entry_id).scalar_subquery()
    connection.execute(update(blocked).where(blocked.c.entry_id.in_(_ids(found))).values(scope=its))
    other = select(entries.c.scope).where(entries.c.id == aliases.c.entry_id).scalar_subquery()
    connection.execute(delete(aliases).where(aliases.c.entry_id.in_(_ids(found)), aliases.c.scope != other))


def _remove_vectors(connection: Connection, found: Sequence[Problem]) -> None:
    for one in _ids(found):
        # An index that holds the vector finds the entry changed, and drops it.
        _change(connection, one, vector=None, embedder=None, revision=next_revision(connection))
    reweigh(connection, _ids(found))


def _remove_alias_vectors(connection: Connection, found: Sequence[Problem]) -> None:
    none = {"vector": None, "embedder": None}
    connection.execute(update(aliases).where(aliases.c.entry_id.in_(_ids(found))).values(none))


def _empty_facts(connection: Connection, found: Sequence[Problem]) -> None:
    for one in _ids(found):
        _change(connection, one, facts="{}", normalizer_version="")
    reweigh(connection, _ids(found))


def _take_tags(connection: Connection, found: Sequence[Problem]) -> None:
    for one in _ids(found):
        _change(connection, one, tags=_json(_labelled(connection, one, "tag")))
    reweigh(connection, _ids(found))


def _take_documents(connection: Connection, found: Sequence[Problem]) -> None:
    for one in _ids(found):
        names = _labelled(connection, one, "document")
        _change(connection, one, documents=_json([(name, "") for name in names]))
    reweigh(connection, _ids(found))


def _labelled(connection: Connection, entry_id: int, kind: str) -> list[str]:
    wanted = select(labels.c.value).where(labels.c.entry_id == entry_id, labels.c.kind == kind)
    return sorted(connection.execute(wanted).scalars())


def _json(items: Sequence[object]) -> str:
    return json.dumps(items, ensure_ascii=False)


def _post(connection: Connection, found: Sequence[Problem]) -> None:
    post(connection, _ids(found))


def _label(connection: Connection, found: Sequence[Problem]) -> None:
    label(connection, _ids(found))


def _reweigh(connection: Connection, found: Sequence[Problem]) -> None:
    reweigh(connection, _ids(found))


def _mend_lives(connection: Connection, found: Sequence[Problem]) -> None:
    for row in connection.execute(select(entries.c.id, *LIFE_COLUMNS).where(entries.c.id.in_(_ids(found)))).all():
        _change(connection, row.id, **mended_life(row))


def _strike(connection: Connection, found: Sequence[Problem]) -> None:
    connection.execute(delete(deleted).where(deleted.c.entry_id.in_(_ids(found))))
    # An index that dropped it takes it for a new one.
    _give_revisions(connection, found)


def _give_revisions(connection: Connection, found: Sequence[Problem]) -> None:
    if any(problem.entry_id is None for problem in found):
        _count_up(connection)
    for one in _ids(found):
        _change(connection, one, revision=next_revision(connection))


def _count_up(connection: Connection) -> None:
    highest = max(connection.execute(select(func.max(table.c.revision))).scalar() or 0 for table in (entries, deleted))
    # The row may be missing, too.
    connection.execute(delete(meta).where(meta.c.name == "revision"))
    connection.execute(insert(meta).values(name="revision", value=highest))


def _count_usage(connection: Connection, _: Sequence[Problem]) -> None:
    connection.execute(delete(usage))
    summed = select(entries.c.tenant, func.count(), func.sum(entries.c.bytes)).group_by(entries.c.tenant)
    connection.execute(insert(usage).from_select(["tenant", "entries", "bytes"], summed))


REMEDIES: Mapping[Kind, Remedy] = {
    Kind.INDEX_PAGES: _make_indexes,
    Kind.ORPHAN: _remove_orphans,
    Kind.SCOPE: _set_scopes,
    Kind.ALIAS: _remove_alias_vectors,
    Kind.PAIR: _remove_vectors,
    Kind.UNIT: _remove_vectors,
    Kind.WIDTH: _remove_vectors,
    Kind.FACTS: _empty_facts,
    Kind.TAGS: _take_tags,
    Kind.DOCUMENTS: _take_documents,
    Kind.TERMS: _post,
    Kind.LABELS: _label,
    Kind.BYTES: _reweigh,
    Kind.LIFE: _mend_lives,
    Kind.DELETED: _strike,
    Kind.REVISION: _give_revisions,
    Kind.USAGE: _count_usage,
}
"""Damaged pages and unreadable tool calls are not here: nothing in the store says what they were."""
