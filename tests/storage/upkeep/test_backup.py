"""A backup is a store, whole, of the moment when it was begun; writers go on meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import select

from storage import CorruptError, Event, Feedback, Store, StoreFullError, StoreValueError, UnwritableError
from storage.tables import meta, metadata


def _fill(store: Store, count: int = 200) -> None:
    store.add_many([new(f"q{number}", f"answer {number}", vector=number) for number in range(count)])
    judged = Feedback(
        tenant="t", scope="s", entry_id=2, exact_hash=exact_hash("x"), key_hash=key_hash("x"), correct=False,
        source="user", question="x",
    )  # fmt: skip
    store.feedback.record(judged, "block")
    hit = Event(at=1.0, tenant="t", scope="s", exact_hash="e", key_hash="k", source="semantic", milliseconds=1.0)
    store.feedback.events.record(hit)
    store.feedback.events.flush()
    store.calibrations.save("cuts", "a")
    store.touch(3)
    store.delete(1)


def _rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store._database.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table is not meta
        }


def test_it_opens_as_a_store_with_every_row_of_every_table(store: Store, tmp_path: Path) -> None:
    _fill(store)
    path = tmp_path / "backup.db"
    assert store.upkeep.backup(path) == path.stat().st_size
    assert not [one for one in tmp_path.iterdir() if one.name.startswith((".", "backup.db-"))]
    with Store.open(f"sqlite:///{path}") as copy:
        assert _rows(copy) == _rows(store)
        assert copy.check() == ()
        assert copy.get(3) == store.get(3)
        assert copy.nearest("s", unit(7), 1, "e")[0].entry.question == "q7"


def test_an_id_that_was_given_before_is_given_to_no_new_entry_of_the_copy(store: Store, tmp_path: Path) -> None:
    last = [store.add(new(question)).id for question in ("a", "b", "c")][-1]
    store.delete(last)
    store.upkeep.backup(tmp_path / "backup.db")
    with Store.open(f"sqlite:///{tmp_path}/backup.db") as copy:
        assert copy.add(new("d")).id > last
        assert copy.check() == ()


def test_no_change_of_the_copy_is_called_as_one_of_the_store_it_came_from(store: Store, tmp_path: Path) -> None:
    _fill(store)
    for name in ("one.db", "two.db"):
        store.upkeep.backup(tmp_path / name)
    with Store.open(f"sqlite:///{tmp_path}/one.db") as one, Store.open(f"sqlite:///{tmp_path}/two.db") as two:
        mine, *theirs = [each.changes(0, 5000)[-1].revision for each in (store, one, two) if each.add(new("later"))]
        assert min(theirs) > mine + 2**32
        assert len(set(theirs)) == 2


def test_what_was_acknowledged_before_it_began_is_there_although_writers_go_on(
    shared_store: Store, tmp_path: Path
) -> None:
    store, stop, started, written = shared_store, threading.Event(), threading.Event(), []
    store.add_many([new(f"before {number}", vector=number) for number in range(600)])

    def write() -> None:
        for number in range(100_000):
            written.append(store.add(new(f"during {number}", vector=number)))
            store.delete(store.add(new(f"gone {number}", vector=number)).id)
            started.set()
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            assert started.wait(30)
            acknowledged = len(written)
            store.upkeep.backup(tmp_path / f"{number}.db")
            started.clear()
            with Store.open(f"sqlite:///{tmp_path}/{number}.db") as copy:
                assert copy.check() == ()
                assert all(copy.exact("s", exact_hash(f"before {number}")) for number in range(600))
                for entry in written[:acknowledged]:
                    assert copy.get(entry.id) == entry
    finally:
        stop.set()
        writer.join()
    assert store.check() == ()


def test_another_process_may_write_meanwhile_and_make_it_begin_anew_never(path: Path, tmp_path: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2] / "support")!r})
from rows import new
from storage import Store
with Store.open("sqlite:///{path}") as store:
    print("ready", flush=True)
    for number in range(1_000_000):
        store.add(new(f"during {{number % 50}}", str(number), vector=number))
"""
    with Store.open(f"sqlite:///{path}") as store:
        store.add_many([new(f"before {number}", "long " * 300, vector=number) for number in range(3000)])
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            for number in range(3):
                assert store.upkeep.backup(tmp_path / f"{number}.db") > 3000 * 1500
        finally:
            writer.kill()
            writer.communicate()
        assert store.check() == ()
    for number in range(3):
        with Store.open(f"sqlite:///{tmp_path}/{number}.db") as copy:
            assert copy.check() == ()
            assert copy.count() >= 3000


def test_a_file_that_is_there_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    with pytest.raises(StoreValueError, match=r"there\.db is there already"):
        store.upkeep.backup(tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "mine"
    with pytest.raises(UnwritableError, match="Its folder must be there"):
        store.upkeep.backup(tmp_path / "nowhere" / "a.db")


def test_a_damaged_store_is_copied_as_it_is_and_one_without_pages_is_not(path: Path, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        _fill(store)
        with store._database.write() as connection:
            connection.exec_driver_sql("UPDATE samewise_entries SET facts = '{' WHERE id = 5")
        store.upkeep.backup(tmp_path / "backup.db")
        with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
            assert copy.execute("SELECT facts FROM samewise_entries WHERE id = 5").fetchone() == ("{",)


@pytest.mark.parametrize("fails", [StoreFullError("full"), CorruptError("broken"), KeyboardInterrupt()])
def test_a_backup_that_fails_leaves_nothing_behind(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: BaseException
) -> None:
    _fill(store)
    before = sorted(tmp_path.iterdir())

    def fail(*_: object) -> None:
        raise fails

    with monkeypatch.context() as patch:
        patch.setattr("storage.upkeep.new_file._sync", fail)
        with pytest.raises(type(fails)):
            store.upkeep.backup(tmp_path / "backup.db")
    assert [one for one in tmp_path.iterdir() if one not in before and not one.name.startswith("store.db")] == []
    store.upkeep.backup(tmp_path / "backup.db")


def test_counts_that_are_pending_are_in_it(store: Store, tmp_path: Path) -> None:
    entry = store.add(new("a"))
    store.touch(entry.id)
    store.upkeep.backup(tmp_path / "backup.db")
    with Store.open(f"sqlite:///{tmp_path}/backup.db") as copy:
        found = copy.get(entry.id)
        assert found is not None
        assert found.hits == 1


class TestVacuum:
    def test_the_room_of_what_was_deleted_is_given_back(self, path: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            store.add_many([new(f"q{number}", "long " * 500, vector=number) for number in range(400)])
            for number in range(1, 391):
                store.delete(number)
            before, after = store.upkeep.vacuum()
            assert before > 400 * 2500 > after
            assert store.stats().bytes_on_disk == after
            assert store.count() == 10
            assert store.check() == ()

    def test_every_kind_of_store_is_as_before_and_can_be_written(self, store: Store) -> None:
        _fill(store)
        before = _rows(store)
        assert min(store.upkeep.vacuum()) >= 0
        assert _rows(store) == before
        store.add(new("later"))
        assert store.check() == ()

    def test_others_may_read_and_write_meanwhile(self, shared_store: Store) -> None:
        _fill(shared_store)
        failed: list[BaseException] = []

        def use(act: Callable[[int], object]) -> None:
            try:
                for number in range(20):
                    act(number)
            except BaseException as error:
                failed.append(error)
                raise

        acts: list[Callable[[int], object]] = [
            lambda number: shared_store.add(new(f"new {number}", vector=number)),
            lambda number: shared_store.nearest("s", unit(number), 3, "e"),
            lambda _: shared_store.upkeep.vacuum(),
        ]
        threads = [threading.Thread(target=use, args=(act,)) for act in acts]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert failed == []
        assert shared_store.count() == 219
        assert shared_store.check() == ()
