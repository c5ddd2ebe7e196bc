"""Questions that were confirmed for an entry, as candidates beside its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from normalize import NormalizeError, Normalizer, Question
from storage import Entry, Neighbour, Store

__all__ = ["ConfirmedWordings", "nearest_wordings"]

_MOST_READ = 4096


class ConfirmedWordings:
    """Finds entries by the confirmed questions that are near. Thread-safe.

    Args:
        store: Where they are.
        normalizer: Reads them, for guards and verifier compare facts.
        key_version: What made the keys.
    """

    def __init__(self, store: Store, normalizer: Normalizer, key_version: str) -> None:
        self._store = store
        self._normalizer = normalizer
        self._key_version = key_version
        self._read = lru_cache(_MOST_READ)(self._question)

    def nearest(self, scope: str, vector: NDArray[np.float32], k: int, embedder: str) -> list[tuple[Neighbour, Entry]]:
        """At most k entries' neighbours that have their nearest confirmed question in the place of their own, each with
        its entry as it is.

        Raises:
            StorageError: They cannot be read.
        """
        found = self._store.feedback.confirmed.nearest(scope, vector, k, embedder)
        read = ((one, self._read(one.question)) for one in found)
        return [
            (Neighbour(self._worded(one.entry, question), one.similarity), one.entry)
            for one, question in read
            if question is not None
        ]

    def _question(self, text: str) -> Question | None:
        try:
            return self._normalizer(text)
        except NormalizeError:  # taken once, refused now: it is found by its key alone
            return None

    def _worded(self, entry: Entry, question: Question) -> Entry:
        return replace(
            entry,
            question=question.text,
            key=question.key,
            key_hash=question.key_hash,
            language=question.language,
            facts=asdict(question.facts),
            normalizer_version=self._key_version,
        )


def nearest_wordings(found: Iterable[Neighbour], most: int) -> tuple[Neighbour, ...]:
    """The nearest of at most `most` entries, each by its own question and its nearest confirmed one: which of them
    tells that it is meant is for the judge to say."""
    once = {
        (one.entry.id, one.entry.key_hash): one for one in sorted(found, key=lambda neighbour: neighbour.similarity)
    }
    best = sorted(once.values(), key=lambda neighbour: -neighbour.similarity)
    kept = set(list(dict.fromkeys(one.entry.id for one in best))[:most])
    return tuple(one for one in best if one.entry.id in kept)
