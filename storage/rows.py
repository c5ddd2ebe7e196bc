"""Entries ⇄ rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.entry import DocumentRef, Entry, NewEntry, ToolCall
from storage.errors import CorruptError, StoreValueError
from storage.tables import entries

__all__ = [
    "ENTRY_COLUMNS",
    "WEIGHED",
    "checked_vector",
    "entry_of",
    "facts_text",
    "is_unit",
    "values_of",
    "vector_of",
    "weight_of",
]

ENTRY_COLUMNS = tuple(column for column in entries.c if column.name not in ("vector", "revision", "added"))
"""The columns of an Entry, in the order `entry_of` reads them."""

_NAMES = tuple(column.name for column in ENTRY_COLUMNS)
WEIGHED = ("question", "key", "answer", "facts", "tags", "tool_calls", "documents", "vector")
"""The columns that count as the bytes of an entry."""
_UNIT_TOLERANCE = 1e-3


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry of a row of ENTRY_COLUMNS. Raises CorruptError where the row is damaged."""
    values = dict(zip(_NAMES, row, strict=True))
    try:
        values["facts"] = dict(_facts(values["facts"]))
        values["tags"] = _tags(values["tags"])
        # Most answers have neither: nothing is read for them.
        values["tool_calls"] = _tool_calls(values["tool_calls"]) if values["tool_calls"] else ()
        values["documents"] = _documents(values["documents"])
    except (ValueError, TypeError, AttributeError) as error:
        raise CorruptError(f"entry {values['id']} cannot be read ({error}): check and repair the store.") from error
    values["sliding"] = bool(values["sliding"])  # SQLite has no truth values, the driver gives its number
    return Entry(**values)


# Many entries have the same: reading them each time would take as long as finding the entry.
@lru_cache(maxsize=4096)
def _facts(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(items)) for name, items in json.loads(text).items())


@lru_cache(maxsize=4096)
def _tags(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


@lru_cache(maxsize=4096)
def _documents(text: str) -> tuple[DocumentRef, ...]:
    return tuple(DocumentRef(*one) for one in json.loads(text))


def _tool_calls(text: str) -> tuple[ToolCall, ...]:
    return tuple(ToolCall(*one) for one in json.loads(text))


def values_of(entry: NewEntry) -> dict[str, Any]:
    """The columns of a new entry, but for id, revision, times and hits."""
    if (entry.vector is None) != (entry.embedder is None):
        raise StoreValueError("vector and embedder go together: give both or neither.")
    values: dict[str, Any] = {name: getattr(entry, name) for name in entry.__slots__ if name != "lifetime"}
    values["facts"] = facts_text(entry.facts)
    values["tags"] = json.dumps(sorted(entry.tags), ensure_ascii=False)
    values["tool_calls"] = _list_text([astuple(one) for one in entry.tool_calls]) if entry.tool_calls else None
    values["documents"] = _list_text(sorted({astuple(one) for one in entry.documents}))
    values["vector"] = None if entry.vector is None else checked_vector(entry.vector).tobytes()
    values["bytes"] = weight_of(values)
    life = entry.lifetime
    return {**values, "ttl_seconds": life and life.ttl_seconds, "sliding": life is not None and life.sliding}


def weight_of(values: Mapping[str, Any]) -> int:
    """Bytes of the texts and the vector of a row, given by the names of its columns."""
    return sum(_weight(values[name]) for name in WEIGHED)


def _weight(value: str | bytes | None) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))  # half a character is refused where it is written
    return len(value or b"")


def _list_text(items: Sequence[Sequence[str]]) -> str:
    return json.dumps(items, ensure_ascii=False)


def facts_text(facts: Mapping[str, Sequence[str]]) -> str:
    """Facts as JSON."""
    return json.dumps({name: list(items) for name, items in facts.items()}, ensure_ascii=False, sort_keys=True)


def vector_of(data: bytes) -> NDArray[np.float32]:
    """(dimensions,) float32 of a stored vector."""
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def is_unit(length: float) -> bool:
    """Whether a vector of that length counts as one of unit length; NaN does not."""
    return abs(length - 1.0) <= _UNIT_TOLERANCE


def checked_vector(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector as (dimensions,) little-endian float32.

    Raises:
        StoreValueError: Another shape, not finite, or not of unit length.
    """
    checked = np.ascontiguousarray(vector, dtype="<f4")
    if checked.ndim != 1 or checked.size == 0:
        raise StoreValueError(f"A vector of shape {checked.shape} was given; (dimensions,) is expected.")
    length = float(np.linalg.norm(checked))
    if not is_unit(length):
        raise StoreValueError(f"A vector of length {length} was given; length 1 is expected: divide it by its norm.")
    return checked
