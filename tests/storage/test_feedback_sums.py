"""Judgements are bounded: what old ones say of an entry stays as counts, and what stops a pair is never forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rows import exact_hash, key_hash, new

from storage import Effect, Entry, Evidence, Feedback, Store

_KEEP = 10


def _judged(entry: Entry, asked: str, correct: bool, **given: object) -> Feedback:
    judged = Feedback(
        tenant=entry.tenant, scope=entry.scope, entry_id=entry.id, question=asked, exact_hash=exact_hash(asked),
        key_hash=key_hash(asked), correct=correct, source="user", served="semantic",
    )  # fmt: skip
    return replace(judged, **given)  # type: ignore[arg-type]


def _record(store: Store, judged: Feedback, effect: Effect = "none") -> None:
    """With as few kept as can be, and bounded at once."""
    store.feedback.keep = _KEEP
    store.feedback._recorded.clear()
    store.feedback.record(judged, effect)


def _rows(store: Store) -> int:
    with store._database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM samewise_feedback").scalar_one())


def test_the_counts_of_an_entry_stay_when_its_old_judgements_go(store: Store) -> None:
    one, two = store.add(new("a")), store.add(new("b"))
    for number in range(60):
        _record(store, _judged((one, two)[number % 2], f"q{number}", number % 3 > 0))
    assert store.evidence([one.id, two.id]) == {one.id: Evidence(20, 10), two.id: Evidence(20, 10)}
    assert len(store.feedback.recent(100)) == _KEEP
    assert _rows(store) == _KEEP + 4
    assert [judged.question for judged in store.feedback.recent(2)] == ["q59", "q58"]


def test_what_was_replaced_goes_without_a_trace(store: Store) -> None:
    entry = store.add(new("a"))
    for number in range(50):
        _record(store, _judged(entry, "q", number % 2 == 0))
    assert store.evidence([entry.id]) == {entry.id: Evidence(0, 1)}
    assert _rows(store) == _KEEP


def test_the_judgement_that_stops_or_confirms_a_pair_stays_and_can_be_taken_back(store: Store) -> None:
    entry = store.add(new("a"))
    _record(store, _judged(entry, "wrong", False, note="It is not."), "block")
    _record(store, _judged(entry, "right", True), "alias")
    for number in range(40):
        _record(store, _judged(entry, f"q{number}", True))
    assert store.feedback.blocked([entry.id], "", exact_hash("wrong")) == {entry.id}
    assert store.feedback.by_alias(("s", "-"), key_hash("right")) == entry
    assert "It is not." in [judged.note for judged in store.feedback.recent(100)]
    assert store.evidence([entry.id]) == {entry.id: Evidence(41, 1)}
    _record(store, _judged(entry, "wrong", True), "unblock")
    assert store.evidence([entry.id]) == {entry.id: Evidence(42, 0)}


def test_another_answer_begins_anew_whatever_was_counted_before(store: Store) -> None:
    entry = store.add(new("a"))
    for number in range(30):
        _record(store, _judged(entry, f"q{number}", False))
    store.add(new("a", "Another answer."))
    assert store.evidence([entry.id]) == {}
    for number in range(30, 60):
        _record(store, _judged(entry, f"q{number}", True))
    assert store.evidence([entry.id]) == {entry.id: Evidence(30, 0)}
    assert _rows(store) == _KEEP + 1


def test_of_an_entry_that_is_gone_nothing_old_is_kept(store: Store) -> None:
    gone, other = store.add(new("a")), store.add(new("b"))
    for number in range(30):
        _record(store, _judged(gone, f"q{number}", False))
    store.delete(gone.id)
    for number in range(_KEEP + 1):
        _record(store, _judged(other, f"q{number}", True))
    assert {judged.entry_id for judged in store.feedback.recent(100)} == {other.id}
    assert _rows(store) == _KEEP + 1


@pytest.mark.parametrize("given", [{"tenant": "other"}, {"source": "shadow"}])
def test_a_flood_drops_nothing_of_another_tenant_or_source(store: Store, given: dict[str, str]) -> None:
    entry = store.add(new("a"))
    for number in range(_KEEP):
        _record(store, _judged(entry, f"first{number}", True, **given))
    for number in range(50):
        _record(store, _judged(entry, f"q{number}", False))
    kept = [judged.question for judged in store.feedback.recent(100) if (judged.question or "").startswith("first")]
    assert len(kept) == _KEEP


def test_what_is_said_again_is_one_judgement_and_as_new_as_the_last(store: Store) -> None:
    entry = store.add(new("a"))
    for at in (1.0, 2.0, 3.0):
        store.feedback.record(_judged(entry, "q", False, at=at), "block")
    assert [judged.at for judged in store.feedback.recent(9)] == [3.0]
    assert store.evidence([entry.id]) == {entry.id: Evidence(0, 1)}
    assert store.feedback.complaints("t", 2.5) == 1
    store.feedback.record(_judged(entry, "q", False, note="really"), "block")
    assert len(store.feedback.recent(9)) == 2
    assert store.evidence([entry.id]) == {entry.id: Evidence(0, 1)}


def test_each_check_is_kept_for_the_share_of_wrong_ones_is_asked_for(store: Store) -> None:
    entry = store.add(new("a"))
    for _ in range(3):
        store.feedback.record(_judged(entry, "q", False, source="shadow"))
    assert store.feedback.labels("t", "shadow", 9) == (False, False, False)


def test_a_judgement_of_an_answer_that_was_replaced_is_kept_and_changes_nothing(store: Store) -> None:
    entry = store.add(new("a", "Old."))
    store.add(new("a", "New."))
    recorded = store.feedback.record(_judged(entry, "a", False), "block", "Old.")
    assert (recorded.former, recorded.blocked) == (True, False)
    assert store.exact("s", exact_hash("a")) is not None
    assert store.evidence([entry.id]) == {}
    assert len(store.feedback.recent(9)) == 1
    assert store.feedback.record(_judged(entry, "a", False), "block", "New.").blocked


class TestFormerAnswer:
    def test_of_another_question_it_blocks_the_pair_and_counts_for_neither(self, store: Store) -> None:
        entry = store.add(new("a", "Old."))
        store.feedback.record(_judged(entry, "x", True), "alias")
        store.add(new("a", "New."))
        recorded = store.feedback.record(_judged(entry, "x", False), "block", "Old.")
        assert (recorded.former, recorded.blocked, recorded.alias_removed) == (True, True, True)
        assert store.feedback.blocked([entry.id], key_hash("x"), "") == {entry.id}
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) is None
        assert store.evidence([entry.id]) == {}
        assert store.exact("s", exact_hash("a")) is not None

    def test_it_frees_no_pair_and_stops_none_that_a_person_found_right_since(self, store: Store) -> None:
        entry = store.add(new("a", "Old."))
        store.feedback.record(_judged(entry, "x", False), "block", "Old.")
        store.add(new("a", "New."))
        for effect in ("unblock", "alias"):
            assert not store.feedback.record(_judged(entry, "x", True), effect, "Old.").alias_added
            assert store.feedback.blocked([entry.id], key_hash("x"), "") == {entry.id}
        store.feedback.record(_judged(entry, "x", True), "alias", "New.")
        assert not store.feedback.record(_judged(entry, "x", False), "block", "Old.").blocked
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) is not None
        assert store.evidence([entry.id]) == {entry.id: Evidence(1, 0)}

    def test_judgements_of_it_are_bounded_too(self, store: Store) -> None:
        entry = store.add(new("a", "New."))
        store.feedback.keep = _KEEP
        for number in range(300):
            store.feedback.record(_judged(entry, f"q{number}", True), "none", "Old.")
        assert _rows(store) <= _KEEP + 256


def test_judgements_that_come_between_those_of_a_neighbour_are_bounded_too(store: Store) -> None:
    both = store.add(new("a")), store.add(new("a", scope="other", tenant="other"))
    store.feedback.keep = _KEEP
    for number in range(300):
        for entry in both:
            store.feedback.record(_judged(entry, f"q{number}", True))
    assert max(len(store.feedback.recent(999, tenant=entry.tenant)) for entry in both) <= _KEEP + 256
    assert store.evidence([entry.id for entry in both]) == {entry.id: Evidence(300, 0) for entry in both}


def test_of_however_many_tenants_few_numbers_are_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.feedback._MOST_COUNTED", 5)
    entry = store.add(new("a"))
    for number in range(12):
        store.feedback.record(_judged(entry, "q", True, tenant=f"t{number}", source="shadow"))
    assert len(store.feedback._recorded) == 2


def test_sums_go_from_store_to_store_and_count_once(store: Store, tmp_path: Path) -> None:
    entry = store.add(new("a"))
    for number in range(30):
        _record(store, _judged(entry, f"q{number}", number % 2 == 0))
    path = tmp_path / "all.jsonl"
    store.upkeep.export(path)
    with Store.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        for _ in range(2):
            copy.upkeep.import_(path)
            (one,) = copy.evidence([1]).values()
            assert one == Evidence(15, 15)
        assert copy.check() == ()
    store.upkeep.import_(path)
    assert store.evidence([entry.id]) == {entry.id: Evidence(15, 15)}
