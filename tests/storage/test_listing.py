"""What is listed: entries without a vector, with keys of another version, and all questions of a scope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from rows import new

from storage import KeyUpdate, NewEntry, Store, StoreValueError

New = Callable[..., NewEntry]
Unit = Callable[..., NDArray[np.float32]]


def test_entries_without_a_vector_of_an_embedder_are_listed_and_given_one(
    store: Store, new_entry: New, unit: Unit
) -> None:
    bare = store.add(new_entry("bare", embedder=None, vector=None))
    old = store.add(new_entry("old", embedder="old"))
    store.add(new_entry("done"))
    store.add(new_entry("elsewhere", scope="two", embedder=None, vector=None))
    assert store.without_vector("faq", "e5", 10) == (bare, old)
    assert store.without_vector("faq", "e5", 1) == (bare,)
    assert store.without_vector("faq", "e5", 10, after=bare.id) == (old,)
    store.set_vectors([bare.id, old.id, 999], np.stack([unit("bare"), unit("old"), unit("gone")]), "e5")
    assert store.without_vector("faq", "e5", 10) == ()
    assert store.nearest("faq", unit("old"), 1, "e5")[0].entry.id == old.id
    assert store.nearest("faq", unit("old"), 1, "old") == ()


def test_entries_with_keys_of_another_version_are_listed_and_given_new_ones(store: Store, new_entry: New) -> None:
    first, second = store.add(new_entry("a", normalizer_version="0")), store.add(new_entry("b"))
    assert store.outdated("1", 10) == (first,)
    assert store.outdated("2", 10) == (first, second)
    assert store.outdated("2", 1) == (first,)
    update = KeyUpdate(id=first.id, key="new", key_hash="kn", language="ko", facts={"names": ("Kim",)})
    store.set_keys([update], "1")
    assert store.outdated("1", 10) == ()
    found = store.by_key("faq", "kn")
    assert found is not None
    assert (found.id, found.key, found.language, found.facts) == (first.id, "new", "ko", {"names": ("Kim",)})


def test_questions_of_a_scope_come_by_revision_and_from_where_one_stopped(store: Store) -> None:
    store.add_many([new(f"question {number}", vector=None) for number in range(5)])
    store.add_many([new("elsewhere", scope="other", vector=None)])
    first = store.questions("s", 0, 3)
    rest = store.questions("s", first[-1].revision, 10)
    assert [one.text for one in (*first, *rest)] == [f"question {number}" for number in range(5)]
    assert store.questions("s", rest[-1].revision, 10) == ()
    with pytest.raises(StoreValueError, match="limit"):
        store.questions("s", 0, 0)
