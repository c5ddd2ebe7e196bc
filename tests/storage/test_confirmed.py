"""Aliases are found by what they mean, as brute force over the rows finds them, in step with every process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from rows import exact_hash, key_hash, new, unit

from storage import Entry, Feedback, Store


def _alias(store: Store, entry: Entry, asked: str, *, correct: bool = True) -> None:
    judged = Feedback(
        tenant=entry.tenant, scope=entry.scope, entry_id=entry.id, exact_hash=exact_hash(asked),
        key_hash=key_hash(asked), correct=correct, source="user", question=asked,
    )  # fmt: skip
    store.feedback.record(judged, "alias" if correct else "block")


def _embed(store: Store, scope: str = "s", embedder: str = "e") -> int:
    """Give each alias the vector of its number."""
    missing = store.feedback.confirmed.without_vector(scope, embedder, 1000)
    vectors = [(one, unit(int(one.question.removeprefix("asked ")))) for one in missing]
    store.feedback.confirmed.set_vectors(vectors, embedder)
    return len(missing)


def _found(store: Store, seed: int, k: int = 3, scope: str = "s", embedder: str = "e") -> list[tuple[str, int]]:
    return [(one.question, one.entry.id) for one in store.feedback.confirmed.nearest(scope, unit(seed), k, embedder)]


def test_they_are_those_that_brute_force_finds_best_first(store: Store) -> None:
    entries = [store.add(new(f"q{number}")) for number in range(5)]
    for number in range(100, 140):
        _alias(store, entries[number % 5], f"asked {number}")
    assert _embed(store) == 40
    for seed in (1, 2, 120):
        cosines = {number: float(unit(number) @ unit(seed)) for number in range(100, 140)}
        best = sorted(cosines, key=lambda number: -cosines[number])[:7]
        found = store.feedback.confirmed.nearest("s", unit(seed), 7, "e")
        assert [one.question for one in found] == [f"asked {number}" for number in best]
        assert [one.entry for one in found] == [entries[number % 5] for number in best]
        assert np.allclose([one.similarity for one in found], [cosines[number] for number in best], atol=1e-6)


def test_of_another_scope_embedder_or_width_none_is_found(store: Store) -> None:
    entry = store.add(new("q"))
    _alias(store, entry, "asked 7")
    assert _found(store, 7) == []
    _embed(store)
    assert _found(store, 7) == [("asked 7", entry.id)]
    assert _found(store, 7, scope="t") == _found(store, 7, embedder="f") == []
    assert store.feedback.confirmed.nearest("s", unit(7, 8), 3, "e") == ()


def test_what_is_taken_back_moved_or_deleted_is_not_found_any_more(store: Store) -> None:
    one, two = store.add(new("a")), store.add(new("b"))
    for number in (7, 8, 9):
        _alias(store, one, f"asked {number}")
    _embed(store)
    assert {question for question, _ in _found(store, 7)} == {"asked 7", "asked 8", "asked 9"}
    _alias(store, one, "asked 7", correct=False)
    assert {question for question, _ in _found(store, 7)} == {"asked 8", "asked 9"}
    _alias(store, two, "asked 8")
    assert {question for question, _ in _found(store, 8)} == {"asked 9"}
    _embed(store)
    assert ("asked 8", two.id) in _found(store, 8)
    store.delete(one.id)
    assert _found(store, 9) == [("asked 8", two.id)]


def test_another_embedder_is_taken_over_and_words_that_changed_get_no_vector(store: Store) -> None:
    entry = store.add(new("a"))
    _alias(store, entry, "asked 7")
    (before,) = store.feedback.confirmed.without_vector("s", "e", 9)
    _embed(store)
    assert store.feedback.confirmed.without_vector("s", "e", 9) == ()
    assert [one.embedder for one in store.feedback.confirmed.without_vector("s", "f", 9)] == ["e"]
    _alias(store, entry, "Asked 7")  # the same key, in other words
    store.feedback.confirmed.set_vectors([(before, unit(7))], "e")
    assert [one.question for one in store.feedback.confirmed.without_vector("s", "e", 9)] == ["Asked 7"]
    assert _found(store, 7) == []


def test_they_come_a_few_at_a_time_in_order(store: Store) -> None:
    entry = store.add(new("a"))
    for number in range(5):
        _alias(store, entry, f"asked {number}")
    first = store.feedback.confirmed.without_vector("s", "e", 3)
    rest = store.feedback.confirmed.without_vector("s", "e", 3, after=first[-1].key_hash)
    assert sorted(one.question for one in (*first, *rest)) == [f"asked {number}" for number in range(5)]


def test_another_process_sees_it_at_the_next_look(shared_url: str) -> None:
    script = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]!r}
from rows import exact_hash, key_hash, unit
from storage import Feedback, Store
with Store.open({shared_url!r}) as store:
    entry = store.exact("s", exact_hash("q"))
    for question, effect in (("asked 7", "block"), ("asked 8", "alias")):
        store.feedback.record(Feedback(
            tenant="t", scope="s", entry_id=entry.id, exact_hash=exact_hash(question), key_hash=key_hash(question),
            correct=effect == "alias", source="user", question=question), effect)
    (one,) = store.feedback.confirmed.without_vector("s", "e", 9)
    store.feedback.confirmed.set_vectors([(one, unit(8))], "e")
"""
    with Store.open(shared_url) as store:
        entry = store.add(new("q"))
        _alias(store, entry, "asked 7")
        _embed(store)
        assert _found(store, 7) == [("asked 7", entry.id)]
        subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
        assert _found(store, 7) == [("asked 8", entry.id)]


def test_an_imported_alias_is_seen_by_a_store_that_has_looked_already(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    with Store.open("sqlite://") as other:
        _alias(other, other.add(new("q")), "asked 7")
        other.upkeep.export(path)
    store.add(new("q"))
    assert _found(store, 7) == []
    store.upkeep.import_(path)
    assert _embed(store) == 1
    assert [question for question, _ in _found(store, 7)] == ["asked 7"]
