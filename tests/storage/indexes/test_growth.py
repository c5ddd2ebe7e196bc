"""A partition becomes large aside, is kept in a file beside the store, and follows the store from there on."""

from __future__ import annotations

import dataclasses
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from large import SMALL, clustered
from numpy.typing import NDArray
from rows import new
from sqlalchemy import delete, update

from storage import FaissIndex, NewEntry, Store
from storage.indexes import LargeIndex, LargeSettings
from storage.partitions import PartitionKey, Partitions
from storage.tables import deleted, entries

WIDTH = 32
KEY = PartitionKey("s", "e", WIDTH)
VECTORS = clustered(1, 1000, WIDTH)
Open = Callable[..., Partitions]


def entry(number: int, vector: NDArray[np.float32] | None = None, scope: str = "s") -> NewEntry:
    row = VECTORS[number] if vector is None else vector
    return dataclasses.replace(new(f"q{number}", scope=scope), vector=row, embedder="e")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as opened:
        opened.add_many([entry(number) for number in range(300)])
        yield opened


@pytest.fixture
def opened(store: Store) -> Iterator[Open]:
    """Opens the indexes of the store, as another process would."""
    made: list[Partitions] = []

    def make(settings: LargeSettings = SMALL, on_progress: Callable[[int, int], None] | None = None) -> Partitions:
        made.append(Partitions(store._database, FaissIndex, 4, settings, on_progress))
        return made[-1]

    yield make
    for one in made:
        one.close()


def found(partitions: Partitions, vector: NDArray[np.float32], k: int = 1) -> list[int]:
    return [one.id for one in partitions.search(KEY, vector, k)]


def grown(partitions: Partitions) -> Partitions:
    partitions.size(KEY)
    assert partitions.settle(60)
    partitions.size(KEY)
    return partitions


def is_large(partitions: Partitions) -> bool:
    return isinstance(partitions._loaded[KEY].index, LargeIndex)


def since(partitions: Partitions) -> int:
    index = partitions._loaded[KEY].index
    assert isinstance(index, LargeIndex)
    return len(index.since)


def files(path: Path) -> list[Path]:
    return sorted(path.with_name("store.db.index").glob("*.segment"))


def agrees(partitions: Partitions, store: Store) -> bool:
    """Whether it has each row, with its own revision and vector, and nothing else."""
    with store._database.read() as connection:
        rows = connection.execute(entries.select().where(entries.c.scope == "s")).all()
    known = {one.id: one.revision for one in partitions.search(KEY, VECTORS[0], 2000)}
    return known == {row.id: row.revision for row in rows} and not list(partitions.problems())


def test_a_large_partition_is_built_aside_while_the_exact_index_serves(store: Store, opened: Open) -> None:
    told: list[tuple[int, int]] = []
    partitions = opened(on_progress=lambda done, total: told.append((done, total)))
    assert found(partitions, VECTORS[7]) == [8]
    assert not is_large(partitions)
    assert is_large(grown(partitions))
    assert since(partitions) == 0
    assert told[-1] == (300, 300)
    assert agrees(partitions, store)


def test_a_small_partition_stays_exact_and_has_no_file(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened(dataclasses.replace(SMALL, least=301)))
    assert not is_large(partitions)
    assert files(path) == []


def test_the_next_process_takes_the_file_and_what_came_since(path: Path, store: Store, opened: Open) -> None:
    grown(opened())
    assert len(files(path)) == 1
    store.add(entry(300))
    store.add(entry(3, -VECTORS[3]))
    store.delete(10)
    partitions = opened()
    assert found(partitions, VECTORS[300]) == [301]
    assert found(partitions, -VECTORS[3]) == [4]
    assert is_large(partitions)
    assert since(partitions) == 2
    assert 10 not in found(partitions, VECTORS[9], 300)
    assert 4 not in found(partitions, VECTORS[3], 5)
    assert agrees(partitions, store)


def test_an_index_in_memory_follows_what_others_add_replace_and_delete(store: Store, opened: Open) -> None:
    partitions, rng = grown(opened()), np.random.default_rng(2)
    for number in range(60):
        store.add(entry(int(rng.integers(250, 400)), VECTORS[400 + number]))
        store.delete(int(rng.integers(1, 400)))
        if number % 10 == 0:
            assert agrees(partitions, store)
    assert agrees(grown(partitions), store)


def test_what_came_since_is_merged_and_kept(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened())
    before = files(path)[0].stat().st_mtime_ns
    store.delete(5)
    store.add_many([entry(number) for number in range(300, 360)])
    store.add(entry(20, VECTORS[900]))
    assert since(grown(partitions)) == 0
    assert agrees(partitions, store)
    assert files(path)[0].stat().st_mtime_ns > before
    again = opened()
    assert found(again, VECTORS[900]) == [21]
    assert since(again) == 0
    assert agrees(again, store)


def test_a_graph_with_many_dead_is_built_anew(store: Store, opened: Open) -> None:
    partitions = grown(opened())
    for one in range(1, 80):
        store.delete(one)
    grown(partitions)
    index = partitions._loaded[KEY].index
    assert isinstance(index, LargeIndex)
    assert len(index.segment.id_of) == 221
    assert agrees(partitions, store)


def test_a_partition_that_became_small_is_exact_again_and_its_file_goes(path: Path, store: Store, opened: Open) -> None:
    partitions = grown(opened())
    with store._database.write() as connection:
        connection.execute(delete(entries).where(entries.c.id > 40))
    assert len(found(partitions, VECTORS[0], 100)) == 40
    assert not is_large(partitions)
    assert files(path) == []


def test_deletions_that_are_not_known_any_more_are_noticed_all_the_same(
    store: Store, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.indexes.vector_rows.DELETED_KEPT", 3)
    grown(opened())
    waiting = grown(opened())
    for one in range(1, 11):
        store.delete(one)
    with store._database.write() as connection:
        connection.execute(delete(deleted).where(deleted.c.entry_id < 8))
    assert agrees(waiting, store)
    assert agrees(opened(), store)


@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "missing"])
def test_a_file_that_cannot_be_used_is_made_anew_and_answers_stay_right(
    path: Path, store: Store, opened: Open, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    grown(opened())
    (file,) = files(path)
    sound = file.read_bytes()
    middle = len(sound) // 2
    harmed = {
        "flipped": sound[:middle] + bytes([sound[middle] ^ 4]) + sound[middle + 1 :],
        "cut": sound[:middle],
        "empty": b"",
    }
    file.unlink()
    if harm in harmed:
        file.write_bytes(harmed[harm])
    partitions = opened()
    assert agrees(partitions, store)
    assert not is_large(partitions)
    assert [record.name for record in caplog.records] == (["storage"] if harm in harmed else [])
    assert is_large(grown(partitions))
    assert agrees(opened(), store)


def test_the_file_of_another_store_in_its_place_is_not_taken(tmp_path: Path, store: Store, opened: Open) -> None:
    grown(opened())
    other = tmp_path / "other.db"
    with Store.open(f"sqlite:///{other}") as another:
        # The same ids and revisions, and other vectors.
        another.add_many([entry(number, VECTORS[number + 500]) for number in range(310)])
        (tmp_path / "store.db.index").rename(tmp_path / "other.db.index")
        partitions = Partitions(another._database, FaissIndex, 4, SMALL)
        assert agrees(partitions, another)
        assert not is_large(partitions)
        partitions.close()


@pytest.mark.parametrize("went_on", [1, 100])
def test_a_store_that_was_put_back_to_an_older_state_and_went_on_loses_nothing(
    path: Path, store: Store, opened: Open, went_on: int
) -> None:
    with store._database.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.read_bytes()
    for number in range(300, 340):
        store.add(entry(number))
    grown(opened())
    older = path.with_name("older")
    older.mkdir()
    (older / "store.db").write_bytes(copy)
    path.with_name("store.db.index").rename(older / "store.db.index")
    with Store.open(f"sqlite:///{older / 'store.db'}") as put_back:
        # The ids and revisions that others had before.
        for number in range(600, 600 + went_on):
            put_back.add(entry(number))
        partitions = Partitions(put_back._database, FaissIndex, 4, SMALL)
        assert agrees(partitions, put_back)
        partitions.close()


def test_entries_that_were_passed_over_for_a_while_are_there_again_after_a_merge(store: Store, opened: Open) -> None:
    partitions = grown(opened())
    # As the search does with what has expired: its row is still there, and may live again.
    partitions.forget(KEY, partitions.search(KEY, VECTORS[7], 3))
    assert 8 not in found(partitions, VECTORS[7], 300)
    store.add_many([entry(number) for number in range(300, 360)])
    grown(partitions)
    again = opened()
    assert agrees(again, store)
    assert is_large(again)


def test_rows_that_the_file_should_hold_and_does_not_are_found(store: Store, opened: Open) -> None:
    grown(opened())
    # An entry comes into being behind the mark, as in a store that was put together from others.
    store.add(entry(600))
    with store._database.write() as connection:
        connection.execute(update(entries).where(entries.c.id == 301).values(revision=7))
        connection.execute(update(entries).where(entries.c.id == 7).values(revision=301))
    assert agrees(opened(), store)


@pytest.mark.parametrize("unusable", ["file", "link"])
def test_a_folder_that_cannot_be_used_is_said_once_and_the_index_stays_in_memory(
    path: Path, store: Store, opened: Open, unusable: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = path.with_name("store.db.index")
    if unusable == "file":
        folder.write_text("in the way")
    else:
        folder.symlink_to(path.with_name("nowhere"))
    partitions = grown(opened())
    assert is_large(partitions)
    store.add_many([entry(number) for number in range(300, 400)])
    assert since(grown(partitions)) == 0
    assert agrees(partitions, store)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "in memory" in warnings[0].getMessage()


_FULL = """
import logging, resource, signal, sys
sys.path[:0] = [{support!r}, {here!r}]
logging.basicConfig(format="%(message)s")
import numpy as np
from test_growth import KEY, SMALL, VECTORS, FaissIndex, Partitions, Store, found, grown, is_large
with Store.open("sqlite:///" + {path!r}) as store:
    store.nearest("s", VECTORS[0], 1, "e")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    partitions = grown(Partitions(store._database, FaissIndex, 4, SMALL))
    print(is_large(partitions), found(partitions, VECTORS[7]))
    partitions.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


_ENDS = """
import sys
sys.path[:0] = [{support!r}, {here!r}]
from test_growth import KEY, SMALL, FaissIndex, Partitions, Store, dataclasses
store = Store.open("sqlite:///" + {path!r})
slow = dataclasses.replace(SMALL, build_width=20_000)
partitions = Partitions(store._database, FaissIndex, 4, slow, lambda done, total: print(done, flush=True))
partitions.size(KEY)
sys.stdin.readline()
print("making" if not partitions.settle(0) else "made")
"""


def test_a_program_that_ends_while_an_index_is_made_ends_well_and_leaves_nothing_half(
    path: Path, store: Store, opened: Open
) -> None:
    store.add_many([entry(number, VECTORS[number % 1000]) for number in range(300, 3000)])
    support = str(Path(__file__).parents[2] / "support")
    script = _ENDS.format(support=support, here=str(Path(__file__).parent), path=str(path))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        rest, _ = process.communicate("end\n")
    assert process.returncode == 0
    assert "making" in rest
    assert files(path) == []
    assert is_large(grown(opened()))


def test_a_full_disk_leaves_no_half_file_and_the_index_stays_in_memory(path: Path, store: Store) -> None:
    support = str(Path(__file__).parents[2] / "support")
    script = _FULL.format(support=support, here=str(Path(__file__).parent), path=str(path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "True [8]\n", done.stderr
    assert done.stderr.count("in memory") == 1
    assert files(path) == []
    assert list(path.with_name("store.db.index").glob("*.unfinished")) == []


def test_who_does_not_get_the_lock_serves_on_and_takes_what_the_other_made(
    path: Path, store: Store, opened: Open
) -> None:
    folder = path.with_name("store.db.index")
    grown(opened())
    (made,) = files(path)
    kept = made.read_bytes()
    made.unlink()
    with FileLock(made.with_suffix(".lock")):
        partitions = opened()
        assert found(partitions, VECTORS[7]) == [8]
        assert not partitions.settle(0.3)
        assert found(partitions, VECTORS[7]) == [8]
        assert not is_large(partitions)
        made.write_bytes(kept)
    before = made.stat().st_ino
    assert is_large(grown(partitions))
    assert made.stat().st_ino == before
    assert len(list(folder.iterdir())) == 2


def test_files_of_scopes_that_are_gone_are_removed(path: Path, store: Store, opened: Open) -> None:
    grown(opened())
    (file,) = files(path)
    damaged = file.with_name(f"{'0' * 32}.segment")
    damaged.write_bytes(b"damaged")
    with store._database.write() as connection:
        connection.execute(delete(entries))
    store.add_many([entry(number, scope="new") for number in range(300)])
    partitions = opened()
    partitions.size(KEY._replace(scope="new"))
    assert partitions.settle(60)
    assert not file.exists()
    # Whose it is cannot be read.
    assert damaged in files(path)
    assert len(files(path)) == 2


def test_what_killed_processes_left_half_is_removed_unless_the_writer_lives(
    path: Path, store: Store, opened: Open
) -> None:
    grown(opened())
    (file,) = files(path)
    left = [file.with_name(f"{name}.segment.99.unfinished") for name in (file.stem, "1" * 32, "2" * 32)]
    for one in left:
        one.write_bytes(b"half")
    file.unlink()
    with FileLock(file.with_name("2" * 32 + ".lock")):
        assert is_large(grown(opened()))
    assert [one.exists() for one in left] == [False, False, True]


def test_a_store_in_memory_keeps_no_file_and_has_large_indexes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open("sqlite://") as store:
        store.add_many([entry(number) for number in range(300)])
        partitions = grown(Partitions(store._database, FaissIndex, 4, SMALL))
        assert is_large(partitions)
        assert agrees(partitions, store)
        partitions.close()
    assert os.listdir(tmp_path) == []


def test_an_index_that_nobody_wants_any_more_is_not_made_to_the_end(path: Path, store: Store, opened: Open) -> None:
    store.add_many([entry(number) for number in range(300, 1000)])
    begun, closing = threading.Event(), threading.Event()

    def told(done: int, total: int) -> None:
        begun.set()
        closing.wait()

    partitions = opened(on_progress=told)
    partitions.size(KEY)
    begun.wait()
    job = partitions._growth._running
    assert job is not None
    job[2].stop()
    closing.set()
    partitions.close()
    partitions.close()
    assert found(partitions, VECTORS[7]) == [8]
    assert not is_large(partitions)
    assert files(path) == []


def test_revisions_of_a_large_partition_take_few_bytes(store: Store, opened: Open) -> None:
    partition = grown(opened())._loaded[KEY]
    assert partition.revisions._later == {}
    assert partition.revisions._ids.itemsize + partition.revisions._revisions.itemsize == 16
