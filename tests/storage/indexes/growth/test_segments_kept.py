"""A large index is kept in a file beside the store: whatever happens to it, answers stay right."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from growing import KEY, VECTORS, Open, agrees, entry, files, found, grown, is_large, since
from large import SMALL
from sqlalchemy import delete, update

from storage import FaissIndex, Store
from storage.partitions import Partitions
from storage.tables import entries


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
sys.path[:0] = [{support!r}]
logging.basicConfig(format="%(message)s")
import numpy as np
from growing import VECTORS, found, grown, is_large
from large import SMALL
from storage import FaissIndex, Store
from storage.partitions import Partitions
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
sys.path[:0] = [{support!r}]
import dataclasses
from growing import KEY
from large import SMALL
from storage import FaissIndex, Store
from storage.partitions import Partitions
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
    support = str(Path(__file__).parents[3] / "support")
    script = _ENDS.format(support=support, path=str(path))
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
    support = str(Path(__file__).parents[3] / "support")
    script = _FULL.format(support=support, path=str(path))
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
