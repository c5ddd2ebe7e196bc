"""What was learned in use is bound to entry and scope, goes with its entry, and is seen by every process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rows import exact_hash, key_hash, new

from storage import Entry, Evidence, Feedback, StorageError, Store, StoreValueError


def _judged(entry: Entry, asked: str, correct: bool, **given: object) -> Feedback:
    values: dict[str, object] = {
        "tenant": entry.tenant,
        "scope": entry.scope,
        "entry_id": entry.id,
        "question": asked,
        "exact_hash": exact_hash(asked),
        "key_hash": key_hash(asked),
        "normalizer_version": "1",
        "correct": correct,
        "source": "user",
        "served": "semantic",
        **given,
    }
    return Feedback(**values)  # type: ignore[arg-type]


class TestBlocks:
    def test_a_blocked_pair_is_found_by_neither_words_nor_key(self, store: Store) -> None:
        entry = store.add(new("Where"))
        recorded = store.feedback.record(_judged(entry, "Where", False), "block")
        assert (recorded.blocked, recorded.alias_added, recorded.at) == (True, False, 1000.0)
        assert store.exact("s", exact_hash("Where")) is None
        assert store.by_key("s", key_hash("where")) is None
        assert store.get(entry.id) == entry

    def test_the_words_are_blocked_even_under_another_key(self, store: Store) -> None:
        entry = store.add(new("Where"))
        store.feedback.record(_judged(entry, "Wheer", False), "block")
        assert store.by_key("s", key_hash("where"), exact_hash("Wheer")) is None
        assert store.by_key("s", key_hash("where"), exact_hash("where")) == entry
        assert store.exact("s", exact_hash("Where")) == entry

    def test_another_entry_of_the_key_comes_in_its_place(self, store: Store) -> None:
        first, second = store.add(new("WHERE")), store.add(new("Where"))
        store.feedback.record(_judged(second, "where", False), "block")
        assert store.by_key("s", key_hash("where"), exact_hash("where")) == first

    def test_those_of_several_that_are_blocked_are_told(self, store: Store) -> None:
        entries = [store.add(new(f"q{number}")) for number in range(3)]
        for number, question in ((0, "asked"), (1, "Asked"), (2, "other")):
            store.feedback.record(_judged(entries[number], question, False), "block")
        ids = [entry.id for entry in entries]
        assert store.feedback.blocked(ids, key_hash("asked"), "") == {ids[0], ids[1]}
        assert store.feedback.blocked(ids, "", exact_hash("other")) == {ids[2]}
        assert store.feedback.blocked(ids[1:2], key_hash("other"), "") == frozenset()
        assert store.feedback.blocked([], key_hash("asked"), "") == frozenset()

    def test_it_is_lifted_by_the_opposite_judgement_and_by_another_answer(self, store: Store) -> None:
        entry = store.add(new("Where"))
        judged = _judged(entry, "Where", False)
        for lift in (
            lambda: store.feedback.record(replace(judged, correct=True), "unblock"),
            lambda: store.add(new("Where", "Another answer.")),
        ):
            store.feedback.record(judged, "block")
            store.feedback.record(judged, "block")
            store.add(new("Where", store.get(entry.id).answer))  # type: ignore[union-attr]
            assert store.exact("s", exact_hash("Where")) is None
            lift()
            assert store.exact("s", exact_hash("Where")) is not None


class TestAliases:
    def test_a_confirmed_question_is_found_by_its_key_in_its_scope(self, store: Store) -> None:
        entry = store.add(new("Where"))
        assert store.feedback.record(_judged(entry, "In which place", True), "alias").alias_added
        asked = key_hash("in which place")
        assert store.feedback.by_alias(("s", "other"), asked) == entry
        assert store.feedback.by_alias(("other", "s"), asked) == entry
        assert store.feedback.by_alias(("other", "third"), asked) is None
        assert store.feedback.by_alias(("s", "other"), key_hash("where")) is None
        assert store.feedback.aliases(entry.id) == ("In which place",)

    def test_a_key_is_the_alias_of_the_entry_it_was_last_confirmed_for(self, store: Store) -> None:
        first, second = store.add(new("a")), store.add(new("b"))
        for entry in (first, second):
            store.feedback.record(_judged(entry, "x", True), "alias")
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) == second
        assert store.feedback.aliases(first.id) == ()

    def test_curated_goes_before_generated(self, store: Store) -> None:
        generated = store.add(new("a", scope="generated", origin="generated"))
        curated = store.add(new("a", scope="curated"))
        for entry in (curated, generated):
            store.feedback.record(_judged(entry, "x", True), "alias")
        assert store.feedback.by_alias(("curated", "generated"), key_hash("x")) == curated
        store.feedback.record(_judged(curated, "x", False), "block")
        assert store.feedback.by_alias(("curated", "generated"), key_hash("x")) == generated

    def test_blocking_takes_the_alias_away_and_confirming_lifts_the_block(self, store: Store) -> None:
        entry = store.add(new("a"))
        right, wrong = _judged(entry, "x", True), _judged(entry, "X", False)
        store.feedback.record(right, "alias")
        assert store.feedback.record(wrong, "block").alias_removed
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) is None
        store.feedback.record(right, "alias")
        assert store.feedback.by_alias(("s", "-"), key_hash("x"), exact_hash("X")) == entry

    def test_an_alias_outlives_a_new_answer(self, store: Store) -> None:
        entry = store.add(new("a"))
        store.feedback.record(_judged(entry, "x", True), "alias")
        store.add(new("a", "Another answer."))
        found = store.feedback.by_alias(("s", "-"), key_hash("x"))
        assert found is not None
        assert found.answer == "Another answer."


class TestEvidence:
    def test_each_asked_question_counts_once_with_its_last_judgement(self, store: Store) -> None:
        one, two, three = (store.add(new(f"q{number}")) for number in range(3))
        for question, correct in (("a", True), ("b", True), ("c", False), ("c", False), ("a", False)):
            store.feedback.record(_judged(one, question, correct))
        store.feedback.record(_judged(two, "a", True, source="shadow"))
        assert store.evidence([one.id, two.id, three.id]) == {one.id: Evidence(1, 2), two.id: Evidence(1, 0)}
        assert store.evidence([]) == {}

    def test_a_check_does_not_overrule_a_person_but_a_person_a_check(self, store: Store) -> None:
        entry = store.add(new("q"))
        for question, first, second in (("a", "user", "shadow"), ("b", "shadow", "user")):
            store.feedback.record(_judged(entry, question, True, source=first))
            store.feedback.record(_judged(entry, question, False, source=second))
        assert store.evidence([entry.id]) == {entry.id: Evidence(1, 1)}

    def test_it_is_of_the_present_answer(self, store: Store) -> None:
        entry = store.add(new("q"))
        store.feedback.record(_judged(entry, "a", False))
        store.add(new("q"))
        assert store.evidence([entry.id]) == {entry.id: Evidence(0, 1)}
        store.add(new("q", "Another answer."))
        assert store.evidence([entry.id]) == {}
        assert len(store.feedback.recent(5)) == 1


def test_a_judgement_comes_back_as_it_was_given(store: Store) -> None:
    entry = store.add(new("q"))
    full = _judged(entry, "où 어디", True, similarity=0.93, probability=0.97, note="yes", at=77.0)
    bare = _judged(entry, "b", False, question=None, served=None, tenant="u")
    for one in (full, bare):
        store.feedback.record(one)
    without_version = [replace(one, normalizer_version="") for one in (replace(bare, at=1000.0), full)]
    assert list(store.feedback.recent(5)) == without_version
    assert store.feedback.recent(5, tenant="t") == (without_version[1],)


def test_labels_are_a_tenants_semantic_ones_of_a_source_newest_first(store: Store) -> None:
    entry = store.add(new("q"))
    for correct, given in (
        (True, {}), (False, {}), (False, {"source": "shadow"}), (True, {"served": "exact"}), (True, {"tenant": "u"}),
    ):  # fmt: skip
        store.feedback.record(_judged(entry, f"{correct}{given}", correct, **given))
    assert store.feedback.labels("t", "user", 5) == (False, True)
    assert store.feedback.labels("t", "user", 1) == (False,)
    assert store.feedback.labels("t", "shadow", 5) == (False,)


def test_complaints_count_each_question_and_entry_once(store: Store) -> None:
    entry = store.add(new("q"))
    for question, at in (("a", 1.0), ("b", 5.0), ("b", 6.0), ("c", 7.0)):
        store.feedback.record(_judged(entry, question, False, at=at))
    assert [store.feedback.complaints("t", since) for since in (0.0, 2.0, 7.0, 8.0)] == [3, 2, 1, 0]


class TestWithItsEntry:
    def test_deleting_takes_aliases_and_blocks_along(self, store: Store) -> None:
        gone, kept = store.add(new("a")), store.add(new("b"))
        for entry in (gone, kept):
            store.feedback.record(_judged(entry, f"x{entry.id}", True), "alias")
            store.feedback.record(_judged(entry, "y", False), "block")
        assert store.delete(gone.id)
        with store._database.read() as connection:
            for table in ("samewise_aliases", "samewise_blocked"):
                ids = connection.exec_driver_sql(f"SELECT entry_id FROM {table}").scalars().all()
                assert ids == [kept.id]
        assert store.check() == ()

    @pytest.mark.parametrize("effect", ["block", "alias"])
    def test_what_is_not_there_gets_neither_and_nothing_is_kept(self, store: Store, effect: str) -> None:
        entry = store.add(new("a"))
        store.delete(entry.id)
        with pytest.raises(StorageError):
            store.feedback.record(_judged(entry, "x", True), effect)  # type: ignore[arg-type]
        assert store.feedback.recent(5) == ()

    def test_orphans_and_rows_of_another_scope_are_found(self, path: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            one, two = store.add(new("a")), store.add(new("b"))
            store.feedback.record(_judged(one, "x", True), "alias")
            store.feedback.record(_judged(one, "y", False), "block")
            store.feedback.record(_judged(two, "y", False), "block")
            other = sqlite3.connect(path)  # foreign keys are off here, as in another program
            other.execute("UPDATE samewise_blocked SET scope = 'moved' WHERE entry_id = ?", (two.id,))
            other.execute("DELETE FROM samewise_entries WHERE id = ?", (one.id,))
            other.commit()
            other.close()
            assert set(store.check()) >= {
                f"entry {two.id}: a row of samewise_blocked is of another scope",
                f"entry {one.id}: it is gone, and a row of samewise_aliases is there",
                f"entry {one.id}: it is gone, and a row of samewise_blocked is there",
            }


@pytest.mark.parametrize("effect", ["block", "alias"])
def test_an_effect_without_the_words_is_refused(store: Store, effect: str) -> None:
    entry = store.add(new("a"))
    with pytest.raises(StoreValueError, match="words"):
        store.feedback.record(_judged(entry, "x", True, question=None), effect)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call", [lambda store: store.feedback.recent(0), lambda store: store.feedback.events.recent(0)]
)
def test_a_limit_below_one_is_refused(store: Store, call: Callable[[Store], object]) -> None:
    with pytest.raises(StoreValueError, match="limit=0"):
        call(store)


def test_another_process_sees_a_block_and_an_alias_at_once(shared_url: str) -> None:
    script = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]!r}
from rows import exact_hash, key_hash
from storage import Feedback, Store
with Store.open({shared_url!r}) as store:
    entry = store.exact("s", exact_hash("q"))
    for question, correct, effect in (("q", False, "block"), ("x", True, "alias")):
        store.feedback.record(Feedback(
            tenant="t", scope="s", entry_id=entry.id, exact_hash=exact_hash(question), key_hash=key_hash(question),
            correct=correct, source="user", question=question), effect)
"""
    with Store.open(shared_url) as store:
        entry = store.add(new("q"))
        assert store.exact("s", exact_hash("q")) == entry
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) is None
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
        assert store.exact("s", exact_hash("q")) is None
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) == entry
        assert store.evidence([entry.id]) == {entry.id: Evidence(1, 1)}
