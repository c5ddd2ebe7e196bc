"""A navigable graph of vectors in half precision: FAISS's HNSW."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss as _faiss
import numpy as np
from numpy.typing import NDArray

from storage.indexes.faiss_index import one_thread
from storage.indexes.large_settings import LargeSettings

__all__ = ["ROUNDING", "Graph"]

faiss: Any = _faiss  # its stubs lack most of what is used here

_EXHAUSTIVE_SHARE = 8
"""Who asks for an eighth of all vectors or more is given them by comparing with each: the graph would visit most of
them all the same, and may not reach some."""
ROUNDING = 5e-4
"""How far a number of a kept vector may be from the one that was given: half precision moves it by at most 0.00025."""
_WIDER = 4
_PIECE = 1 << 20


class Graph:
    """Vectors known by their place: the order in which they came. Nothing is ever taken out.

    Half precision takes half the memory and moves a cosine by 0.00001, at most 0.00006 among real questions. Not
    thread-safe; one that stands on a buffer is not to be grown, but its copy.
    """

    def __init__(self, index: Any, settings: LargeSettings, buffer: NDArray[np.uint8] | None = None) -> None:
        self._index = index
        self._settings = settings
        self._storage = faiss.downcast_index(index.storage)
        self._buffer = buffer
        index.hnsw.efConstruction = settings.build_width

    @classmethod
    def empty(cls, dimensions: int, settings: LargeSettings) -> Graph:
        """A graph without vectors."""
        kind = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexHNSWSQ(dimensions, kind, settings.links, faiss.METRIC_INNER_PRODUCT)
        # Half precision has nothing to learn, and FAISS wants to be asked all the same.
        index.train(np.zeros((1, dimensions), dtype=np.float32))
        return cls(index, settings)

    @classmethod
    def over(cls, buffer: NDArray[np.uint8], settings: LargeSettings) -> Graph:
        """A graph that was written, where it lies: nothing but 12 bytes a vector is copied."""
        reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(buffer), buffer.nbytes)
        return cls(faiss.read_index(reader, faiss.IO_FLAG_MMAP_IFC), settings, buffer)

    def copy(self) -> Graph:
        """The same graph, to be grown."""
        if self._buffer is None:
            return Graph(faiss.clone_index(self._index), self._settings)
        # A clone would stand on the same buffer.
        reader = faiss.PyCallbackIOReader(_reads(self._buffer), _PIECE)
        return Graph(faiss.read_index(reader), self._settings)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) rows at the next places."""
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(self._settings.threads)
        try:
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        finally:
            faiss.omp_set_num_threads(before)

    def search(
        self, vector: NDArray[np.float32], k: int, alive: NDArray[np.bool_] | None
    ) -> tuple[list[int], list[float]]:
        """Places and cosines of the k nearest that are `alive`, (places,), best first. None: all are."""
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        width = max(self._settings.search_width, 2 * k)
        with one_thread():
            while width * _EXHAUSTIVE_SHARE < len(self):
                # FAISS can pass over the dead itself, but they fill its list of candidates: where a whole neighbourhood
                # was deleted it found 3 of the 10 nearest. All candidates are taken instead, and more where they die.
                parameters = faiss.SearchParametersHNSW(efSearch=width)
                near, places = self._index.search(query, k if alive is None else width, params=parameters)
                found = _living(near[0], places[0], alive)
                if len(found[0]) < k:
                    width *= _WIDER
                elif found[1][0] < self._settings.near and width < self._settings.wide_width:
                    width = self._settings.wide_width
                else:
                    return found[0][:k], found[1][:k]
            selector = None if alive is None else faiss.IDSelectorBitmap(np.packbits(alive, bitorder="little"))
            near, places = self._storage.search(query, k, params=faiss.SearchParameters(sel=selector))
            return _living(near[0], places[0], None)

    def vector(self, place: int) -> NDArray[np.float32]:
        """The (dimensions,) vector of a place."""
        return np.asarray(self._storage.reconstruct(place), dtype=np.float32)

    def write(self, write: Callable[[bytes], int]) -> None:
        """Write the graph as FAISS does, a piece at a time."""
        faiss.write_index(self._index, faiss.BufferedIOWriter(faiss.PyCallbackIOWriter(write), _PIECE))

    def __len__(self) -> int:
        return int(self._index.ntotal)


def _living(
    near: NDArray[np.float32], places: NDArray[np.int64], alive: NDArray[np.bool_] | None
) -> tuple[list[int], list[float]]:
    there = places >= 0
    if alive is not None:
        there &= alive[places]
    return places[there].tolist(), near[there].tolist()


def _reads(buffer: NDArray[np.uint8]) -> Callable[[int], bytes]:
    """Reads of a buffer, one after the other, as of a file."""
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        piece = buffer[at : at + count].tobytes()
        at += len(piece)
        return piece

    return read
