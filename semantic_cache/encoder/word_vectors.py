"""Single words → vectors of the encoder's input table: which word of one question goes with which of the other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.packed_file import PackedModel
from semantic_cache.encoder.pieces import Pieces

__all__ = ["WordVectors"]

_KEPT = 20_000


class WordVectors:
    """Thread-safe. A word's vector is the mean of its pieces', of unit length."""

    def __init__(self, packed: PackedModel, pieces: Pieces) -> None:
        self._packed, self._pieces = packed, pieces
        # The mean of all words is in each of them and says nothing.
        self._common = packed.words.rows(np.arange(1000, 20_000)).mean(axis=0)
        self._vector = lru_cache(_KEPT)(self._vector_of)

    def matches(self, here: Iterable[str], there: Iterable[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """For each word of either side, the cosine of the nearest word of the other; empty where a side is."""
        one, other = sorted(set(here)), sorted(set(there))
        if not one or not other:
            return np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
        cosines = np.stack([self._vector(word) for word in one]) @ np.stack([self._vector(word) for word in other]).T
        return cosines.max(axis=1), cosines.max(axis=0)

    def _vector_of(self, word: str) -> NDArray[np.float32]:
        ids = np.array(self._pieces([word])[0], dtype=np.int64)
        vector: NDArray[np.float32] = self._packed.words.rows(ids).mean(axis=0) - self._common
        return vector / max(float(np.linalg.norm(vector)), 1e-6)
