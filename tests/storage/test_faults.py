"""What disks and people do to the file of a store: an error that says it, nothing lost, and no wrong answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from damage import PAGE, damage_pages_of
from rows import exact_hash, new, unit

from storage import CorruptError, StorageError, Store, StoreFullError, UnwritableError
from storage.upkeep import Kind, salvage

_SUPPORT = str(Path(__file__).parents[1] / "support")


@pytest.fixture
def mount() -> Iterator[Callable[[str], Path]]:
    """A disk of its own in memory, with options as `mount` takes them; called again it is mounted anew."""
    with tempfile.TemporaryDirectory() as folder:

        def mount(options: str) -> Path:
            command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"a small disk needs the right to mount one (run as root): {done.stderr.strip()}")
            return Path(folder)

        yield mount
        subprocess.run(["umount", "--lazy", folder], capture_output=True, check=False)


def _fill_up(store: Store) -> list[int]:
    """Add entries until there is no room; the numbers of those that were acknowledged."""
    kept: list[int] = []
    with pytest.raises(StoreFullError, match="Make room"):
        for number in count():
            store.add(new(f"q{number}", "long " * 200, vector=number))
            kept.append(number)
    return kept


def _answers(store: Store, numbers: list[int]) -> bool:
    return all(store.exact("s", exact_hash(f"q{number}")) is not None for number in numbers)


class TestAFullDisk:
    def test_what_was_acknowledged_is_kept_and_answered_and_later_there_is_room_again(
        self, mount: Callable[[str], Path]
    ) -> None:
        disk = mount("size=1500k")
        with Store.open(f"sqlite:///{disk}/a.db") as store:
            kept = _fill_up(store)
            assert len(kept) > 5
            assert store.count() == len(kept)
            assert _answers(store, kept)
            assert store.nearest("s", unit(3), 1, "e")[0].entry.question == "q3"
            assert store.check() == ()
            mount("remount,size=8m")
            store.add(new("later"))
            assert store.check() == ()
        with Store.open(f"sqlite:///{disk}/a.db") as store:
            assert store.count() == len(kept) + 1
            assert _answers(store, kept)

    def test_nothing_half_done_is_left_by_what_needs_room(self, mount: Callable[[str], Path], tmp_path: Path) -> None:
        disk = mount("size=1500k")
        with Store.open("sqlite://") as other:
            other.add_many([new(f"more {number}", "long " * 200, vector=number) for number in range(500)])
            other.upkeep.export(tmp_path / "more.jsonl")
        with Store.open(f"sqlite:///{disk}/a.db") as store:
            kept = _fill_up(store)
            before = sorted(os.listdir(disk))
            for act in (
                lambda: store.upkeep.backup(disk / "b.db"),
                lambda: store.upkeep.export(disk / "b.jsonl"),
                store.upkeep.vacuum,
                lambda: store.upkeep.import_(tmp_path / "more.jsonl"),
                lambda: store.add_many([new(f"more {number}", "long " * 200) for number in range(50)]),
            ):
                with pytest.raises(StoreFullError, match="ake room"):
                    act()
            assert sorted(os.listdir(disk)) == before
            assert store.count() == len(kept)
            assert store.check() == ()
            # To another disk it can be brought to safety.
            store.upkeep.backup(tmp_path / "safe.db")
        with Store.open(f"sqlite:///{tmp_path}/safe.db") as safe:
            assert safe.count() == len(kept)
            assert _answers(safe, kept)

    def test_no_new_store_is_made_where_there_is_no_room(self, mount: Callable[[str], Path]) -> None:
        disk = mount("size=40k")
        with pytest.raises(StoreFullError, match="Make room"):
            Store.open(f"sqlite:///{disk}/a.db")
        mount("remount,size=8m")
        with Store.open(f"sqlite:///{disk}/a.db") as store:
            store.add(new("a"))
            assert store.check() == ()


def test_a_limit_on_the_size_of_files_is_an_error_and_what_was_stored_is_kept(path: Path) -> None:
    script = f"""
import resource, sys
sys.path.insert(0, {_SUPPORT!r})
from itertools import count
from rows import new
from storage import StorageError, Store
with Store.open("sqlite:///{path}") as store:
    for number in range(20):
        store.add(new(f"q{{number}}", vector=number))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        for number in count(20):
            store.add(new(f"q{{number}}", "long " * 200, vector=number))
    except StorageError as error:
        print(number, store.count(), store.check(), error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    acknowledged, there, checked, *words = done.stdout.split()
    assert (there, checked) == (acknowledged, "()")
    assert "may not grow further" in " ".join(words)
    with Store.open(f"sqlite:///{path}") as store:
        assert store.count() == int(acknowledged)
        store.add(new("later"))
        assert store.check() == ()


def test_a_store_on_a_disk_that_is_read_only_is_not_opened_and_is_whole_afterwards(
    mount: Callable[[str], Path],
) -> None:
    disk = mount("size=8m")
    with Store.open(f"sqlite:///{disk}/a.db") as store:
        kept = store.add(new("a"))
    mount("remount,ro")
    with pytest.raises(UnwritableError, match=f"{disk}/a.db.*must exist and be writable"):
        Store.open(f"sqlite:///{disk}/a.db")
    mount("remount,rw")
    with Store.open(f"sqlite:///{disk}/a.db") as store:
        store.add(new("b"))
        assert store.get(kept.id) == kept
        assert store.check() == ()


class TestDamagedPages:
    def test_other_entries_are_answered_and_a_damaged_one_is_an_error(self, path: Path, tmp_path: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            store.add_many([new(f"q{number}", f"answer {number}", vector=number) for number in range(300)])
            store.upkeep.backup(tmp_path / "backup.db")
        damage_pages_of(path, ["q150"])
        answered = 0
        with Store.open(f"sqlite:///{path}") as store:
            for number in range(300):
                with suppress(CorruptError):
                    entry = store.exact("s", exact_hash(f"q{number}"))
                    assert entry is not None
                    assert entry.answer == f"answer {number}"
                    answered += 1
            assert answered > 280
            with pytest.raises(CorruptError, match="restore a backup"):
                store.exact("s", exact_hash("q150"))
            assert Kind.PAGES in {problem.kind for problem in store.upkeep.check()}
        # Both ways out.
        salvaged = salvage(path, tmp_path / "salvaged.db")
        assert 0 < salvaged.lost < 20
        shutil.copyfile(tmp_path / "backup.db", path)
        for name, expected in ((path, 300), (tmp_path / "salvaged.db", 300 - salvaged.lost)):
            with Store.open(f"sqlite:///{name}") as store:
                assert store.count() == expected
                assert store.check() == ()

    def test_a_file_that_is_cut_off_is_refused_whether_it_is_open_or_not(self, path: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            store.add_many([new(f"q{number}", vector=number) for number in range(300)])
        with Store.open(f"sqlite:///{path}") as store:
            os.truncate(path, 10 * PAGE)
            acts: list[Callable[[], object]] = [
                lambda: store.exact("s", exact_hash("q200")),
                lambda: store.add(new("later")),
            ]
            for act in acts:
                with pytest.raises(CorruptError, match="damaged"):
                    act()
            for found in (store.upkeep.check(), store.upkeep.repair()):
                assert [problem.kind for problem in found] == [Kind.PAGES]
        with pytest.raises(CorruptError, match="damaged"):
            Store.open(f"sqlite:///{path}")
        assert path.stat().st_size == 10 * PAGE

    def test_an_empty_file_becomes_a_store(self, path: Path) -> None:
        path.touch()
        with Store.open(f"sqlite:///{path}") as store:
            store.add(new("a"))
            assert store.check() == ()


class TestAnotherFileInItsPlace:
    @pytest.mark.parametrize("replaced", [True, False])
    def test_nothing_is_written_to_a_file_that_nobody_finds_any_more(
        self, path: Path, tmp_path: Path, replaced: bool
    ) -> None:
        with Store.open(f"sqlite:///{tmp_path}/other.db") as other:
            other.add(new("theirs", vector=5))
        with Store.open(f"sqlite:///{path}") as store:
            store.add(new("mine", vector=5))
            if replaced:
                (tmp_path / "other.db").replace(path)
            else:
                path.unlink()
            for act in (lambda: store.add(new("late")), lambda: store.delete(1), store.upkeep.vacuum):
                with pytest.raises(UnwritableError, match="open the store again"):
                    act()
            # Whatever is answered is the former file's, never one's question with the other's answer.
            # Who only reads is told within a second: what others write goes to the new file, and would never be seen.
            with pytest.raises(UnwritableError, match="open the store again"):
                while True:
                    assert store.exact("s", exact_hash("theirs")) is None
                    time.sleep(0.05)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        with Store.open(f"sqlite:///{path}") as store:
            assert store.count() == int(replaced)
            assert store.check() == ()

    def test_a_file_that_is_put_back_is_written_again(self, path: Path, tmp_path: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            path.rename(tmp_path / "away.db")
            with pytest.raises(UnwritableError):
                store.add(new("a"))
            (tmp_path / "away.db").rename(path)
            store.add(new("a"))
            assert store.check() == ()


_KILLED = """
import sys
sys.path.insert(0, {support!r})
from pathlib import Path
from storage import Store
with Store.open("sqlite:///{path}") as store:
    print("go", flush=True)
    {act}
"""


@pytest.mark.parametrize(
    "act",
    [
        "store.upkeep.import_(Path({file!r}))",
        "store.upkeep.repair()",
        "store.upkeep.vacuum()",
        "store.upkeep.backup(Path({file!r} + str(store._database.revision()) + '.db'))",
    ],
)
def test_a_process_that_is_killed_in_the_middle_leaves_all_or_nothing(path: Path, tmp_path: Path, act: str) -> None:
    file = tmp_path / "more.jsonl"
    with Store.open("sqlite://") as other:
        other.add_many([new(f"more {number}", vector=number) for number in range(1500)])
        other.upkeep.export(file)
    with Store.open(f"sqlite:///{path}") as store:
        store.add_many([new(f"q{number}", vector=number) for number in range(300)])
        if "repair" in act:
            with store._database.write() as connection:
                connection.exec_driver_sql("DELETE FROM samewise_postings")
    script = _KILLED.format(support=_SUPPORT, path=path, act=act.format(file=str(file)))
    for milliseconds in (0, 5, 20, 60, 150, 400):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
            time.sleep(milliseconds / 1000)
            child.kill()
        with Store.open(f"sqlite:///{path}") as store:
            assert store.count() in (300, 1800)
            assert len(store.check()) in ((0, 300) if "repair" in act else (0,))
            assert _answers(store, list(range(300)))
    for backup in tmp_path.glob("more.jsonl*.db"):
        with Store.open(f"sqlite:///{backup}") as store:
            assert store.count() == 300
            assert store.check() == ()


def test_every_fault_is_of_one_tree() -> None:
    for kind in (CorruptError, StoreFullError, UnwritableError):
        assert issubclass(kind, StorageError)
