"""What a store keeps and gives back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from storage.errors import StoreValueError

__all__ = [
    "AddReport",
    "Asked",
    "DocumentRef",
    "Entry",
    "KeyUpdate",
    "Lifetime",
    "Neighbour",
    "NewEntry",
    "Origin",
    "StoreStats",
    "ToolCall",
]

Origin = Literal["curated", "generated"]
"""Whether a person wrote the answer, or a model."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool that is part of an answer; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document that an answer used: its name, and the digest of its contents ("" where that does not matter)."""

    name: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long an answer lives: for `ttl_seconds` from when it was written or, `sliding`, from when it was last used.

    A sliding life is prolonged in steps of a tenth of it.

    Raises:
        StoreValueError: `ttl_seconds` is not greater than 0, or not finite.
    """

    ttl_seconds: float
    sliding: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.ttl_seconds < math.inf:
            raise StoreValueError(f"ttl_seconds={self.ttl_seconds!r} must be greater than 0 and finite.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stored question with its answer.

    `scope` says which questions it may answer, `exact_hash` and `key_hash` how it is found without a vector;
    `embedder` names what made its vector, None where there is none. `documents` are those the answer used, `bot` names
    who answered (see `NewEntry`), `generation_ms` is what the answer took to make, `bytes` what its texts and vector
    weigh. `created` is when the question was first stored, `answered` when this answer was; from `expires` on it is not
    served (None: it lives until it is removed). Times are seconds since the epoch.
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
    tool_calls: tuple[ToolCall, ...] = ()
    documents: tuple[DocumentRef, ...] = ()
    bot: str = ""
    answered: float = 0.0
    generation_ms: float = 0.0
    bytes: int = 0
    expires: float | None = None
    ttl_seconds: float | None = None
    sliding: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The text of a stored question, and the revision of the store in which it was last written."""

    revision: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewEntry:
    """An entry before it is stored. `vector` is (dimensions,) float32 of unit length, or None.

    `bot` is the same for answers given under one system prompt and documents of the same names, whatever they hold:
    by it the answers from a former edition of a document are found.
    """

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
    tool_calls: tuple[ToolCall, ...] = ()
    documents: tuple[DocumentRef, ...] = ()
    bot: str = ""
    generation_ms: float = 0.0
    lifetime: Lifetime | None = None


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
