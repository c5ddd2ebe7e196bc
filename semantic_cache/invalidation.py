"""Removing what must not be served any more: conditions in a caller's words → entries of the store."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np

from normalize import NormalizeError, Normalizer
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import SelectionError, StoreError
from storage import StorageError, Store, StoreValueError
from storage.life import Near, Removal, Selection

__all__ = ["Conditions", "Invalidation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which entries are meant: those for which all of these hold that are given; see `SemanticCache.invalidate`.

    `min_similarity` is no condition by itself: it says how near `similar_to` means.
    """

    ids: Collection[int] | None = None
    tags: Collection[str] | None = None
    tenant: str | None = None
    document: str | None = None
    model: str | None = None
    older_than_seconds: float | None = None
    similar_to: str | Sequence[str] | None = None
    min_similarity: float = 0.9
    everything: bool = False

    @property
    def named(self) -> bool:
        """Whether anything but the tenant says which entries."""
        others = (one.name for one in fields(self) if one.name not in ("tenant", "min_similarity", "everything"))
        return self.everything or any(getattr(self, name) is not None for name in others)


class Invalidation:
    """Removes entries. Thread-safe.

    Args:
        store: Where they are.
        embedder: Embeds what others shall be similar to, as it does questions.
        normalizer: Reads it, as it does questions.
        clock: Seconds since the epoch, the store's.
    """

    def __init__(
        self,
        store: Store,
        embedder: EmbedderInUse,
        normalizer: Normalizer,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._normalizer = normalizer
        self._clock = clock

    def __call__(self, conditions: Conditions, *, dry_run: bool = False) -> Removal:
        """Remove what the conditions select, or with `dry_run` only say what that is.

        Raises:
            SelectionError: No condition is given, or one that no entry can meet.
            StoreError: The store could not be read or written; nothing was removed.
            ModelError: The embedder is needed and failed.
        """
        selection = self._selection(conditions)
        try:
            return self._store.life.invalidate(selection, dry_run=dry_run)
        except StoreValueError as error:
            raise SelectionError(str(error)) from error
        except StorageError as error:
            raise StoreError(f"Nothing was removed: {error}") from error

    def _selection(self, conditions: Conditions) -> Selection:
        if not conditions.named:
            raise SelectionError(
                "Nothing says which entries: give a condition besides the tenant, or everything=True for all of them."
            )
        ids, tags, age = conditions.ids, conditions.tags, conditions.older_than_seconds
        try:
            return Selection(
                ids=None if ids is None else _checked_ids(ids),
                tags=None if tags is None else frozenset(_texts("tags", tags)),
                tenant=conditions.tenant,
                document=conditions.document,
                model=conditions.model,
                answered_before=None if age is None else self._clock() - _checked_age(age),
                near=self._near(conditions),
                everything=conditions.everything,
            )
        except StoreValueError as error:
            raise SelectionError(str(error)) from error

    def _near(self, conditions: Conditions) -> Near | None:
        if conditions.similar_to is None:
            return None
        given = conditions.similar_to
        texts = [given] if isinstance(given, str) else _texts("similar_to", given)
        if not texts:
            raise SelectionError("similar_to=[] names no question: give one, or leave it out.")
        vectors = self._embedder.vectors([self._read(text) for text in texts])
        known = [vector for vector in vectors if vector is not None]
        if len(known) < len(texts):
            raise SelectionError(
                f"A text of similar_to is longer than the {self._embedder.max_tokens} tokens the embedder reads: "
                "shorten it."
            )
        return Near(vectors=np.stack(known), embedder=self._embedder.name, min_similarity=conditions.min_similarity)

    def _read(self, text: str) -> str:
        try:
            return self._normalizer(text).text
        except NormalizeError as error:
            raise SelectionError(f"similar_to: {error}") from error


def _checked_ids(ids: Collection[int]) -> tuple[int, ...]:
    if any(isinstance(one, bool) or not isinstance(one, int) for one in ids):
        raise SelectionError(f"ids={ids!r} are not the ids of entries; write [12, 15].")
    return tuple(ids)


def _texts(name: str, values: Collection[str]) -> list[str]:
    if isinstance(values, str) or not all(isinstance(one, str) for one in values):
        raise SelectionError(f"{name}={values!r} is not a list of texts; write ['billing'].")
    return list(values)


def _checked_age(seconds: float) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        raise SelectionError(f"older_than_seconds={seconds!r} is no age: give a number of seconds, 0 or more.")
    return seconds
