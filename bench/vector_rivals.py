"""Vector indexes behind one set of verbs, each as its own documentation has it used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from storage.indexes import FaissIndex, LargeIndex, LargeSettings, VectorIndex
from storage.indexes.growing import Growing
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment_file import read_segment, write_segment
from storage.indexes.vector_rows import Rows

__all__ = ["INDEXES", "Place", "Rival", "Vectors", "batches"]

Vectors = NDArray[np.float32]
_BATCH = 2000
_LINKS, _BUILD_WIDTH = 16, 128
_SEARCH_WIDTH = 128


@dataclass(frozen=True, slots=True)
class Place:
    """Where files go, and what is in them."""

    folder: Path
    dimensions: int
    count: int


class Rival(Protocol):
    """Vectors known by whole numbers from 0 on. One process makes and saves, another one opens what was saved."""

    def make(self, vectors: Vectors) -> None: ...

    def save(self) -> None: ...

    def open(self) -> None: ...

    def search(self, vector: Vectors, k: int) -> list[int]: ...

    def add(self, one: int, vector: Vectors) -> None: ...

    def delete(self, one: int) -> None: ...


def batches(vectors: Vectors) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    """Ids and rows, some at a time."""
    for start in range(0, len(vectors), _BATCH):
        rows = np.ascontiguousarray(vectors[start : start + _BATCH])
        yield np.arange(start, start + len(rows)), rows


class _Ours:
    """What Samewise's indexes have in common."""

    _index: VectorIndex

    def search(self, vector: Vectors, k: int) -> list[int]:
        return [one for one, _ in self._index.search(vector, k)]

    def add(self, one: int, vector: Vectors) -> None:
        self._index.add([one], vector[None])

    def delete(self, one: int) -> None:
        self._index.remove([one])


class Exact(_Ours):
    """Samewise's index of small stores. It has no file: rows are read from SQL, here from an array."""

    _index: FaissIndex

    def __init__(self, place: Place) -> None:
        self._place = place

    def make(self, vectors: Vectors) -> None:
        self._index = FaissIndex(vectors.shape[1])
        for ids, rows in batches(vectors):
            self._index.add(ids.tolist(), rows)

    def save(self) -> None:
        np.save(self._place.folder / "rows.npy", self._index.rows()[1])

    def open(self) -> None:
        self.make(np.load(self._place.folder / "rows.npy", mmap_mode="r"))


class Large(_Ours):
    """Samewise's index of large stores: a graph in half precision that is mapped, and what came since."""

    def __init__(self, place: Place) -> None:
        self._place = place

    settings = LargeSettings()
    _key = PartitionKey("bench", "bench", 0)

    def make(self, vectors: Vectors) -> None:
        growing = Growing.anew(vectors.shape[1], self.settings)
        for ids, rows in batches(vectors):
            growing.add(Rows(ids, ids, rows), lambda _: None)
        self._segment = growing.segment(1)

    def save(self) -> None:
        write_segment(self._place.folder / "segment", self._key, self._segment)

    def open(self) -> None:
        self._index = LargeIndex(
            read_segment(self._place.folder / "segment", self._key, self.settings), self._place.dimensions
        )


class Usearch:
    """usearch in half precision, mapped for searching; to be changed it has to be loaded."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def make(self, vectors: Vectors) -> None:
        from usearch.index import Index

        self._index: Any = Index(
            ndim=vectors.shape[1], metric="ip", dtype="f16",
            connectivity=_LINKS, expansion_add=_BUILD_WIDTH, expansion_search=_SEARCH_WIDTH,
        )  # fmt: skip
        for ids, rows in batches(vectors):
            self._index.add(ids, rows, threads=1)

    def save(self) -> None:
        self._index.save(str(self._place.folder / "usearch"))

    def open(self) -> None:
        from usearch.index import Index

        self._changed = False
        self._index = Index.restore(str(self._place.folder / "usearch"), view=True)
        self._index.expansion_search = _SEARCH_WIDTH

    def search(self, vector: Vectors, k: int) -> list[int]:
        found: list[int] = self._index.search(vector, k, threads=1).keys.tolist()
        return found

    def add(self, one: int, vector: Vectors) -> None:
        self._to_change().add(one, vector, threads=1)

    def delete(self, one: int) -> None:
        self._to_change().remove(one)

    def _to_change(self) -> Any:
        from usearch.index import Index

        if not self._changed:
            self._index, self._changed = Index.restore(str(self._place.folder / "usearch"), view=False), True
        return self._index


class Hnswlib:
    """hnswlib, which keeps single precision."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def make(self, vectors: Vectors) -> None:
        import hnswlib

        self._index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self._index.init_index(max_elements=len(vectors), M=_LINKS, ef_construction=_BUILD_WIDTH)
        self._index.set_num_threads(1)
        for ids, rows in batches(vectors):
            self._index.add_items(rows, ids)

    def save(self) -> None:
        self._index.save_index(str(self._place.folder / "hnswlib"))

    def open(self) -> None:
        import hnswlib

        self._index = hnswlib.Index(space="ip", dim=self._place.dimensions)
        self._index.load_index(str(self._place.folder / "hnswlib"), max_elements=self._place.count + 10_000)
        self._index.set_num_threads(1)
        self._index.set_ef(_SEARCH_WIDTH)

    def search(self, vector: Vectors, k: int) -> list[int]:
        found: list[int] = self._index.knn_query(vector[None], k)[0][0].tolist()
        return found

    def add(self, one: int, vector: Vectors) -> None:
        self._index.add_items(vector[None], [one])

    def delete(self, one: int) -> None:
        self._index.mark_deleted(one)


INDEXES: dict[str, Callable[[Place], Rival]] = {
    "exact": Exact,
    "large": Large,
    "usearch": Usearch,
    "hnswlib": Hnswlib,
}
