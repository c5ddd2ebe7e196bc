"""A judgement that became part of a sum counts once, whatever file it comes back in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from exports import judge, lines_of, write_lines
from rows import exact_hash, key_hash, new

from storage import Evidence, Store
from storage.upkeep import importing

_KEEP = 10


def _fill(store: Store, numbers: Iterable[int], letter: str = "q") -> None:
    """Wrong for a question of each number, at that time; with as few kept as can be, and bounded at once."""
    entry = store.add(new("a"))
    store.feedback.keep = _KEEP
    for number in numbers:
        store.feedback._recorded.clear()
        judge(store, entry, f"{letter}{number}", "none", at=float(number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An export."""
    return tmp_path / "a.jsonl"


def test_an_export_from_before_they_were_summed_up_changes_nothing(store: Store, path: Path) -> None:
    _fill(store, range(30))
    store.upkeep.export(path)
    _fill(store, range(30, 60))
    report = store.upkeep.import_(path)
    assert (report.feedback, report.already) == (0, _KEEP + 1)
    assert store.evidence([1]) == {1: Evidence(0, 60)}
    assert len(store.feedback.recent(99)) == _KEEP


def test_later_ones_of_another_store_count(store: Store, path: Path) -> None:
    _fill(store, range(30))  # those until 19 are a sum
    with Store.open("sqlite://", clock=lambda: 1000.0) as other:
        entry = other.add(new("a"))
        for number in range(18, 23):
            judge(other, entry, f"p{number}", "none", at=float(number))
        other.upkeep.export(path)
    for taken in (3, 0):
        assert store.upkeep.import_(path).feedback == taken
        assert store.evidence([1]) == {1: Evidence(0, 33)}


def test_those_behind_a_pair_count_however_old(store: Store, path: Path) -> None:
    with Store.open("sqlite://", clock=lambda: 1000.0) as other:
        entry = other.add(new("a"))
        judge(other, entry, "wrong", "block", at=1.0)
        judge(other, entry, "right", "alias", at=1.0)
        other.upkeep.export(path)
    _fill(store, range(30))
    assert store.upkeep.import_(path).feedback == 2
    assert store.evidence([1]) == {1: Evidence(1, 31)}
    assert store.feedback.blocked([1], key_hash("wrong"), exact_hash("wrong")) == {1}


def test_those_beside_a_larger_sum_of_the_file_count(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    with Store.open("sqlite://", clock=lambda: 1000.0) as other:
        _fill(other, range(60), "p")
        other.upkeep.export(path)
    # What is said again is as new as that, and its place is the old one: a sum may be later than what is beside it.
    lines = lines_of(path)
    write_lines(path, [{**line, "at": 99.0} if line.get("number", 1) > 1 else line for line in lines])
    _fill(store, range(30))
    store.upkeep.import_(path)
    # 10 and 10 as they are, and the larger of the sums.
    assert store.evidence([1]) == {1: Evidence(0, 70)}


def test_into_an_empty_store_all_come_whatever_their_times(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    with Store.open("sqlite://") as other:
        _fill(other, range(30, 0, -1))
        other.upkeep.export(path)
    for _ in range(2):
        store.upkeep.import_(path)
        assert store.evidence([1]) == {1: Evidence(0, 30)}
