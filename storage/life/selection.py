"""Which entries are meant, as a value."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from storage.entry import DocumentRef, Origin
from storage.errors import StoreValueError
from storage.rows import checked_vector

__all__ = ["MOST_TAGS", "Near", "Selection"]

MOST_TAGS = 500
"""A statement takes a bounded number of values."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Near:
    """Entries whose question's vector has at least that cosine with any of these.

    Args:
        vectors: (n, dimensions) float32 of unit length, n at least 1.
        embedder: What made them; vectors of another are not compared.
        min_similarity: In [-1, 1].

    Raises:
        StoreValueError: One of them is not so.
    """

    vectors: NDArray[np.float32]
    embedder: str
    min_similarity: float

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or not len(self.vectors):
            raise StoreValueError(f"vectors of shape {self.vectors.shape} were given; (n, dimensions) is expected.")
        for vector in self.vectors:
            checked_vector(vector)
        if not -1.0 <= self.min_similarity <= 1.0:
            raise StoreValueError(f"min_similarity={self.min_similarity!r} must be a cosine, from -1 to 1.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """Entries for which all conditions hold that are given; None is no condition.

    Args:
        ids: One of these; an empty tuple is none of all entries.
        tags: With any of these tags, at most 500; an empty set is none of all entries.
        tenant, scope, model, embedder, origin, language: As in `Entry`.
        document: The name of a document that the answer used.
        answered_before: The answer was stored before; seconds since the epoch.
        used_before: It was last used before; seconds since the epoch.
        former_editions: (bot, its present documents): what was generated for that bot with other ones.
        near: By vector; every vector is compared.
        everything: All entries, within the other conditions if there are any.

    Raises:
        StoreValueError: No condition at all and not `everything`, or a value that no entry can have.
    """

    ids: tuple[int, ...] | None = None
    tags: frozenset[str] | None = None
    tenant: str | None = None
    scope: str | None = None
    document: str | None = None
    model: str | None = None
    embedder: str | None = None
    origin: Origin | None = None
    language: str | None = None
    answered_before: float | None = None
    used_before: float | None = None
    former_editions: tuple[str, tuple[DocumentRef, ...]] | None = None
    near: Near | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        if not self.everything and all(getattr(self, one.name) is None for one in fields(self)[:-1]):
            raise StoreValueError("Nothing says which entries: give a condition, or everything=True for all of them.")
        if self.tags is not None and len(self.tags) > MOST_TAGS:
            raise StoreValueError(f"{len(self.tags)} tags were given; at most {MOST_TAGS} can be selected at once.")
        if self.origin is not None and self.origin not in get_args(Origin):
            raise StoreValueError(f"origin={self.origin!r} is not known; take one of {', '.join(get_args(Origin))}.")
        for name in ("answered_before", "used_before"):
            if math.isnan(getattr(self, name) or 0.0):
                raise StoreValueError(f"{name}=nan is no time; give seconds since the epoch.")
        if self.former_editions is not None and not self.former_editions[0]:
            raise StoreValueError("former_editions needs the name of a bot: entries without one have no editions.")
