"""A store finds what is wrong with itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage import NewEntry, Store
from storage.rows import vector_of

New = Callable[..., NewEntry]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("vector = x'00000000'", "length 0.0"),
        ("vector = x'0000'", "length nan"),
        ("embedder = NULL", "without an embedder"),
        ("facts = '{'", "facts are no JSON"),
    ],
)
def test_a_sound_store_has_no_problems_and_a_broken_row_is_named(
    store: Store, new_entry: New, change: str, words: str
) -> None:
    store.add(new_entry("sound"))
    entry = store.add(new_entry("broken"))
    assert store.check() == ()
    with store._database.write() as connection:
        connection.exec_driver_sql(f"UPDATE samewise_entries SET {change} WHERE id = {entry.id}")
    (problem,) = store.check()
    assert f"entry {entry.id}" in problem
    assert words in problem


def test_an_index_that_says_something_else_than_the_rows_is_found_out(store: Store, new_entry: New) -> None:
    new = new_entry("a")
    assert new.vector is not None
    first, second = store.add(new), store.add(new_entry("b"))
    store.nearest("faq", new.vector, 1, "e5")
    (partition,) = store._partitions._loaded.values()
    partition.index.add([first.id], -new.vector[None])
    partition.index.remove([second.id])
    assert [problem.split(": ")[1] for problem in store.check()] == [
        "its vector in the index is another one",
        "its vector in the index is missing",
    ]


def test_a_vector_is_kept_bit_for_bit(path: Path, new_entry: New) -> None:
    new = new_entry("a")
    assert new.vector is not None
    with Store.open(f"sqlite:///{path}") as store:
        store.add(new)
    with Store.open(f"sqlite:///{path}") as store, store._database.read() as connection:
        data = connection.exec_driver_sql("SELECT vector FROM samewise_entries").scalar_one()
        assert np.array_equal(vector_of(data), new.vector)
