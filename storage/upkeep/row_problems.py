"""What can be wrong with an entry's own columns."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select

from storage.rows import WEIGHED, is_unit, vector_of, weight_of
from storage.tables import entries
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.snapshot import in_batches

__all__ = ["LIFE_COLUMNS", "is_list", "mended_life", "row_problems", "vector_widths"]

_LATE_SECONDS = 1.0  # sums of floats differ in the last digit

_COLUMNS = tuple(entries.c[name] for name in ("id", "embedder", "bytes", *WEIGHED))
LIFE_COLUMNS = tuple(entries.c[name] for name in ("answered", "expires", "ttl_seconds", "sliding"))


def row_problems(connection: Connection) -> Iterator[Problem]:
    """Every entry: vector and embedder, facts, tags, documents, tool calls, weight and life."""
    widths = vector_widths(connection)
    for batch in in_batches(connection, select(*_COLUMNS, *LIFE_COLUMNS), entries.c.id):
        for row in batch:
            found = [*_of_vector(row, widths), *_of_texts(row), *_of_life(row)]
            # What changes a text or the vector weighs it anew: one cause is one problem.
            found = found or list(_of_weight(row))
            for kind, text in found:
                yield Problem(kind, row.id, text)


def mended_life(row: Row[Any]) -> dict[str, object]:
    """The columns `expires`, `ttl_seconds` and `sliding` of a row as they can hold together, never a longer life."""
    ttl, expires = row.ttl_seconds, row.expires
    if ttl is not None and not 0 < ttl < math.inf:
        ttl = None
    if ttl is None and expires is not None:
        ttl = expires - row.answered if expires > row.answered else _LATE_SECONDS
    if ttl is None:
        return {"expires": None, "ttl_seconds": None, "sliding": False}
    last = row.answered + ttl
    if expires is None or (not row.sliding and expires > last + _LATE_SECONDS):
        expires = last
    return {"expires": expires, "ttl_seconds": ttl, "sliding": bool(row.sliding)}


def vector_widths(connection: Connection) -> dict[str, int]:
    """Bytes of the vectors that most entries of an embedder have; of two as frequent, those that came first."""
    width = func.length(entries.c.vector)
    wanted = (
        select(entries.c.embedder, width, func.count(), func.min(entries.c.revision))
        .where(entries.c.embedder.is_not(None), entries.c.vector.is_not(None))
        .group_by(entries.c.embedder, width)
    )
    best: dict[str, tuple[int, int, int]] = {}
    for embedder, size, count, first in connection.execute(wanted):
        best[embedder] = max(best.get(embedder, (0, 0, 0)), (count, -first, size))
    return {embedder: size for embedder, (_, _, size) in best.items()}


def _of_vector(row: Row[Any], widths: Mapping[str, int]) -> Iterator[tuple[Kind, str]]:
    if (row.embedder is None) != (row.vector is None):
        yield Kind.PAIR, "it has a vector without an embedder, or an embedder without a vector"
    if row.vector is None:
        return
    length = float(np.linalg.norm(vector_of(row.vector))) if len(row.vector) % 4 == 0 else math.nan
    if not is_unit(length):
        yield Kind.UNIT, f"its vector has length {length}, not 1"
    elif row.embedder is not None and len(row.vector) != widths[row.embedder]:
        expected = widths[row.embedder] // 4
        yield (
            Kind.WIDTH,
            f"its vector has {len(row.vector) // 4} dimensions, and others of {row.embedder!r} have {expected}",
        )


def _of_texts(row: Row[Any]) -> Iterator[tuple[Kind, str]]:
    if not _is_facts(row.facts):
        yield Kind.FACTS, "its facts are no JSON of lists of texts by name"
    if not is_list(row.tags, 1):
        yield Kind.TAGS, "its tags are no JSON list of texts"
    if not is_list(row.documents, 2):
        yield Kind.DOCUMENTS, "its documents are no JSON list of names and digests"
    if row.tool_calls is not None and not is_list(row.tool_calls, 3):
        yield Kind.TOOL_CALLS, "its tool calls are no JSON list of ids, names and arguments"


def _of_life(row: Row[Any]) -> Iterator[tuple[Kind, str]]:
    said = {"expires": row.expires, "ttl_seconds": row.ttl_seconds, "sliding": bool(row.sliding)}
    if mended_life(row) != said:
        words = ", ".join(f"{name} {value}" for name, value in said.items())
        yield Kind.LIFE, f"its life does not hold together: answered {row.answered}, {words}"


def _of_weight(row: Row[Any]) -> Iterator[tuple[Kind, str]]:
    weight = weight_of(row._asdict())
    if row.bytes != weight:
        yield Kind.BYTES, f"it is said to weigh {row.bytes} bytes, and weighs {weight}"


def _is_facts(text: str) -> bool:
    facts = _json(text)
    return isinstance(facts, dict) and all(_are_texts(items) for items in facts.values())


def is_list(text: str, width: int) -> bool:
    """Whether it is a list of texts, or of lists of `width` texts each."""
    items = _json(text)
    if width == 1:
        return _are_texts(items)
    return isinstance(items, list) and all(_are_texts(item) and len(item) == width for item in items)


def _are_texts(items: object) -> bool:
    return isinstance(items, list) and all(isinstance(item, str) for item in items)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
