"""A segment in a file: whole, or found out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from large import SMALL, clustered, segment_of

from storage.indexes import LargeIndex, Segment, segment_file
from storage.indexes.partition_key import PartitionKey
from storage.indexes.segment_file import UnusableSegmentError, read_key, read_segment, write_segment

KEY = PartitionKey("scope é\udc80", "e5", 64)
VECTORS = clustered(1, 700)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.segment"


@pytest.fixture
def segment() -> Segment:
    return segment_of(VECTORS, range(5, 705), mark=42)


def test_what_is_read_is_what_was_written(path: Path, segment: Segment) -> None:
    write_segment(path, KEY, segment)
    read = read_segment(path, KEY, SMALL)
    assert read_key(path) == KEY
    assert read.mark == 42
    for name in ("id_of", "ids", "revisions", "places"):
        assert np.array_equal(getattr(read, name), getattr(segment, name))
    for query in VECTORS[:20]:
        assert LargeIndex(read, 64).search(query, 5) == LargeIndex(segment, 64).search(query, 5)
    assert os.listdir(path.parent) == ["a.segment"]


def test_a_read_segment_is_changed_and_written_again_while_it_is_in_use(path: Path, segment: Segment) -> None:
    write_segment(path, KEY, segment)
    read = read_segment(path, KEY, SMALL)
    before = LargeIndex(read, 64).search(VECTORS[3], 5)
    write_segment(path, KEY, segment_of(-VECTORS, mark=43))
    assert LargeIndex(read, 64).search(VECTORS[3], 5) == before
    assert read_segment(path, KEY, SMALL).mark == 43


def test_a_flipped_bit_is_found_wherever_it_is(path: Path, segment: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_file, "_CHUNK", 4096)
    write_segment(path, KEY, segment)
    sound = path.read_bytes()
    for at in [*range(0, len(sound), len(sound) // 150), *range(len(sound) - 60, len(sound))]:
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        with pytest.raises(UnusableSegmentError):
            read_segment(path, KEY, SMALL)
    path.write_bytes(sound)
    assert read_segment(path, KEY, SMALL).mark == 42


def test_a_file_that_was_cut_off_is_found_out_at_any_length(path: Path, segment: Segment) -> None:
    write_segment(path, KEY, segment)
    sound = path.read_bytes()
    for length in [0, 1, 19, 20, 21, *range(22, len(sound), len(sound) // 50), len(sound) - 1]:
        path.write_bytes(sound[:length])
        with pytest.raises(UnusableSegmentError):
            read_segment(path, KEY, SMALL)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patch: patch.setattr(segment_file, "FORMAT", 99), "format"),
        (lambda patch: patch.setattr("faiss.__version__", "0.9"), "0.9"),
    ],
)
def test_a_file_of_another_version_is_not_read(
    path: Path, segment: Segment, change: Callable[[pytest.MonkeyPatch], None], words: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        change(patch)
        write_segment(path, KEY, segment)
    with pytest.raises(UnusableSegmentError, match=words):
        read_segment(path, KEY, SMALL)


def test_a_file_of_another_partition_is_not_read(path: Path, segment: Segment) -> None:
    write_segment(path, KEY, segment)
    with pytest.raises(UnusableSegmentError, match="another partition"):
        read_segment(path, KEY._replace(scope="other"), SMALL)


_KILLED = """
import os, signal, sys
sys.path.insert(0, {support!r})
from pathlib import Path
from large import clustered, segment_of
from storage.indexes import segment_file
from storage.indexes.partition_key import PartitionKey

def dying(function, calls):
    def call(*given):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given)
    globals()["left"] = calls
    return call

where, calls = {where!r}, {calls}
if where == "write":
    segment_file._Summed.write = dying(segment_file._Summed.write, calls)
if where == "fsync":
    os.fsync = dying(os.fsync, calls)
if where == "replace":
    Path.replace = dying(Path.replace, calls)
key = PartitionKey("scope", "e5", 64)
segment_file.write_segment(Path({path!r}), key, segment_of(-clustered(1, 700), mark=2))
print("written")
"""


@pytest.mark.parametrize(
    ("where", "calls", "mark"),
    [
        ("write", 1, 1),
        ("write", 2, 1),
        ("write", 9, 1),
        ("fsync", 1, 1),
        ("replace", 1, 1),
        ("fsync", 2, 2),
        ("", 0, 2),
    ],
)
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file_or_the_new_one(
    path: Path, where: str, calls: int, mark: int
) -> None:
    key = KEY._replace(scope="scope")
    write_segment(path, key, segment_of(VECTORS, mark=1))
    support = str(Path(__file__).parents[2] / "support")
    script = _KILLED.format(support=support, where=where, calls=calls, path=str(path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == ((-signal.SIGKILL, "") if where else (0, "written\n")), done.stderr
    read = read_segment(path, key, SMALL)
    assert read.mark == mark
    sign = 1 if mark == 1 else -1
    assert LargeIndex(read, 64).search(sign * VECTORS[7], 1)[0][0] == 7
