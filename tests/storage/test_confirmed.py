"""Aliases are found by what they mean, as brute force over the rows finds them, in step with every process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import update

from storage import Entry, Feedback, StorageError, Store
from storage.confirmed import ConfirmedQuestions
from storage.tables import aliases
from storage.upkeep.repair import repair


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


def test_they_are_the_nearest_of_each_entry_as_brute_force_finds_them_best_first(store: Store) -> None:
    entries = [store.add(new(f"q{number}")) for number in range(9)]
    for number in range(100, 140):
        _alias(store, entries[number % 9], f"asked {number}")
    assert _embed(store) == 40
    for seed in (1, 2, 120):
        cosines = {number: float(unit(number) @ unit(seed)) for number in range(100, 140)}
        ordered = sorted(cosines, key=lambda number: -cosines[number])
        best = list({number % 9: number for number in reversed(ordered)}.values())
        best = sorted(best, key=lambda number: -cosines[number])[:7]
        found = store.feedback.confirmed.nearest("s", unit(seed), 7, "e")
        assert [one.question for one in found] == [f"asked {number}" for number in best]
        assert [one.entry for one in found] == [entries[number % 9] for number in best]
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
    one, two, three = (store.add(new(name)) for name in "abc")
    for number, entry in ((7, one), (8, two), (9, three), (10, three)):
        _alias(store, entry, f"asked {number}")
    _embed(store)
    assert set(_found(store, 9)) == {("asked 7", one.id), ("asked 8", two.id), ("asked 9", three.id)}
    _alias(store, one, "asked 7", correct=False)
    assert set(_found(store, 9)) == {("asked 8", two.id), ("asked 9", three.id)}
    _alias(store, one, "asked 8")
    assert set(_found(store, 9)) == {("asked 8", one.id), ("asked 9", three.id)}
    _alias(store, three, "asked 9", correct=False)
    assert set(_found(store, 9)) == {("asked 8", one.id), ("asked 10", three.id)}
    store.delete(one.id)
    assert _found(store, 9) == [("asked 10", three.id)]


def test_when_an_entry_with_many_is_deleted_those_of_others_are_found(store: Store) -> None:
    many, few = store.add(new("a")), store.add(new("b"))
    for number in range(200):
        _alias(store, many if number else few, f"asked {number}")
    _embed(store)
    assert len(_found(store, 150)) == 2
    store.delete(many.id)
    for _ in range(2):
        assert _found(store, 150) == [("asked 0", few.id)]


def test_confirmed_again_in_the_same_words_it_keeps_its_vector(store: Store) -> None:
    one, two = store.add(new("a")), store.add(new("b"))
    _alias(store, one, "asked 7")
    _embed(store)
    for entry in (one, two, two):
        _alias(store, entry, "asked 7")
        assert _found(store, 7) == [("asked 7", entry.id)]
        assert store.feedback.confirmed.without_vector("s", "e", 9) == ()


def test_one_whose_pair_is_blocked_is_not_found_until_it_is_not_blocked_any_more(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    with Store.open("sqlite://") as other:
        _alias(other, other.add(new("q")), "asked 7", correct=False)
        other.upkeep.export(path)
    entry = store.add(new("q"))
    for question in ("asked 7", "asked 8"):
        _alias(store, entry, question)
    _embed(store)
    assert _found(store, 7) == [("asked 7", entry.id)]
    store.upkeep.import_(path)
    assert _found(store, 7) == [("asked 8", entry.id)]
    _alias(store, entry, "asked 7")
    assert _found(store, 7) == [("asked 7", entry.id)]


@pytest.mark.parametrize("same", ["exact_hash", "key_hash"])
def test_one_whose_pair_is_blocked_here_is_not_imported(store: Store, tmp_path: Path, same: str) -> None:
    path = tmp_path / "all.jsonl"
    with Store.open("sqlite://") as other:
        exported = other.add(new("q"))
        for question in ("asked 7", "asked 8"):
            _alias(other, exported, question)
        other.upkeep.export(path)
    entry = store.add(new("q"))
    wrong = Feedback(
        tenant="t", scope="s", entry_id=entry.id, correct=False, source="user", question="x",
        exact_hash=exact_hash("asked 7" if same == "exact_hash" else "asked 0"),
        key_hash=key_hash("asked 7" if same == "key_hash" else "asked 0"),
    )  # fmt: skip
    store.feedback.record(wrong, "block")
    report = store.upkeep.import_(path)
    assert (report.aliases, report.already) == (1, 1)
    assert store.feedback.aliases(entry.id) == ("asked 8",)


@pytest.mark.parametrize(
    "data",
    [None, b"", bytes(12), bytes(4 * 16), unit(7, 8).tobytes(), unit(7).tobytes() + b"x"],
    ids=["none", "empty", "short", "of length 0", "of another width", "with a byte too many"],
)
def test_a_damaged_vector_is_passed_over_and_the_check_finds_and_mends_it(store: Store, data: bytes | None) -> None:
    entries = [store.add(new(f"q{number}", vector=number)) for number in range(3)]
    for number in (7, 9):
        _alias(store, entries[number - 7], f"asked {number}")
    _embed(store)
    wrong = update(aliases).where(aliases.c.question == "asked 7")
    with store._database.write() as connection:
        connection.execute(wrong.values(vector=data, embedder="e"))
    assert _found(store, 7) == [("asked 9", entries[2].id)]
    (problem,) = store.check()
    assert problem == f"entry {entries[0].id}: the vector of a question that was confirmed for it is damaged"
    assert repair(store._database) == ()
    assert store.feedback.confirmed.without_vector("s", "e", 9)[0].question == "asked 7"
    _embed(store)
    assert _found(store, 7) == [("asked 7", entries[0].id), ("asked 9", entries[2].id)]


def test_where_the_database_does_not_answer_none_waits_for_another() -> None:
    together = threading.Barrier(4, timeout=20)
    failed: list[StorageError] = []

    class Slow:
        def revision(self) -> int:
            together.wait()  # broken where one comes after the other
            raise StorageError("the database does not answer")

    confirmed = ConfirmedQuestions(Slow(), lambda: 0.0)  # type: ignore[arg-type]

    def ask() -> None:
        try:
            confirmed.nearest("s", unit(7), 3, "e")
        except StorageError as error:
            failed.append(error)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join(60)
    assert len(failed) == 4


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
