"""Whole stores behind the verbs of `vector_indexes`: rows and vectors together."""

from __future__ import annotations

from typing import Any

import numpy as np
from vector_rivals import Place, Vectors, batches

from storage import FaissIndex, NewEntry, Store
from storage.partitions import PartitionKey, Partitions

__all__ = ["GPTCacheStore", "SamewiseStore"]


class SamewiseStore:
    """The whole store: SQLite and the index that it chooses. A search reads the entries it finds."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def make(self, vectors: Vectors) -> None:
        self._open()
        for ids, rows in batches(vectors):
            self._store.add_many([self._entry(one, row) for one, row in zip(ids.tolist(), rows, strict=True)])

    def save(self) -> None:
        # What a first search starts, waited for.
        partitions = Partitions(self._store._database, FaissIndex, 1)
        partitions.size(PartitionKey("bench", "bench", self._place.dimensions))
        partitions.settle()
        self._store.close()

    def open(self) -> None:
        self._open()
        self.search(np.eye(1, self._place.dimensions, dtype=np.float32)[0], 1)

    def search(self, vector: Vectors, k: int) -> list[int]:
        return [one.entry.id - 1 for one in self._store.nearest("bench", vector, k, "bench")]

    def add(self, one: int, vector: Vectors) -> None:
        self._store.add(self._entry(one, vector))

    def delete(self, one: int) -> None:
        self._store.delete(one + 1)

    def _open(self) -> None:
        self._store = Store.open(f"sqlite:///{self._place.folder / 'samewise.db'}")

    def _entry(self, one: int, vector: Vectors) -> Any:
        text = f"question {one}"
        return NewEntry(
            tenant="bench", scope="bench", question=text, exact_hash=text, key=text, key_hash=text, language="en",
            facts={}, answer="An answer.", finish_reason="stop", origin="generated", prompt_tokens=0,
            completion_tokens=0, tags=frozenset(), model="bench", embedder="bench", normalizer_version="1",
            vector=vector,
        )  # fmt: skip


class GPTCacheStore:
    """GPTCache's data manager over SQLite and FAISS. Its search gives ids and distances, no entries."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def make(self, vectors: Vectors) -> None:
        self._open()
        for ids, rows in batches(vectors):
            texts = [f"question {one}" for one in ids.tolist()]
            self._manager.import_data(texts, ["An answer."] * len(texts), list(rows), [None] * len(texts))

    def save(self) -> None:
        self._manager.flush()

    def open(self) -> None:
        self._open()

    def search(self, vector: Vectors, k: int) -> list[int]:
        return [int(one) - 1 for _, one in self._manager.search(vector, top_k=k)]

    def add(self, one: int, vector: Vectors) -> None:
        self._manager.import_data([f"question {one}"], ["An answer."], [vector], [None])

    def delete(self, one: int) -> None:
        self._manager.s.mark_deleted([one + 1])
        self._manager.s.clear_deleted_data()
        self._manager.v.delete([one + 1])

    def _open(self) -> None:
        from gptcache.manager import CacheBase, VectorBase, get_data_manager

        self._manager: Any = get_data_manager(
            CacheBase("sqlite", sql_url=f"sqlite:///{self._place.folder / 'gptcache.db'}"),
            VectorBase(
                "faiss", dimension=self._place.dimensions, index_path=str(self._place.folder / "gptcache.index")
            ),
            max_size=10 * self._place.count,
        )
