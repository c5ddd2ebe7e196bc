"""A store finds what is wrong with itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import update

from storage import NewEntry, Store
from storage.rows import vector_of
from storage.search import Search
from storage.tables import entries

New = Callable[..., NewEntry]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vector": bytes(4)}, "length 0.0"),
        ({"vector": bytes(2)}, "length nan"),
        ({"embedder": None}, "without an embedder"),
        ({"facts": "{"}, "facts are no JSON"),
    ],
)
def test_a_sound_store_has_no_problems_and_a_broken_row_is_named(
    store: Store, new_entry: New, change: dict[str, object], words: str
) -> None:
    store.add(new_entry("sound"))
    entry = store.add(new_entry("broken"))
    assert store.check() == ()
    with store._database.write() as connection:
        connection.execute(update(entries).where(entries.c.id == entry.id).values(change))
    (problem, *_) = store.check()
    assert f"entry {entry.id}" in problem
    assert words in problem


def test_an_index_that_says_something_else_than_the_rows_is_found_out(store: Store, new_entry: New) -> None:
    new = new_entry("a")
    assert new.vector is not None
    first, second = store.add(new), store.add(new_entry("b"))
    store.nearest("faq", new.vector, 1, "e5")
    assert isinstance(store._search, Search)
    (place,) = store._search._partitions._places.values()
    partition = place.partition
    assert partition is not None
    partition.index.add([first.id], -new.vector[None])
    partition.index.remove([second.id])
    assert [problem.split(": ")[1] for problem in store.check()] == [
        "its vector in the index is another one",
        "its vector in the index is missing",
    ]


def test_a_vector_is_kept_bit_for_bit(shared_url: str, new_entry: New) -> None:
    new = new_entry("a")
    assert new.vector is not None
    with Store.open(shared_url) as store:
        store.add(new)
    with Store.open(shared_url) as store, store._database.read() as connection:
        data = connection.exec_driver_sql("SELECT vector FROM samewise_entries").scalar_one()
        assert np.array_equal(vector_of(data), new.vector)
