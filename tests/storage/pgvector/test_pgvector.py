"""Search by the server: as good as comparing with every vector, and never out of step with the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from postgresql import Server
from rows import new, unit
from sqlalchemy import text, update

from storage import Lifetime, Neighbour, NewEntry, Store, StoreConfig, StoreOpenError, StoreValueError
from storage.pgvector.space import Space
from storage.pgvector.vector import Vector, send_vectors
from storage.tables import entries

_CONFIG = StoreConfig(index="pgvector")
_COUNT, _WIDTH = 5000, 384


@pytest.fixture
def store(postgres_url: str, clock: Callable[[], float]) -> Iterator[Store]:
    with Store.open(postgres_url, _CONFIG, clock) as opened:
        yield opened


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    """Directions in fifty groups, as those of questions about fifty subjects are."""
    rng = np.random.default_rng(5)
    groups = rng.standard_normal((50, _WIDTH))
    rows = groups[rng.integers(50, size=_COUNT)] + 0.7 * rng.standard_normal((_COUNT, _WIDTH))
    return _units(rows)


@pytest.fixture(scope="module")
def full(server: Server, template: str, vectors: NDArray[np.float32]) -> Iterator[Store]:
    """5,000 entries in one scope, and of every fiftieth the same in a second one."""
    with server.database(template) as name, Store.open(server.url(name), _CONFIG) as opened:
        opened.add_many([_with(f"q{number}", vectors[number], "s") for number in range(_COUNT)])
        opened.add_many([_with(f"q{number}", vectors[number], "small") for number in range(0, _COUNT, 50)])
        yield opened


def _with(question: str, vector: NDArray[np.float32], scope: str, embedder: str = "e") -> NewEntry:
    return replace(new(question, scope=scope, vector=0), vector=vector, embedder=embedder)


def _queries(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(6)
    rows = vectors[rng.integers(len(vectors), size=count)] + 0.02 * rng.standard_normal((count, _WIDTH))
    return _units(rows)


def _units(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    units: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units


def _names(found: tuple[Neighbour, ...]) -> list[str]:
    return [one.entry.question for one in found]


def test_99_of_100_of_the_nearest_are_found_with_their_cosines(full: Store, vectors: NDArray[np.float32]) -> None:
    right = 0
    for query in _queries(vectors, 100):
        cosines = vectors @ query
        best = [f"q{one}" for one in np.argsort(-cosines)[:10]]
        found = full.nearest("s", query, 10, "e")
        right += len(set(best) & set(_names(found)))
        assert [one.similarity for one in found] == pytest.approx(
            [float(cosines[int(one.entry.question[1:])]) for one in found], abs=1e-5
        )
        assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    assert right >= 990


def test_a_scope_of_two_in_a_hundred_gives_as_many_as_are_asked_for(full: Store, vectors: NDArray[np.float32]) -> None:
    small, right = vectors[::50], 0
    for query in _queries(vectors, 100):
        found = full.nearest("small", query, 10, "e")
        assert len(found) == 10
        assert {one.entry.scope for one in found} == {"small"}
        best = {f"q{50 * one}" for one in np.argsort(-(small @ query))[:10]}
        right += len(best & set(_names(found)))
    assert right >= 990


@pytest.mark.parametrize(("scope", "plan"), [("s", Space("e", _WIDTH).name), ("small", "samewise_vectors")])
def test_the_index_is_taken_where_the_scope_has_many(
    full: Store, vectors: NDArray[np.float32], scope: str, plan: str
) -> None:
    values = {"scope": scope, "vector": Vector(vectors[0].tobytes()), "now": 0.0, "k": 10}
    with full._database.read() as connection:
        driver: Any = connection.connection.driver_connection
        send_vectors(driver)
        steps = driver.execute(f"EXPLAIN {Space('e', _WIDTH).nearest}", values).fetchall()
    assert any(f"Scan using {plan}" in step for (step,) in steps)


def test_everything_asked_for_at_once_is_there(full: Store, vectors: NDArray[np.float32]) -> None:
    found = full.nearest("small", vectors[0], 1000, "e")
    assert len(found) == _COUNT // 50
    assert full.check() == ()


@pytest.mark.parametrize("width", [1, 16, 2000, 2001, 4000, 4001])
def test_every_width_has_its_own_search(store: Store, width: int) -> None:
    near, far = np.eye(1, width, dtype=np.float32)[0], -np.eye(1, width, dtype=np.float32)[0]
    store.add_many([_with("near", near, "s"), _with("far", far, "s"), _with("other", unit(1, 8), "s", "another")])
    found = store.nearest("s", near, 5, "e")
    assert _names(found) == ["near", "far"]
    assert [one.similarity for one in found] == pytest.approx([1.0, -1.0], abs=1e-6)
    assert store.check() == ()


def test_embedders_of_one_width_are_kept_apart(store: Store) -> None:
    names = ["e", "e'; DROP TABLE samewise_entries; --", "%s \x00 é", "E"]
    store.add_many([_with(f"of {name}", unit(1), "s", name) for name in names])
    for name in names:
        assert _names(store.nearest("s", unit(1), 9, name)) == [f"of {name}"]
    assert store.check() == ()


def test_what_another_process_without_pgvector_writes_is_found_at_once(store: Store, postgres_url: str) -> None:
    with Store.open(postgres_url) as other:
        entry = other.add(new("a", vector=1))
        assert _names(store.nearest("s", unit(1), 1, "e")) == ["a"]
        other.add(new("a", "new", vector=2))
        (found,) = store.nearest("s", unit(2), 5, "e")
        assert found.entry.answer == "new"
        assert found.similarity == pytest.approx(1.0)
        other.set_vectors([entry.id], unit(3)[None], "e")
        assert store.nearest("s", unit(3), 5, "e")[0].similarity == pytest.approx(1.0)
        other.add(new("a", vector=None))
        assert store.nearest("s", unit(3), 5, "e") == ()
        other.add(new("a", vector=4))
        assert _names(store.nearest("s", unit(4), 5, "e")) == ["a"]
        other.delete(entry.id)
        assert store.nearest("s", unit(4), 5, "e") == ()
        assert store.check() == ()


def test_a_store_that_had_none_gets_the_vectors_when_it_is_opened(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        store.add_many([new(f"q{number}", vector=number) for number in range(1100)])
        store.add_many([_with("wide", unit(1, 20), "s", "another"), new("none", vector=None)])
    with Store.open(postgres_url, _CONFIG) as store:
        assert _names(store.nearest("s", unit(7), 1, "e")) == ["q7"]
        assert _names(store.nearest("s", unit(1, 20), 5, "another")) == ["wide"]
        assert store.check() == ()


def test_a_vector_that_another_program_changes_is_never_found_again(store: Store) -> None:
    entry = store.add(new("a", vector=1))
    with store._database.write() as connection:
        change = update(entries).where(entries.c.id == entry.id)
        connection.execute(change.values(vector=unit(2).tobytes()))
    assert store.nearest("s", unit(1), 5, "e") == ()
    assert list(store.check()) == [f"entry {entry.id}: its vector in the index is missing"]


def test_a_row_that_says_something_else_than_its_entry_is_found_out(store: Store) -> None:
    one, two = store.add(new("a", vector=1)), store.add(new("b", vector=2))
    with store._database.write() as connection:
        theirs = "(SELECT vector FROM samewise_vectors WHERE entry_id = :two)"
        change = text(f"UPDATE samewise_vectors SET vector = {theirs} WHERE entry_id = :one")
        connection.execute(change, {"one": one.id, "two": two.id})
    assert list(store.check()) == [f"entry {one.id}: its vector in the index is another one"]


def test_what_has_expired_is_passed_over_and_hides_no_other(store: Store, clock: object) -> None:
    store.add_many([new(f"old {number}", vector=1, lifetime=Lifetime(10.0)) for number in range(30)])
    store.add_many([new(f"new {number}", vector=2) for number in range(3)])
    clock.now += 11.0  # type: ignore[attr-defined]
    assert sorted(_names(store.nearest("s", unit(1), 3, "e"))) == ["new 0", "new 1", "new 2"]


def test_words_find_entries_with_their_cosine(store: Store) -> None:
    store.add_many([new("reset password", vector=1), new("reset card", vector=2), new("reset none", vector=None)])
    found = store.lexical("s", ("card", "reset"), unit(1), 5, "e")
    assert _names(found) == ["reset card", "reset password"]
    assert found[1].similarity == pytest.approx(1.0)
    assert store.lexical("s", ("unknown",), unit(1), 5, "e") == ()
    assert store.lexical("t", ("card",), unit(1), 5, "e") == ()


def test_a_write_that_fails_leaves_vectors_and_entries_together(store: Store) -> None:
    kept = store.add(new("a", vector=1))
    with pytest.raises(StoreValueError):
        store.add_many([new("a", "newer", vector=2), new("b", "\ud800", vector=3)])
    (found,) = store.nearest("s", unit(1), 5, "e")
    assert found.entry == kept
    assert found.similarity == pytest.approx(1.0)
    assert store.check() == ()


def test_a_file_cannot_be_searched_by_a_server(url: str) -> None:
    if url.startswith("sqlite"):
        with pytest.raises(StoreOpenError, match="needs PostgreSQL"):
            Store.open(url, _CONFIG)


def test_a_server_without_pgvector_is_told_what_to_do(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.pgvector.table._EXTENSION", "CREATE EXTENSION IF NOT EXISTS vectors_of_tomorrow")
    with pytest.raises(StoreOpenError, match="install it beside the server"):
        Store.open(postgres_url, _CONFIG)
    with Store.open(postgres_url) as store:
        assert store.count() == 0


def test_an_index_that_is_not_known_is_refused() -> None:
    with pytest.raises(StoreValueError, match="index='annoy'"):
        StoreConfig(index="annoy")  # type: ignore[arg-type]
