"""Between a search and the reading of its rows anything may happen; a vector never gets another entry's answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import NewEntry, Store, StoreConfig
from storage.partitions import Found, PartitionKey, Partitions
from storage.search import Search

New = Callable[..., NewEntry]
Unit = Callable[..., NDArray[np.float32]]


class Interrupted:
    """Partitions during whose first search something else happens, after the index was asked."""

    def __init__(self, inner: Partitions, meanwhile: Callable[[], object]) -> None:
        self._inner = inner
        self._meanwhile: Iterator[Callable[[], object]] = iter([meanwhile])
        self.searches = 0

    def search(self, key: PartitionKey, vector: NDArray[np.float32], k: int) -> list[Found]:
        self.searches += 1
        found = self._inner.search(key, vector, k)
        for happen in self._meanwhile:
            happen()
            break
        return found

    def forget(self, key: PartitionKey, found: list[Found]) -> None:
        self._inner.forget(key, found)

    def compare(self, key: PartitionKey) -> None:
        self._inner.compare(key)

    def close(self) -> None:
        self._inner.close()


def _interrupt(store: Store, meanwhile: Callable[[], object]) -> Interrupted:
    search = _search(store)
    interrupted = Interrupted(search._partitions, meanwhile)
    search._partitions = interrupted  # type: ignore[assignment]
    return interrupted


def _search(store: Store) -> Search:
    assert isinstance(store._search, Search)
    return store._search


@pytest.fixture
def two(shared_url: str) -> Iterator[tuple[Store, Store]]:
    """Two stores in one database, as two processes have them."""
    with Store.open(shared_url) as one, Store.open(shared_url) as other:
        yield one, other


def test_a_vector_replaced_during_a_search_is_compared_anew(
    two: tuple[Store, Store], new_entry: New, unit: Unit
) -> None:
    one, other = two
    one.add(new_entry("a", answer="old"))
    moved = new_entry("a", answer="new", vector=unit("far away"))
    _interrupt(one, lambda: other.add(moved))
    (found,) = one.nearest("faq", unit("a"), 1, "e5")
    assert found.entry.answer == "new"
    assert found.similarity == pytest.approx(float(unit("a") @ unit("far away")), abs=1e-6)


def test_an_entry_deleted_and_asked_again_during_a_search_is_the_new_one(
    two: tuple[Store, Store], new_entry: New, unit: Unit
) -> None:
    one, other = two
    old = one.add(new_entry("a", answer="old"))
    _interrupt(one, lambda: (other.delete(old.id), other.add(new_entry("a", answer="new"))))
    assert [found.entry.answer for found in one.nearest("faq", unit("a"), 3, "e5")] == ["new"]


def test_an_entry_brought_up_to_date_by_another_search_is_not_forgotten(
    two: tuple[Store, Store], new_entry: New, unit: Unit
) -> None:
    one, other = two
    one.add(new_entry("a"))
    inner, key = _search(one)._partitions, PartitionKey("faq", "e5", 16)

    def meanwhile() -> None:
        other.add(new_entry("a", answer="new", vector=unit("b")))
        inner.search(key, unit("a"), 1)

    _interrupt(one, meanwhile)
    assert [found.entry.answer for found in one.nearest("faq", unit("b"), 1, "e5")] == ["new"]
    assert [found.entry.answer for found in one.nearest("faq", unit("b"), 1, "e5")] == ["new"]


def test_however_many_another_process_deleted_one_search_is_enough(
    two: tuple[Store, Store], new_entry: New, unit: Unit
) -> None:
    one, other = two
    one.add_many([new_entry(str(number)) for number in range(300)])
    order = [found.entry for found in one.nearest("faq", unit("q"), 300, "e5")]
    for entry in order[:290]:
        other.delete(entry.id)
    interrupted = _interrupt(one, lambda: None)
    assert [found.entry for found in one.nearest("faq", unit("q"), 2, "e5")] == order[290:292]
    assert interrupted.searches <= 3


def test_only_as_many_scopes_as_allowed_keep_their_index(url: str, new_entry: New, unit: Unit) -> None:
    with Store.open(url, StoreConfig(max_partitions=2)) as store:
        store.add_many([new_entry("a", scope=scope) for scope in "xyz"])
        for scope in "xyxz":
            assert len(store.nearest(scope, unit("a"), 1, "e5")) == 1
        assert [key.scope for key in _search(store)._partitions._places] == ["x", "z"]
