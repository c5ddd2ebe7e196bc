"""Exact search in numpy: the simplest VectorIndex, and the oracle of the tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["FlatIndex"]


class FlatIndex:
    """Compares with every vector. O(n · dimensions) a search."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._vectors: dict[int, NDArray[np.float32]] = {}

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) rows; an id that is there gets the new vector."""
        # A copy: the caller may write into its array afterwards.
        rows = np.array(vectors, dtype=np.float32).reshape(len(ids), self._dimensions)
        self._vectors.update(zip(ids, rows, strict=True))

    def remove(self, ids: Sequence[int]) -> None:
        """Remove vectors."""
        for one in ids:
            self._vectors.pop(one, None)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """At most k (id, cosine), best first, equal ones by id."""
        if not self._vectors:
            return []
        similarities = np.stack(list(self._vectors.values())) @ vector
        found = zip(self._vectors, similarities.tolist(), strict=True)
        return sorted(found, key=lambda one: (-one[1], one[0]))[:k]

    def vector(self, one: int) -> NDArray[np.float32] | None:
        """The (dimensions,) vector of an id, None where it is not there."""
        return self._vectors.get(one)

    def __len__(self) -> int:
        return len(self._vectors)
