"""Whose blocks a folder holds: those of other models are refused, and other processes may read along."""

from __future__ import annotations

import stat
from pathlib import Path

from tier_blocks import OpenDisk, counts, path_of, put_path, same, some_block

from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.lower_tiers import Found

_PATH = path_of(1, 2, 3)


def test_another_model_s_blocks_are_refused_and_it_is_said_what_differs(open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    other = open_disk(Fingerprint.of({"weights": "a", "dtype": "bfloat16"}))
    assert other.find("a", _PATH, 0).blocks == 0
    assert other.load("a", _PATH, 0, 3) == []
    assert (counts(other).refused, counts(other).blocks) == (3, 0)
    assert other.stats().notes == ("3 blocks of another model: dtype is float32 there, bfloat16 here.",)
    other.close()
    assert open_disk().find("a", _PATH, 0).blocks == 3


def test_another_model_s_blocks_go_first_and_with_their_owner(open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    put_path(tier, "b", _PATH[:1])
    tier.close()
    other = open_disk(Fingerprint.of({"weights": "b"}), disk_bytes=counts(tier).bytes)
    put_path(other, "c", path_of(7), seconds=1e-9)
    other.flush()
    assert counts(other).refused == 3
    assert other.forget("c") == 1
    assert other.forget("a") + other.forget("b") == 3


def test_int8_blocks_say_so_and_are_refused_by_who_wants_exact_ones(open_disk: OpenDisk) -> None:
    tier = open_disk(Fingerprint.of({"states": "int8"}), int8=True)
    put_path(tier, "a", _PATH)
    tier.close()
    again = open_disk(Fingerprint.of({"states": "int8"}), int8=True)
    assert [block.kept.exact for block in again.load("a", _PATH, 0, 3)] == [False] * 3
    again.close()
    exact = open_disk(Fingerprint.of({"states": "exact"}))
    assert [exact.find("a", _PATH, start) for start in range(3)] == [Found(0, other_model=True)] * 3


def test_of_another_models_blocks_it_is_told_that_they_are_there_and_of_others_not(open_disk: OpenDisk) -> None:
    other = open_disk(Fingerprint.of({"dtype": "bfloat16"}))
    put_path(other, "a", _PATH)
    other.close()
    tier = open_disk(Fingerprint.of({"dtype": "float32"}))
    put_path(tier, "a", _PATH[:1])
    tier.flush()
    assert tier.find("a", _PATH, 0) == Found(1, other_model=True)
    assert tier.find("b", _PATH, 0) == tier.find("a", path_of(5), 0) == Found()
    tier.forget()
    assert tier.find("a", _PATH, 0) == Found()


def test_files_can_be_read_by_their_owner_alone(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "tenant-name", _PATH)
    tier.close()  # it writes aside until then
    open_disk().close()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items()), modes
    assert b"tenant-name" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_second_one_reads_what_the_first_writes_and_says_that_it_adds_nothing(open_disk: OpenDisk) -> None:
    writer, reader = open_disk(), open_disk()
    assert counts(reader).read_only
    assert "Another process writes" in (counts(reader).problem or "")
    put_path(writer, "a", _PATH)
    writer.flush()
    assert reader.find("a", _PATH, 0).blocks == 0  # it has not read a file yet, and does not know how quick that is
    reader.flush()
    assert reader.find("a", _PATH, 0).blocks == 3
    assert same(reader.load("a", _PATH, 0, 1)[0].kept, some_block(_PATH[:1]).kept)
    reader.put("a", path_of(7), some_block(path_of(7)))
    assert counts(reader).dropped == 1
    assert writer.forget("a") == 3
    assert reader.find("a", _PATH, 0).blocks == 0


def test_a_reader_that_forgets_removes_the_files_and_the_writer_notices(open_disk: OpenDisk, folder: Path) -> None:
    writer, reader = open_disk(), open_disk()
    put_path(writer, "a", _PATH)
    writer.flush()
    assert reader.forget("a") == 3
    assert list((folder / "blocks").iterdir()) == []
    assert writer.load("a", _PATH, 0, 3) == []
    assert counts(writer).lost == 1
    assert counts(writer).corrupt == 0


def test_a_reader_that_meets_a_changed_file_leaves_it_to_the_writer(open_disk: OpenDisk, folder: Path) -> None:
    writer, reader = open_disk(), open_disk()
    put_path(writer, "a", _PATH[:1])
    writer.flush()
    reader.find("a", _PATH, 0)
    file = next((folder / "blocks").iterdir())
    file.write_bytes(file.read_bytes()[:-1])
    assert reader.load("a", _PATH, 0, 1) == []
    assert file.exists()
    assert writer.load("a", _PATH, 0, 1) == []
    writer.flush()
    assert not file.exists()


def test_when_the_writer_has_closed_the_next_one_writes(open_disk: OpenDisk) -> None:
    first = open_disk()
    first.close()
    first.close()
    assert not counts(open_disk()).read_only
