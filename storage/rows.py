"""Entries ⇄ rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.entry import Entry, NewEntry
from storage.errors import StoreValueError
from storage.tables import entries

__all__ = ["ENTRY_COLUMNS", "checked_vector", "entry_of", "facts_text", "values_of", "vector_of"]

ENTRY_COLUMNS = tuple(column for column in entries.c if column.name not in ("vector", "revision"))
"""The columns of an Entry, in the order `entry_of` reads them."""

_NAMES = tuple(column.name for column in ENTRY_COLUMNS)
_UNIT_TOLERANCE = 1e-3


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry of a row of ENTRY_COLUMNS."""
    values = dict(zip(_NAMES, row, strict=True))
    values["facts"] = {name: tuple(items) for name, items in json.loads(values["facts"]).items()}
    values["tags"] = frozenset(json.loads(values["tags"]))
    return Entry(**values)


def values_of(entry: NewEntry) -> dict[str, Any]:
    """The columns of a new entry, but for id, revision, times and hits."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in entry.__slots__}
    values["facts"] = facts_text(entry.facts)
    values["tags"] = json.dumps(sorted(entry.tags), ensure_ascii=False)
    if (entry.vector is None) != (entry.embedder is None):
        raise StoreValueError("vector and embedder go together: give both or neither.")
    values["vector"] = None if entry.vector is None else checked_vector(entry.vector).tobytes()
    return values


def facts_text(facts: Mapping[str, Sequence[str]]) -> str:
    """Facts as JSON."""
    return json.dumps({name: list(items) for name, items in facts.items()}, ensure_ascii=False, sort_keys=True)


def vector_of(data: bytes) -> NDArray[np.float32]:
    """(dimensions,) float32 of a stored vector."""
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def checked_vector(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector as (dimensions,) little-endian float32.

    Raises:
        StoreValueError: Another shape, not finite, or not of unit length.
    """
    checked = np.ascontiguousarray(vector, dtype="<f4")
    if checked.ndim != 1 or checked.size == 0:
        raise StoreValueError(f"A vector of shape {checked.shape} was given; (dimensions,) is expected.")
    length = float(np.linalg.norm(checked))
    if not abs(length - 1.0) <= _UNIT_TOLERANCE:
        raise StoreValueError(f"A vector of length {length} was given; length 1 is expected: divide it by its norm.")
    return checked
