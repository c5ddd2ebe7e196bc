"""From a damaged file everything is saved that can still be read, and what was lost is counted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from damage import PAGE, damage_pages_of
from exports import judge
from rows import exact_hash, key_hash, new, unit

from storage import CorruptError, Event, Feedback, Store, StoreValueError, UnwritableError
from storage.calibrations import Calibrations
from storage.upkeep import salvage

_COUNT = 800


@pytest.fixture
def full(path: Path) -> Path:
    """A store of 800 entries with an alias, a blocked pair, judgements, a calibration and a deletion."""
    with Store.open(f"sqlite:///{path}") as store:
        store.add_many([new(f"q{number}", f"answer {number}", vector=number) for number in range(_COUNT)])
        for question, correct, effect in (("x", True, "alias"), ("y", False, "block")):
            judged = Feedback(
                tenant="t", scope="s", entry_id=1, exact_hash=exact_hash(question), key_hash=key_hash(question),
                correct=correct, source="user", question=question,
            )  # fmt: skip
            store.feedback.record(judged, effect)  # type: ignore[arg-type]
        Calibrations(store._database, lambda: 1.0).save("cuts", "{}")
        store.delete(_COUNT)
    return path


def _leaves(path: Path) -> list[int]:
    """The pages with the rows of numbered tables, but for those of the list of tables."""
    data = path.read_bytes()
    pages = ((number, data[number * PAGE : (number + 1) * PAGE]) for number in range(1, len(data) // PAGE))
    return [number for number, page in pages if page[0] == 0x0D and b"CREATE" not in page]


def test_of_a_sound_file_everything_is_saved(full: Path, tmp_path: Path) -> None:
    report = salvage(full, tmp_path / "new.db")
    assert (report.entries, report.lost, report.damaged) == (_COUNT - 1, 0, ())
    assert (report.aliases, report.blocked, report.feedback, report.calibrations) == (1, 1, 2, 1)
    with Store.open(f"sqlite:///{full}") as old, Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.check() == ()
        for number in range(_COUNT - 1):
            assert store.exact("s", exact_hash(f"q{number}")) == old.exact("s", exact_hash(f"q{number}"))
        assert store.nearest("s", unit(7), 1, "e")[0].entry.question == "q7"
        assert store.feedback.by_alias(("s", "-"), key_hash("x")) == store.get(1)
        assert store.feedback.blocked([1], key_hash("y"), exact_hash("y")) == {1}


def test_of_a_damaged_file_all_but_the_rows_of_the_damaged_pages_are_saved(full: Path, tmp_path: Path) -> None:
    damaged = damage_pages_of(full, ["q0", "q400", f"q{_COUNT - 2}"])
    before = full.read_bytes()
    report = salvage(full, tmp_path / "new.db")
    assert full.read_bytes() == before
    # A page has room for 4096 bytes, and an entry takes more than 300.
    assert 3 <= report.lost <= damaged * PAGE // 300
    assert report.entries + report.lost == _COUNT - 1
    assert report.damaged == ("samewise_entries",)
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.check() == ()
        answered = 0
        for number in range(_COUNT - 1):
            entry = store.exact("s", exact_hash(f"q{number}"))
            answered += entry is not None
            assert entry is None or entry.answer == f"answer {number}"
        assert answered == store.count() == report.entries


@pytest.mark.parametrize("old", [False, True])
def test_how_many_hits_by_meaning_there_were_is_known_also_of_a_file_without_counts(
    full: Path, tmp_path: Path, old: bool
) -> None:
    hit = Event(at=0.0, tenant="t", scope="s", exact_hash="e", key_hash="k", source="semantic", milliseconds=1.0)
    with Store.open(f"sqlite:///{full}") as store:
        store.feedback.events.keep = 5400 if old else 100
        for at in range(5400):
            store.feedback.events.record(replace(hit, at=float(at)))
            if at % 100 == 99:
                store.feedback.events.flush()
        store.feedback.events.record(replace(hit, at=7.0, tenant="u"))
        store.feedback.events.record(replace(hit, source="miss"))
        store.feedback.events.flush()
        before = store.feedback.events.hits("t")
    if old:
        with closing(sqlite3.connect(full)) as connection:
            connection.execute("DROP TABLE samewise_tallies")
    salvage(full, tmp_path / "new.db")
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.feedback.events.hits("t") == ((5000, 400.0) if old else before)
        assert store.feedback.events.hits("u") == (1, 7.0)
        for _ in range(250):
            store.feedback.events.record(hit)
        store.feedback.events.flush()
        assert 5000 <= store.feedback.events.hits("t")[0] <= 5250
        assert store.check() == ()


def test_an_id_of_the_damaged_file_is_not_given_again(full: Path, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{full}") as old:
        last = old.exact("s", exact_hash(f"q{_COUNT - 2}"))
        assert last is not None
        judge(old, last, "z", "none")
        judged = old.feedback.recent(9)
    damage_pages_of(full, [f"q{_COUNT - 2}"])
    salvage(full, tmp_path / "new.db")
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.feedback.recent(9) == judged
        assert store.add(new("later")).id > max(one.entry_id for one in judged)


@pytest.mark.parametrize("every", [2, 7])
def test_whatever_pages_are_overwritten_no_answer_is_another_ones(full: Path, tmp_path: Path, every: int) -> None:
    data = bytearray(full.read_bytes())
    for page in _leaves(full)[1::every]:
        data[page * PAGE + 8 : page * PAGE + 300] = bytes(range(256)) + b"\x55" * 36
    full.write_bytes(data)
    report = salvage(full, tmp_path / "new.db")
    assert report.lost > 0
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.check() == ()
        for number in range(_COUNT):
            entry = store.exact("s", exact_hash(f"q{number}"))
            assert entry is None or (entry.question, entry.answer) == (f"q{number}", f"answer {number}")


def test_a_truncated_file_gives_what_stands_before_the_cut_or_says_that_nothing_does(
    full: Path, tmp_path: Path
) -> None:
    data = full.read_bytes()
    full.write_bytes(data[: len(data) * 3 // 4])
    report = salvage(full, tmp_path / "new.db")
    assert 0 < report.entries < _COUNT
    assert report.lost > 0
    full.write_bytes(data[:50])
    with pytest.raises(CorruptError, match="restore a backup"):
        salvage(full, tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_rows_with_unreadable_facts_are_saved_and_mended(full: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(full)) as connection:
        connection.execute("UPDATE samewise_entries SET facts = '{', tags = '[' WHERE id = 5")
        connection.execute("UPDATE samewise_entries SET answer = x'ff' WHERE id = 6")
        connection.commit()
    report = salvage(full, tmp_path / "new.db")
    assert (report.entries, report.lost) == (_COUNT - 2, 1)
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.check() == ()
        entry = store.get(5)
        assert entry is not None
        assert (entry.answer, entry.facts) == ("answer 4", {})
        assert store.get(6) is None


def test_a_store_of_the_first_version_is_salvaged_into_one_of_today(full: Path, tmp_path: Path) -> None:
    later = [
        "tool_calls",
        "documents",
        "bot",
        "answered",
        "generation_ms",
        "bytes",
        "expires",
        "ttl_seconds",
        "sliding",
        "added",
    ]
    with closing(sqlite3.connect(full)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for name in ("samewise_by_bot", "samewise_by_expiry"):
            connection.execute(f"DROP INDEX {name}")
        for name in later:
            connection.execute(f"ALTER TABLE samewise_entries DROP COLUMN {name}")
        for name in [
            "labels",
            "usage",
            "deleted",
            "calibrations",
            "postings",
            "feedback",
            "aliases",
            "blocked",
            "events",
        ]:
            connection.execute(f"DROP TABLE samewise_{name}")
        connection.commit()
    report = salvage(full, tmp_path / "new.db")
    assert (report.entries, report.lost, report.aliases) == (_COUNT - 1, 0, 0)
    with Store.open(f"sqlite:///{tmp_path}/new.db") as store:
        assert store.check() == ()
        entry = store.exact("s", exact_hash("q3"))
        assert entry is not None
        assert entry.answered == entry.created > 0


def test_what_is_in_the_way_or_no_store_is_left_as_it_is(full: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("mine")
    with pytest.raises(StoreValueError, match="is there already"):
        salvage(full, there)
    assert there.read_text() == "mine"
    with pytest.raises(CorruptError, match="not a database"):
        salvage(there, tmp_path / "new.db")
    with pytest.raises(UnwritableError, match="no file"):
        salvage(tmp_path / "nothing.db", tmp_path / "new.db")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["store.db", "there.db"]
