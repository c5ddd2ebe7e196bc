"""What a store keeps and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["AddReport", "Asked", "Entry", "KeyUpdate", "Neighbour", "NewEntry", "Origin", "StoreStats"]

Origin = Literal["curated", "generated"]
"""Whether a person wrote the answer, or a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stored question with its answer.

    `scope` says which questions it may answer, `exact_hash` and `key_hash` how it is found without a vector;
    `embedder` names what made its vector, None where there is none. Times are seconds since the epoch.
    """

    id: int
    tenant: str
    scope: str
    question: str
    exact_hash: str
    key: str
    key_hash: str
    language: str
    facts: Mapping[str, tuple[str, ...]]
    answer: str
    finish_reason: str
    origin: Origin
    prompt_tokens: int
    completion_tokens: int
    tags: frozenset[str]
    model: str
    embedder: str | None
    normalizer_version: str
    created: float
    last_used: float
    hits: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The text of a stored question, and the revision of the store in which it was last written."""

    revision: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewEntry:
    """An entry before it is stored. `vector` is (dimensions,) float32 of unit length, or None."""

    tenant: str
    scope: str
    question: str
    exact_hash: str
    key: str
    key_hash: str
    language: str
    facts: Mapping[str, tuple[str, ...]]
    answer: str
    finish_reason: str
    origin: Origin
    prompt_tokens: int
    completion_tokens: int
    tags: frozenset[str]
    model: str
    embedder: str | None
    normalizer_version: str
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry near a vector; `similarity` is the cosine in [-1, 1]."""

    entry: Entry
    similarity: float


@dataclass(frozen=True, slots=True)
class KeyUpdate:
    """A key made anew for the entry `id`."""

    id: int
    key: str
    key_hash: str
    language: str
    facts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AddReport:
    """How many entries were new, and how many took the place of the same question."""

    added: int
    replaced: int


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts. `hits` are uses of the entries that are there now; `bytes_on_disk` is 0 for a store in memory."""

    entries: int
    curated: int
    generated: int
    tenants: int
    scopes: int
    hits: int
    bytes_on_disk: int
