"""What a store promises, in a file and in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import NewEntry, Store, StoreClosedError, StoreConfig, StoreValueError

New = Callable[..., NewEntry]
Unit = Callable[..., NDArray[np.float32]]


def test_an_entry_comes_back_as_it_was_given(store: Store, new_entry: New) -> None:
    new = new_entry("Où est ma commande? 주문 \x00 🍜", facts={"money": ("3 EUR", "4 EUR"), "none": ()})
    entry = store.add(new)
    for name in (field.name for field in dataclasses.fields(new) if field.name not in ("vector", "lifetime")):
        assert getattr(entry, name) == getattr(new, name), name
    assert (entry.created, entry.last_used, entry.hits) == (1000.0, 1000.0, 0)
    assert store.get(entry.id) == store.exact("faq", new.exact_hash) == store.by_key("faq", new.key_hash) == entry


def test_what_was_never_stored_is_not_found(store: Store, unit: Unit) -> None:
    assert (store.exact("faq", "x"), store.by_key("faq", "x"), store.get(7)) == (None, None, None)
    assert store.nearest("faq", unit("x"), 3, "e5") == ()
    assert store.delete(7) is False


def test_the_same_question_in_a_scope_gets_the_new_answer_and_keeps_its_id(
    store: Store, new_entry: New, unit: Unit, clock: Callable[[], float]
) -> None:
    first = store.add(new_entry("a"))
    other = store.add(new_entry("b"))
    second = store.add(new_entry("a", answer="new", key_hash="k2", tags=frozenset(), facts={}, vector=unit("moved")))
    assert second.id == first.id
    assert (second.answer, second.key_hash, second.tags, second.facts) == ("new", "k2", frozenset(), {})
    assert store.count() == 2
    assert store.by_key("faq", first.key_hash) is None
    best = store.nearest("faq", unit("moved"), 5, "e5")[0]
    assert best.entry == second
    assert best.similarity == pytest.approx(1.0)
    assert store.get(other.id) == other


def test_the_same_question_in_another_scope_is_another_entry(store: Store, new_entry: New) -> None:
    here, there = store.add(new_entry("a")), store.add(new_entry("a", scope="other", answer="theirs"))
    assert here.id != there.id
    assert store.exact("faq", "exact:a") == here
    assert store.exact("other", "exact:a") == there
    assert store.exact("third", "exact:a") is None


def test_no_lookup_ever_leaves_its_scope(store: Store, new_entry: New, unit: Unit) -> None:
    store.add(new_entry("a", scope="one"))
    store.add(new_entry("a", scope="two"))
    assert [found.entry.scope for found in store.nearest("one", unit("a"), 10, "e5")] == ["one"]
    assert store.nearest("three", unit("a"), 10, "e5") == ()
    assert store.by_key("three", "key:a") is None


def test_of_several_with_one_key_a_curated_one_comes_first_then_the_one_written_last(
    store: Store, new_entry: New
) -> None:
    store.add(new_entry("g1", key_hash="k"))
    newest = store.add(new_entry("g2", key_hash="k"))
    assert store.by_key("faq", "k") == newest
    store.add(new_entry("c1", key_hash="k", origin="curated"))
    curated = store.add(new_entry("c2", key_hash="k", origin="curated"))
    store.add(new_entry("g3", key_hash="k"))
    assert store.by_key("faq", "k") == curated
    again = store.add(new_entry("c1", key_hash="k", origin="curated", answer="newer"))
    assert store.by_key("faq", "k") == again


@pytest.mark.parametrize("k", [1, 4, 60, 500])
def test_the_nearest_are_those_that_comparing_with_every_vector_gives(
    store: Store, new_entry: New, unit: Unit, k: int
) -> None:
    names = [f"question {number}" for number in range(60)]
    store.add_many([new_entry(name) for name in names])
    query = unit("the query")
    cosines = {name: float(unit(name).astype(np.float64) @ query) for name in names}
    found = store.nearest("faq", query, k, "e5")
    assert [one.entry.question for one in found] == sorted(names, key=lambda name: -cosines[name])[:k]
    assert [one.similarity for one in found] == pytest.approx([cosines[one.entry.question] for one in found], abs=1e-6)


def test_only_vectors_of_the_same_embedder_and_width_are_compared(store: Store, new_entry: New, unit: Unit) -> None:
    store.add(new_entry("a"))
    store.add(new_entry("b", embedder="other", vector=unit("a")))
    store.add(new_entry("c", vector=unit("a", 8)))
    store.add(new_entry("d", embedder=None, vector=None))
    assert [found.entry.question for found in store.nearest("faq", unit("a"), 9, "e5")] == ["a"]
    assert [found.entry.question for found in store.nearest("faq", unit("a"), 9, "other")] == ["b"]
    assert [found.entry.question for found in store.nearest("faq", unit("a", 8), 9, "e5")] == ["c"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"embedder": "other"}, id="another embedder"),
        pytest.param({"embedder": None, "vector": None}, id="no vector"),
        pytest.param({"vector": np.eye(8, dtype=np.float32)[0]}, id="another width"),
    ],
)
def test_a_replaced_vector_is_never_found_under_the_old_one(
    store: Store, new_entry: New, unit: Unit, changes: dict[str, object]
) -> None:
    store.add(new_entry("a"))
    store.add(new_entry("b"))
    assert len(store.nearest("faq", unit("a"), 5, "e5")) == 2
    store.add(new_entry("a", **changes))
    assert [found.entry.question for found in store.nearest("faq", unit("a"), 5, "e5")] == ["b"]
    store.add(new_entry("a"))
    assert [found.entry.question for found in store.nearest("faq", unit("a"), 1, "e5")] == ["a"]
    assert store.check() == ()


def test_a_deleted_entry_is_gone_from_every_lookup_and_its_id_is_never_given_again(
    store: Store, new_entry: New, unit: Unit
) -> None:
    kept, entry = store.add(new_entry("b")), store.add(new_entry("a"))
    assert store.nearest("faq", unit("a"), 1, "e5")[0].entry == entry
    assert store.delete(entry.id) is True
    assert store.delete(entry.id) is False
    assert (store.get(entry.id), store.exact("faq", "exact:a"), store.by_key("faq", "key:a")) == (None, None, None)
    assert [found.entry for found in store.nearest("faq", unit("a"), 1, "e5")] == [kept]
    assert store.add(new_entry("a")).id > entry.id


def test_k_neighbours_are_found_although_all_nearer_ones_were_deleted(store: Store, new_entry: New, unit: Unit) -> None:
    store.add_many([new_entry(str(number)) for number in range(200)])
    order = [found.entry for found in store.nearest("faq", unit("q"), 200, "e5")]
    for entry in order[:150]:
        store.delete(entry.id)
    assert [found.entry for found in store.nearest("faq", unit("q"), 10, "e5")] == order[150:160]


def test_many_are_added_and_replaced_in_one_go(store: Store, new_entry: New) -> None:
    first = store.add_many([new_entry("a"), new_entry("b"), new_entry("a", answer="second")])
    assert (first.added, first.replaced) == (2, 1)
    found = store.exact("faq", "exact:a")
    assert found is not None
    assert found.answer == "second"
    second = store.add_many([new_entry("b"), new_entry("c")])
    assert (second.added, second.replaced) == (1, 1)
    assert store.add_many([]).added == 0


def test_of_many_with_a_bad_one_none_is_kept(store: Store, new_entry: New) -> None:
    with pytest.raises(StoreValueError, match="length 2"):
        store.add_many([new_entry("a"), new_entry("b", vector=np.array([2, 0], np.float32))])
    with pytest.raises(StoreValueError, match="half a character"):
        store.add_many([new_entry("a"), new_entry("b", answer="\ud800")])
    assert store.count() == 0
    assert store.add(new_entry("a")).question == "a"


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (np.zeros(4, np.float32), "length 0"),
        (np.array([0.5, 0], np.float32), "length 0.5"),
        (np.array([np.nan, 1], np.float32), "length nan"),
        (np.array([np.inf, 1], np.float32), "length inf"),
        (np.eye(3, dtype=np.float32), r"shape \(3, 3\)"),
        (np.zeros(0, np.float32), r"shape \(0,\)"),
    ],
)
def test_a_vector_that_is_no_unit_is_refused_everywhere(
    store: Store, new_entry: New, vector: NDArray[np.float32], words: str
) -> None:
    entry = store.add(new_entry("a"))
    with pytest.raises(StoreValueError, match=words):
        store.add(new_entry("b", vector=vector))
    with pytest.raises(StoreValueError, match=words):
        store.nearest("faq", vector, 1, "e5")
    with pytest.raises(StoreValueError, match=words):
        store.set_vectors([entry.id], vector[None], "e5")
    assert store.count() == 1
    assert store.check() == ()


def test_other_bad_values_are_refused_with_the_value_named(store: Store, new_entry: New, unit: Unit) -> None:
    with pytest.raises(StoreValueError, match="k=0"):
        store.nearest("faq", unit("a"), 0, "e5")
    with pytest.raises(StoreValueError, match="go together"):
        store.add(new_entry("a", embedder=None))
    with pytest.raises(StoreValueError, match="go together"):
        store.add(new_entry("a", vector=None))
    with pytest.raises(StoreValueError, match="64 bits"):
        store.get(2**70)
    with pytest.raises(StoreValueError, match="half a character at position 1"):
        store.exact("faq", "a\udc00")
    with pytest.raises(StoreValueError, match="limit=0"):
        store.outdated("1", 0)
    with pytest.raises(StoreValueError, match="limit=-1"):
        store.without_vector("faq", "e5", -1)
    with pytest.raises(StoreValueError, match="1 vectors were given for 2"):
        store.set_vectors([1, 2], unit("a")[None], "e5")


def test_uses_are_counted_and_written_a_few_at_a_time(store: Store, new_entry: New, clock: object) -> None:
    entry = store.add(new_entry("a"))
    store.touch(entry.id)
    store.touch(entry.id)
    assert store.get(entry.id) == entry
    clock.now = 2000.0  # type: ignore[attr-defined]
    store.touch(entry.id)
    used = store.get(entry.id)
    assert used is not None
    assert (used.hits, used.last_used, used.created) == (3, 2000.0, 1000.0)
    store.touch(entry.id)
    assert store.stats().hits == 4


def test_replacing_an_answer_keeps_the_uses(store: Store, new_entry: New) -> None:
    entry = store.add(new_entry("a"))
    for _ in range(3):
        store.touch(entry.id)
    assert store.add(new_entry("a", answer="new")).hits == 3


def test_counts_are_those_of_all_of_a_scope_and_of_a_tenant(store: Store, new_entry: New) -> None:
    store.add_many(
        [
            new_entry("a"),
            new_entry("b", origin="curated"),
            new_entry("a", scope="two"),
            new_entry("c", tenant="bank", scope="bank's"),
        ]
    )
    assert (store.count(), store.count(scope="faq"), store.count(tenant="bank")) == (4, 2, 1)
    assert store.count(scope="two", tenant="bank") == 0
    stats = store.stats()
    assert (stats.entries, stats.curated, stats.generated, stats.tenants, stats.scopes) == (4, 1, 3, 2, 3)


def test_scopes_that_are_not_in_memory_any_more_are_read_again(url: str, new_entry: New, unit: Unit) -> None:
    with Store.open(url, StoreConfig(max_partitions=2)) as store:
        store.add_many([new_entry("a", scope=str(number)) for number in range(5)])
        for number in (0, 1, 2, 3, 4, 0, 3, 1):
            assert [one.entry.scope for one in store.nearest(str(number), unit("a"), 2, "e5")] == [str(number)]


def test_a_closed_store_says_so_and_may_be_closed_again(url: str, new_entry: New, unit: Unit) -> None:
    store = Store.open(url)
    entry = store.add(new_entry("a"))
    store.close()
    store.close()
    for call in (
        lambda: store.exact("faq", "a"),
        lambda: store.add(new_entry("b")),
        lambda: store.nearest("faq", unit("a"), 1, "e5"),
        lambda: store.touch(entry.id),
        store.count,
        store.stats,
        store.check,
    ):
        with pytest.raises(StoreClosedError, match="closed"):
            call()
