"""Of two answers to one question the later one stays, and what was learned goes with the answer it was learned of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from exports import judge, lines_of, write_lines
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import func, select

from storage import Evidence, Store
from storage.tables import feedback


def _feedback_count(store: Store) -> int:
    with store._database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(feedback)).scalar_one())


class TestTwoAnswers:
    def test_the_later_one_stays_and_keeps_id_and_the_uses_of_both(
        self, store: Store, exported: Path, clock: Callable[[], float]
    ) -> None:
        clock.now = 50.0  # type: ignore[attr-defined]
        store.add(new("first"))
        mine = store.add(new("a", "mine", vector=3))
        for _ in range(9):
            store.touch(mine.id)
        assert store.upkeep.import_(exported).replaced == 1
        entry = store.exact("s", exact_hash("a"))
        assert entry is not None
        assert (entry.id, entry.answer, entry.answered, entry.expires) == (mine.id, "theirs", 100.0, 1_000_100.0)
        assert (entry.hits, entry.created, entry.last_used) == (9, 50.0, 100.0)
        assert [one.entry for one in store.nearest("s", unit(1), 1, "e")] == [entry]
        assert store.check() == ()

    def test_the_one_that_is_here_stays_where_it_is_later(
        self, store: Store, exported: Path, clock: Callable[[], float]
    ) -> None:
        clock.now = 200.0  # type: ignore[attr-defined]
        mine = store.add(new("a", "mine", vector=3))
        assert store.upkeep.import_(exported).kept == 1
        entry = store.exact("s", exact_hash("a"))
        assert entry is not None
        assert (entry.id, entry.answer, entry.hits) == (mine.id, "mine", 5)
        assert (entry.created, entry.last_used, entry.answered) == (100.0, 200.0, 200.0)
        assert store.check() == ()

    @pytest.mark.parametrize(("now", "answer", "right"), [(50.0, "mine", 1), (200.0, "mine", 0), (200.0, "theirs", 1)])
    def test_judgements_count_for_the_answer_that_was_judged_alone(
        self, store: Store, exported: Path, clock: Callable[[], float], now: float, answer: str, right: int
    ) -> None:
        clock.now = now  # type: ignore[attr-defined]
        mine = store.add(new("a", answer))
        judge(store, mine, "z", "none")
        store.upkeep.import_(exported)
        wrong_here = 0 if now == 50.0 else 1
        found = store.evidence([mine.id]).get(mine.id, Evidence())
        assert found == Evidence(right, right + wrong_here)
        assert _feedback_count(store) == 3

    def test_a_block_of_the_own_question_is_of_the_answer_that_it_was_said_of(
        self, store: Store, exported: Path, tmp_path: Path, clock: Callable[[], float]
    ) -> None:
        with Store.open("sqlite://", clock=lambda: 100.0) as other:
            other.upkeep.import_(exported)
            entry = other.get(1)
            assert entry is not None
            judge(other, entry, "a", "block")
            other.upkeep.export(tmp_path / "blocked.jsonl")
        clock.now = 200.0  # type: ignore[attr-defined]
        store.add(new("a", "mine"))
        store.upkeep.import_(tmp_path / "blocked.jsonl")
        served = store.exact("s", exact_hash("a"))
        assert served is not None
        assert served.answer == "mine"
        assert store.feedback.blocked([served.id], key_hash("y"), exact_hash("y")) == {served.id}


class TestWhatWasLearned:
    def test_it_is_about_the_entry_by_its_new_id(self, store: Store, exported: Path) -> None:
        for number in range(3):
            store.add(new(f"here {number}"))
        store.upkeep.import_(exported)
        entry = store.feedback.by_alias(("s", "-"), key_hash("x"))
        assert entry is not None
        assert (entry.id, entry.question) == (4, "a")
        assert store.feedback.blocked([4, 5], key_hash("y"), exact_hash("y")) == {4}
        assert store.evidence([4]) == {4: Evidence(1, 1)}

    def test_of_two_aliases_for_a_key_the_younger_stays(self, store: Store, exported: Path) -> None:
        mine = store.add(new("mine"))
        for at, question in ((9.0, "mine"), (1.0, "a")):
            judge(store, mine, "x", "alias", at=at)
            store.upkeep.import_(exported)
            found = store.feedback.by_alias(("s", "-"), key_hash("x"))
            assert found is not None
            assert found.question == question

    def test_of_one_pair_the_last_judgement_of_a_person_counts(self, store: Store, exported: Path) -> None:
        store.upkeep.import_(exported)
        entry = store.exact("s", exact_hash("a"))
        assert entry is not None
        lines = lines_of(exported)
        judged = next(line for line in lines if line["kind"] == "feedback" and line["correct"])
        for changes, expected in (
            ({"correct": False, "at": 6.0, "source": "shadow"}, Evidence(1, 1)),
            ({"correct": False, "at": 4.0}, Evidence(1, 1)),
            ({"correct": False, "at": 7.0}, Evidence(0, 2)),
        ):
            lines[0]["counts"]["feedback"] += 1
            write_lines(exported, [*lines, {**judged, **changes}])
            lines = lines_of(exported)
            store.upkeep.import_(exported)
            assert store.evidence([entry.id]) == {entry.id: expected}

    def test_judgements_of_an_entry_that_is_gone_are_kept_of_no_other_entry(self, store: Store, exported: Path) -> None:
        lines = [line for line in lines_of(exported) if line["kind"] in ("header", "feedback")]
        lines[0]["counts"] = {"feedback": 2}
        write_lines(exported, lines)
        mine = store.add(new("mine"))
        assert store.upkeep.import_(exported).feedback == 2
        assert store.upkeep.import_(exported).already == 2
        assert store.evidence([mine.id]) == {}
        assert {one.entry_id for one in store.feedback.recent(5)} == {-1}

    def test_two_judgements_alike_in_a_file_are_two(self, store: Store, exported: Path) -> None:
        lines = lines_of(exported)
        judged = next(line for line in lines if line["kind"] == "feedback")
        lines[0]["counts"]["feedback"] = 4
        write_lines(exported, [*lines, judged, judged])
        for expected in (4, 0):
            assert store.upkeep.import_(exported).feedback == expected
        assert _feedback_count(store) == 4
        assert store.evidence([1]) == {1: Evidence(1, 1)}
        lines[0]["counts"]["feedback"] = 5
        write_lines(exported, [*lines, judged, judged, judged])
        assert store.upkeep.import_(exported).feedback == 1

    def test_calibrations_of_a_name_that_is_here_are_left(self, store: Store, exported: Path) -> None:
        store.calibrations.save("other", "mine")
        assert store.upkeep.import_(exported).calibrations == 1
        current = store.calibrations.current("cuts")
        assert current is not None
        store.calibrations.save("cuts", "mine")
        assert store.upkeep.import_(exported).calibrations == 0
        assert [one.body for one in store.calibrations.recent("cuts", 5)] == ["mine", "theirs"]


def test_the_same_words_twice_in_a_file_are_one_entry(store: Store, exported: Path) -> None:
    lines = lines_of(exported)
    later = {**lines[1], "id": 77, "answer": "later", "answered": 300.0}
    lines[0]["counts"]["entry"] = 3
    write_lines(exported, [*lines, later])
    report = store.upkeep.import_(exported)
    assert (report.added, report.replaced) == (2, 1)
    entry = store.exact("s", exact_hash("a"))
    assert entry is not None
    assert entry.answer == "later"
    assert store.check() == ()
