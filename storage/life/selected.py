"""A selection, asked of SQL; what SQL cannot compare is compared here, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from itertools import compress

import numpy as np
from sqlalchemy import ColumnElement, and_, false, select, true

from storage.database import Database
from storage.entry import DocumentRef
from storage.life.removal import DROPPED, Dropped
from storage.life.selection import Near, Selection
from storage.rows import vector_of
from storage.sql import one_of
from storage.tables import entries, labels

__all__ = ["condition", "selected"]

_PAGE = 1000
_ROUNDING = 1e-6
"""By how much a cosine of float32 may be off: the same question is near at a similarity of 1."""


def condition(selection: Selection) -> tuple[ColumnElement[bool], dict[str, object]]:
    """What rows must fulfil, all but the nearness, with the values of its parameters."""
    ids = selection.ids
    holding: list[ColumnElement[bool]] = [
        column == getattr(selection, column.name) for column in _SAME if getattr(selection, column.name) is not None
    ]
    if ids is not None:
        holding.append(one_of(entries.c.id, "selected") if ids else false())
    if selection.tags is not None:
        holding.append(_labelled("tag", labels.c.value.in_(selection.tags)) if selection.tags else false())
    if selection.document is not None:
        holding.append(_labelled("document", labels.c.value == selection.document))
    if selection.answered_before is not None:
        holding.append(entries.c.answered < selection.answered_before)
    if selection.used_before is not None:
        holding.append(entries.c.last_used < selection.used_before)
    if selection.former_editions is not None:
        holding.append(_of_former_editions(*selection.former_editions))
    if selection.near is not None:
        holding.append(entries.c.embedder == selection.near.embedder)
    return and_(true(), *holding), {"selected": list(ids)} if ids else {}


def selected(database: Database, selection: Selection) -> Iterator[Dropped]:
    """The entries of a selection, by id. Streamed: nothing but a page of them is in memory."""
    holds, values = condition(selection)
    wanted = select(*DROPPED).order_by(entries.c.id).limit(_PAGE)
    if selection.near is not None:
        wanted = wanted.add_columns(entries.c.vector).where(entries.c.vector.is_not(None))
    is_near = None if selection.near is None else _nearness(selection.near)
    last = 0
    while True:
        with database.read() as connection:
            page = [tuple(row) for row in connection.execute(wanted.where(holds, entries.c.id > last), values)]
        near = page if is_near is None else compress(page, is_near([row[-1] for row in page]))
        yield from (Dropped(*row[: len(DROPPED)]) for row in near)
        if len(page) < _PAGE:
            return
        last = page[-1][0]


_SAME = (
    entries.c.tenant,
    entries.c.scope,
    entries.c.model,
    entries.c.embedder,
    entries.c.origin,
    entries.c.language,
)
"""Conditions that are equality with a column of that name."""


def _labelled(kind: str, value: ColumnElement[bool]) -> ColumnElement[bool]:
    return entries.c.id.in_(select(labels.c.entry_id).where(labels.c.kind == kind, value))


def _of_former_editions(bot: str, present: tuple[DocumentRef, ...]) -> ColumnElement[bool]:
    # As `rows.values_of` writes them: the same documents are the same text.
    documents = json.dumps(sorted({astuple(one) for one in present}), ensure_ascii=False)
    return and_(entries.c.bot == bot, entries.c.origin == "generated", entries.c.documents != documents)


def _nearness(near: Near) -> Callable[[Sequence[bytes]], list[bool]]:
    """For each of many stored vectors whether it is near enough."""
    asked, least = near.vectors, near.min_similarity - _ROUNDING
    size = asked.shape[1] * 4

    def compared(stored: Sequence[bytes]) -> list[bool]:
        fitting = [len(vector) == size for vector in stored]
        if not any(fitting):
            return fitting
        rows = np.stack([vector_of(vector) for vector in compress(stored, fitting)])
        found = iter(((rows @ asked.T).max(axis=1) >= least).tolist())
        return [fits and next(found) for fits in fitting]

    return compared
