"""Exact search in FAISS: inner products over all vectors, in one pass of native code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import faiss
import numpy as np
from numpy.typing import NDArray

__all__ = ["FaissIndex"]


class FaissIndex:
    """IndexFlatIP with ids. Ids are the caller's; a second vector of an id takes the first one's place."""

    def __init__(self, dimensions: int) -> None:
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
        self._ids: set[int] = set()

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) rows; an id that is there gets the new vector."""
        # FAISS would keep both vectors of an id: the last one given counts.
        last = {one: position for position, one in enumerate(ids)}
        self.remove([one for one in last if one in self._ids])
        rows = np.ascontiguousarray(vectors[list(last.values())], dtype=np.float32)
        self._index.add_with_ids(rows, np.fromiter(last, dtype=np.int64))
        self._ids.update(last)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove vectors."""
        there = [one for one in ids if one in self._ids]
        if there:
            self._index.remove_ids(faiss.IDSelectorBatch(np.asarray(there, dtype=np.int64)))
            self._ids.difference_update(there)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """At most k (id, cosine), best first, equal ones by id."""
        if not self._ids:
            return []
        with _one_thread():
            similarities, ids = self._index.search(vector.reshape(1, -1).astype(np.float32), min(k, len(self._ids)))
        found = zip(ids[0].tolist(), similarities[0].tolist(), strict=True)
        return sorted(((one, value) for one, value in found if one >= 0), key=lambda one: (-one[1], one[0]))

    def vector(self, one: int) -> NDArray[np.float32] | None:
        """The (dimensions,) vector of an id, None where it is not there."""
        return np.asarray(self._index.reconstruct(one), dtype=np.float32) if one in self._ids else None

    def __len__(self) -> int:
        return len(self._ids)


@contextmanager
def _one_thread() -> Iterator[None]:
    # One query gains nothing from more threads, and waits for them on a busy machine. The number is put back, for torch
    # may share the OpenMP of this thread and would compute with one thread ever after.
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
