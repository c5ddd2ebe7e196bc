"""Large indexes that are small, and the vectors to fill them with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from storage.indexes import LargeIndex, LargeSettings, Segment
from storage.indexes.growing import Extension, Growing
from storage.indexes.vector_rows import Rows

SMALL = LargeSettings(least=200, links=8, build_width=40, search_width=64, merge_least=50, merge_share=0.05)


def units(seed: int, count: int, width: int) -> NDArray[np.float32]:
    """(count, width) random directions."""
    rows = np.random.default_rng(seed).standard_normal((count, width))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / lengths, dtype=np.float32)


def clustered(seed: int, count: int, width: int = 64) -> NDArray[np.float32]:
    """(count, width) directions as of sentences: all have one in common, topics and wordings lie around it."""
    rng = np.random.default_rng(seed)
    shared = np.random.default_rng(0).standard_normal(width)
    topics = 0.4 * np.random.default_rng(1).standard_normal((max(1, count // 50), width))
    rows = shared + topics[rng.integers(0, len(topics), count)] + 0.3 * rng.standard_normal((count, width))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / lengths, dtype=np.float32)


def segment_of(
    vectors: NDArray[np.float32], ids: Sequence[int] | None = None, settings: LargeSettings = SMALL, mark: int = 1
) -> Segment:
    """A segment of these vectors; each has its id as its revision."""
    of = np.arange(len(vectors)) if ids is None else np.asarray(ids)
    growing = Growing.anew(vectors.shape[1], settings)
    growing.add(Rows(of, of, vectors), lambda _: None)
    return growing.segment(mark)


class Unmerged(LargeIndex):
    """All that is added stays beside an empty graph."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(segment_of(np.empty((0, dimensions), np.float32)), dimensions)


class Merged:
    """Whatever is added is merged into the graph at once."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._index: LargeIndex = Unmerged(dimensions)

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        self._index.add(ids, vectors)
        since, rows = self._index.since.rows()
        extension = Extension(self._index.segment, self._index.dead(), Rows(since, since, rows), 1)
        growing = Growing.of(extension)
        growing.add(extension.since, lambda _: None)
        self._index = LargeIndex(growing.segment(1), self._dimensions)

    def remove(self, ids: Sequence[int]) -> None:
        self._index.remove(ids)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        return self._index.search(vector, k)

    def vector(self, one: int) -> NDArray[np.float32] | None:
        return self._index.vector(one)

    def __len__(self) -> int:
        return len(self._index)
