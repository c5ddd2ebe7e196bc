"""Full disks, folders that may not be written, and bytes that change: what is lost is said, and nothing wrong is served."""

from __future__ import annotations

import json
import resource
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tier_blocks import Clock, OpenDisk, counts, path_of, put_path, same, some_block

from kvcache.errors import TierReadOnlyError

_PATH = path_of(1, 2, 3)


@contextmanager
def _files_up_to(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Callable[..., None]]:
    """A file system of 64 KiB at the tier's folder; called, it is mounted again with other options."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")

    def mount_again(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)

    yield mount_again
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_what_lies_there_is_still_served(
    small_disk: Callable[..., None], open_disk: OpenDisk, clock: Clock, folder: Path
) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    put_path(tier, "b", path_of(4))
    tier.flush()
    with (folder / "other").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(b"x" * 4096)
    tier.put("a", path_of(7), some_block(path_of(7)))
    tier.flush()
    assert "No space left on device" in (counts(tier).problem or "")
    assert counts(tier).failed == 1
    tier.put("a", path_of(8), some_block(path_of(8)))
    assert counts(tier).dropped == 1  # for a minute nothing is tried
    assert len(tier.load("a", _PATH, 0, 3)) == 3
    assert tier.forget("b") == 1  # removing works where adding does not
    (folder / "other").unlink()
    clock.now += 61
    tier.put("a", path_of(8), some_block(path_of(8)))
    tier.flush()
    assert counts(tier).problem is None
    tier.close()
    again = open_disk()
    assert [again.find("a", path, 0).blocks for path in (_PATH, path_of(7), path_of(8))] == [3, 0, 1]
    assert counts(again).corrupt == 0


def test_a_folder_on_a_read_only_disk_is_read_and_says_so(small_disk: Callable[..., None], open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    small_disk("ro")
    reader = open_disk()
    assert counts(reader).read_only
    assert "Read-only file system" in (counts(reader).problem or "")
    assert len(reader.load("a", _PATH, 0, reader.find("a", _PATH, 0).blocks)) == 3
    reader.put("a", path_of(7), some_block(path_of(7)))
    assert counts(reader).dropped == 1
    with pytest.raises(TierReadOnlyError, match="Remove the folder by hand"):
        reader.forget("a")
    assert reader.find("a", _PATH, 0).blocks == 0
    small_disk("rw")


def test_a_block_that_finds_no_room_leaves_no_file_behind(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.flush()
    files = sorted((folder / "blocks").iterdir())
    with _files_up_to(1600):  # a quota: small blocks can be written, and lines of the journal; large ones cannot
        large = path_of(9, tokens=40)
        tier.put("a", large, some_block(large))
        tier.flush()
    assert "File too large" in (counts(tier).problem or "")
    assert sorted((folder / "blocks").iterdir()) == files
    assert tier.find("a", large, 0).blocks == 0


def test_a_block_that_cannot_be_noted_is_used_until_the_end_and_removed_after_it(
    open_disk: OpenDisk, folder: Path, clock: Clock
) -> None:
    tier = open_disk()
    for number in range(10, 20):
        tier.put("a", path_of(number), some_block(path_of(number)))
    tier.flush()
    size = (folder / "journal-2").stat().st_size
    assert size > 2000
    with _files_up_to(size):  # the block's file fits, the journal's line does not
        put_path(tier, "a", _PATH[:1])
        tier.flush()
        assert "File too large" in (counts(tier).problem or "")
    assert len(tier.load("a", _PATH, 0, 1)) == 1
    assert (folder / "journal-2").stat().st_size == size
    tier.close()
    again = open_disk()
    assert [again.find("a", path, 0).blocks for path in (_PATH, path_of(10), path_of(19))] == [0, 1, 1]
    assert len(list((folder / "blocks").iterdir())) == 10


@pytest.mark.parametrize("region", ["length", "header", "tokens", "states", "end"])
def test_a_changed_byte_in_any_region_costs_that_block_and_no_other(
    open_disk: OpenDisk, folder: Path, region: str
) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.flush()
    record = sorted((folder / "blocks").iterdir(), key=lambda path: path.stat().st_size)[1]  # the second of the path
    content = bytearray(record.read_bytes())
    header = int.from_bytes(content[:8], "little")
    places = {"length": 0, "header": 20, "tokens": 8 + header + 2, "states": len(content) // 2 + 300, "end": -1}
    content[places[region]] ^= 0x10
    record.write_bytes(bytes(content))
    loaded = tier.load("a", _PATH, 0, 3)
    assert [same(block.kept, some_block(_PATH[: at + 1]).kept) for at, block in enumerate(loaded)] == [True]
    assert counts(tier).corrupt == 1
    tier.flush()
    assert not record.exists()
    assert tier.find("a", _PATH, 0).blocks == 1
    assert len(tier.load("a", _PATH, 2, 3)) == 1
    put_path(tier, "a", _PATH)  # it can come again
    tier.close()
    assert len(open_disk().load("a", _PATH, 0, 3)) == 3


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_truncated_file_is_dropped_when_loaded_and_at_the_next_start(
    open_disk: OpenDisk, folder: Path, length: int
) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH[:1])
    put_path(tier, "b", _PATH[:1])
    tier.flush()
    for path in (folder / "blocks").iterdir():
        path.write_bytes(path.read_bytes()[:length])
    assert tier.load("a", _PATH, 0, 1) == []
    assert counts(tier).corrupt == 1
    tier.close()
    again = open_disk()
    assert counts(again).lost == 1
    assert again.find("b", _PATH, 0).blocks == 0
    assert list((folder / "blocks").iterdir()) == []


def test_a_file_that_vanishes_is_counted_as_lost_and_can_come_again(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH[:1])
    tier.flush()
    next((folder / "blocks").iterdir()).unlink()
    assert tier.load("a", _PATH, 0, 1) == []
    assert (counts(tier).lost, counts(tier).corrupt) == (1, 0)
    put_path(tier, "a", _PATH[:1])
    tier.flush()
    assert len(tier.load("a", _PATH, 0, 1)) == 1


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: b"\0" * 5000, lambda data: data[: len(data) // 2], lambda data: data[::-1]],
)
def test_a_damaged_journal_costs_the_blocks_it_spoke_of_and_the_folder_is_used_on(
    open_disk: OpenDisk, folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    journal = folder / "journal-2"
    journal.write_bytes(damage(journal.read_bytes()))
    again = open_disk()
    left = counts(again).blocks
    assert left < 3
    assert len(list((folder / "blocks").iterdir())) == left
    put_path(again, "a", _PATH)
    again.close()
    last = open_disk()
    for depth, block in enumerate(last.load("a", _PATH, 0, 3), start=1):
        assert same(block.kept, some_block(_PATH[:depth]).kept)
    assert last.find("a", _PATH, 0).blocks == 3
    assert last.stats().notes == ()


def test_damaged_lines_are_said(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    journal = folder / "journal-2"
    journal.write_bytes(journal.read_bytes().replace(b'"size":', b'"sise":', 1))
    assert open_disk().stats().notes == ("Damaged lines of the journal that were left out: 1.",)


_NAME = "a" * 64
_GOOD: dict[str, Any] = {
    **{"path": _NAME, "owner": "o", "model": "m", "size": 1, "checksum": 0, "seconds": 1.0, "used": 1.0},
    **{"noted": 1.0, "limits": [None, 0.0, None]},
}


@pytest.mark.parametrize(
    "payload",
    [
        {"put": {"path": _NAME}},
        {"put": {**_GOOD, "new": 1}},
        {"put": {name: value for name, value in _GOOD.items() if name != "limits"}},
        {"put": {**_GOOD, "path": "../" * 22}},
        {"put": {**_GOOD, "size": "1"}},
        {"put": {**_GOOD, "size": -1}},
        {"put": {**_GOOD, "used": None}},
        {"put": {**_GOOD, "noted": float("nan")}},
        {"put": {**_GOOD, "seconds": 10**400}},
        {"put": {**_GOOD, "limits": [None, 0.0]}},
        {"use": [_NAME, None, None]},
        {"use": [_NAME, 1.0, 1.0, ["x", 0.0, None]]},
        {"model": ["x", [["a"]]]},
        {"model": ["x", [1]]},
        {"move": _NAME},
        {},
        [1],
        7,
    ],
)
def test_a_whole_line_that_says_what_nobody_understands_is_left_out_and_said(
    open_disk: OpenDisk, folder: Path, payload: object
) -> None:
    _check_bad_line(open_disk, folder, json.dumps(payload).encode())


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_whole_line_that_is_no_json_is_left_out_and_said(open_disk: OpenDisk, folder: Path, payload: bytes) -> None:
    _check_bad_line(open_disk, folder, payload)


def _check_bad_line(open_disk: OpenDisk, folder: Path, payload: bytes) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    with (folder / "journal-2").open("ab") as file:
        file.write(b"%08x %s\n" % (zlib.crc32(payload), payload))
    again = open_disk()
    assert again.stats().notes == ("Damaged lines of the journal that were left out: 1.",)
    assert len(again.load("a", _PATH, 0, 3)) == 3
    again.close()
    assert open_disk().stats().notes == ()
