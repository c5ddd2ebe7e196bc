"""Exact search in FAISS: inner products over all vectors, in native code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import faiss
import numpy as np
from numpy.typing import NDArray

__all__ = ["FaissIndex", "one_thread"]

_BLOCK = 4096
"""Vectors to a block. One growing array would be copied whole whenever it is full: 0.2 s at 100,000 vectors."""


class FaissIndex:
    """Compares with every vector, in blocks of a fixed size. Adding and removing cost the same at any number."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._blocks: list[NDArray[np.float32]] = []
        self._ids: list[int] = []
        self._places: dict[int, int] = {}

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) rows; an id that is there gets the new vector."""
        for one, row in zip(ids, vectors, strict=True):
            place = self._places.setdefault(one, len(self._ids))
            if place == len(self._ids):
                self._ids.append(one)
                if place == len(self._blocks) * _BLOCK:
                    self._blocks.append(np.empty((_BLOCK, self._dimensions), dtype=np.float32))
            self._row(place)[:] = row

    def remove(self, ids: Sequence[int]) -> None:
        """Remove vectors."""
        for one in ids:
            place = self._places.pop(one, None)
            if place is None:
                continue
            # The last one moves into the gap.
            last = self._ids.pop()
            if last != one:
                self._row(place)[:] = self._row(len(self._ids))
                self._ids[place], self._places[last] = last, place
        while len(self._blocks) * _BLOCK >= len(self._ids) + _BLOCK:
            self._blocks.pop()

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """At most k (id, cosine), best first, equal ones by id."""
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        found: list[tuple[int, float]] = []
        with one_thread():
            for start, block in zip(range(0, len(self._ids), _BLOCK), self._blocks, strict=True):
                rows = block[: len(self._ids) - start]
                near, places = faiss.knn(query, rows, min(k, len(rows)), metric=faiss.METRIC_INNER_PRODUCT)
                ids = (self._ids[start + place] for place in places[0].tolist())
                found.extend(zip(ids, near[0].tolist(), strict=True))
        return sorted(found, key=lambda one: (-one[1], one[0]))[:k]

    def vector(self, one: int) -> NDArray[np.float32] | None:
        """The (dimensions,) vector of an id, None where it is not there."""
        place = self._places.get(one)
        return None if place is None else self._row(place).copy()

    def rows(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """All ids, (n,), and their vectors, (n, dimensions), copied."""
        filled = [block[: len(self._ids) - start * _BLOCK] for start, block in enumerate(self._blocks)]
        vectors = np.concatenate(filled) if filled else np.empty((0, self._dimensions), dtype=np.float32)
        return np.array(self._ids, dtype=np.int64), vectors

    def __len__(self) -> int:
        return len(self._ids)

    def _row(self, place: int) -> NDArray[np.float32]:
        block, row = divmod(place, _BLOCK)
        found: NDArray[np.float32] = self._blocks[block][row]
        return found


@contextmanager
def one_thread() -> Iterator[None]:
    """FAISS computes with one thread inside."""
    # One query gains nothing from more threads, and waits for them on a busy machine. The number is put back, for torch
    # may share the OpenMP of this thread and would compute with one thread ever after.
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
