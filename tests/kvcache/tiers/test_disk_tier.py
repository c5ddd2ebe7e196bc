"""The disk tier: what is written, what goes first, what is refused, and who may read along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tier_blocks import MODEL, Clock, OpenDisk, counts, path_of, put_path, same, some_block

from kvcache.errors import TierOpenError, TierReadOnlyError
from kvcache.tiers import Limits, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.disk_writer import DiskWriter
from kvcache.tiers.folder import TierFolder

_PATH = path_of(1, 2, 3)
_FILE_BYTES = 1512  # of the first block of a path


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The background thread writes nothing until this is set."""
    may_write, write = threading.Event(), DiskWriter.write

    def late(writer: DiskWriter, *args: object) -> None:
        may_write.wait()
        write(writer, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(DiskWriter, "write", late)
    yield may_write
    may_write.set()


def test_a_block_outlasts_the_tier_that_wrote_it(open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    again = open_disk()
    assert again.find("a", _PATH, 0).blocks == 3
    for depth, block in enumerate(again.load("a", _PATH, 0, 3), start=1):
        assert same(block.kept, some_block(_PATH[:depth]).kept)
    assert again.find("b", _PATH, 0).blocks == 0


def test_a_block_is_found_without_its_parents(open_disk: OpenDisk) -> None:
    tier = open_disk()
    tier.put("a", _PATH, some_block(_PATH))
    tier.flush()
    assert tier.find("a", _PATH, 0).blocks == 0
    assert tier.find("a", _PATH, 2).blocks == 1
    assert len(tier.load("a", _PATH, 2, 3)) == 1


def test_what_waits_is_found_already_and_put_does_not_wait(open_disk: OpenDisk, held_back: threading.Event) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    assert counts(tier).written == 0
    assert tier.find("a", _PATH, 0).blocks == 3
    assert same(tier.load("a", _PATH, 0, 1)[0].kept, some_block(_PATH[:1]).kept)
    held_back.set()
    tier.flush()
    assert counts(tier).written == 3
    assert tier.find("a", _PATH, 0).blocks == 3


def test_what_the_queue_has_no_room_for_is_dropped_and_counted(open_disk: OpenDisk, held_back: threading.Event) -> None:
    tier = open_disk(queue_bytes=2500)  # states and logits of two blocks take 2,136 bytes
    put_path(tier, "a", _PATH)
    assert counts(tier).dropped == 1
    held_back.set()
    tier.flush()
    assert tier.find("a", _PATH, 0).blocks == 2


def test_what_is_forgotten_while_it_waits_is_never_written(
    open_disk: OpenDisk, held_back: threading.Event, folder: Path
) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    threading.Timer(0.05, held_back.set).start()
    assert tier.forget("a") == 3
    tier.flush()
    assert counts(tier).written == 0
    assert list((folder / "blocks").iterdir()) == []
    assert tier.find("a", _PATH, 0).blocks == 0


def test_what_is_forgotten_while_its_file_is_written_leaves_none(
    open_disk: OpenDisk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tier, write = open_disk(), TierFolder.write

    def forgotten_meanwhile(place: TierFolder, name: str, data: bytes) -> None:
        write(place, name, data)
        assert tier._books.take(None)[1] == 1

    monkeypatch.setattr(TierFolder, "write", forgotten_meanwhile)
    put_path(tier, "a", _PATH[:1])
    tier.flush()
    assert counts(tier).problem is None
    assert list((folder / "blocks").iterdir()) == []
    assert tier.find("a", _PATH, 0).blocks == 0


def test_forgetting_after_closing_removes_the_files_too(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    assert tier.find("a", _PATH, 0).blocks == 0
    assert tier.load("a", _PATH, 0, 3) == []
    tier.put("a", path_of(5), some_block(path_of(5)))
    assert tier.forget("a") == 3
    assert list((folder / "blocks").iterdir()) == []


def test_the_budget_holds_and_the_block_that_is_worth_least_goes_first(
    open_disk: OpenDisk, clock: Clock, folder: Path
) -> None:
    tier = open_disk(disk_bytes=3 * _FILE_BYTES)
    for number, seconds in ((1, 5.0), (2, 1.0), (3, 4.0), (4, 3.0)):
        tier.put("a", path_of(number), some_block(path_of(number), seconds=seconds))
    tier.flush()
    assert [tier.find("a", path_of(number), 0).blocks for number in (1, 2, 3, 4)] == [1, 0, 1, 1]
    for _ in range(3):
        tier.load("a", path_of(4), 0, 1)
    tier.put("a", path_of(5), some_block(path_of(5), seconds=4.5))
    tier.flush()
    assert [tier.find("a", path_of(number), 0).blocks for number in (1, 3, 4, 5)] == [1, 0, 1, 1]
    assert counts(tier).evicted == 2
    assert sum(path.stat().st_size for path in (folder / "blocks").iterdir()) == counts(tier).bytes <= 3 * _FILE_BYTES


def test_a_long_path_does_not_push_itself_out_while_it_comes(open_disk: OpenDisk) -> None:
    tier = open_disk(disk_bytes=6 * _FILE_BYTES)
    for number in range(10, 15):
        tier.put("a", path_of(number), some_block(path_of(number), seconds=10.0))
    put_path(tier, "a", _PATH)
    tier.flush()
    assert tier.find("a", _PATH, 0).blocks == 3


def test_uses_are_remembered_after_a_restart(open_disk: OpenDisk) -> None:
    tier = open_disk(disk_bytes=2 * _FILE_BYTES)
    for number in (1, 2):
        tier.put("a", path_of(number), some_block(path_of(number)))
    tier.flush()
    tier.load("a", path_of(1), 0, 1)
    tier.close()
    again = open_disk(disk_bytes=2 * _FILE_BYTES)
    again.put("a", path_of(3), some_block(path_of(3)))
    again.flush()
    assert [again.find("a", path_of(number), 0).blocks for number in (1, 2, 3)] == [1, 0, 1]


def test_a_smaller_budget_is_met_at_the_next_start(open_disk: OpenDisk, folder: Path) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    again = open_disk(disk_bytes=2 * _FILE_BYTES)
    assert again.find("a", _PATH, 0).blocks == 1
    assert sum(path.stat().st_size for path in (folder / "blocks").iterdir()) <= 2 * _FILE_BYTES
    assert open_disk(disk_bytes=2 * _FILE_BYTES).find("a", _PATH, 0).blocks == 1


def test_a_block_larger_than_the_budget_is_dropped_and_nothing_is_evicted_for_it(open_disk: OpenDisk) -> None:
    tier = open_disk(disk_bytes=_FILE_BYTES)
    tier.put("a", path_of(1), some_block(path_of(1)))
    large = path_of(2, tokens=40)
    tier.put("a", large, some_block(large))
    longer = path_of(3, tokens=5)  # its states would fit, its file does not
    tier.put("a", longer, some_block(longer))
    tier.flush()
    assert counts(tier).dropped == 2
    assert tier.find("a", path_of(1), 0).blocks == 1


def test_an_expired_block_is_not_found_and_its_file_goes_with_the_next_write(
    open_disk: OpenDisk, clock: Clock, folder: Path
) -> None:
    tier = open_disk(ttl_seconds=100.0)
    tier.put("a", path_of(1), some_block(path_of(1)))
    tier.put("a", path_of(2), some_block(path_of(2), limits=Limits(end_seconds=10.0)))
    tier.flush()
    clock.now += 50
    assert [tier.find("a", path_of(number), 0).blocks for number in (1, 2)] == [1, 0]
    assert tier.load("a", path_of(1), 0, 1)[0].limits.end_seconds == pytest.approx(50.0)
    clock.now += 50
    assert tier.load("a", path_of(1), 0, 1) == []
    tier.put("a", path_of(3), some_block(path_of(3)))
    tier.flush()
    assert counts(tier).expired == 2
    assert len(list((folder / "blocks").iterdir())) == 1


def test_a_block_is_loaded_only_when_that_is_quicker_than_computing_it(open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH, seconds=1e-9)
    tier.flush()
    assert tier.find("a", _PATH, 0).blocks == 0
    assert counts(tier).slower == 3
    assert counts(tier).bytes_per_second is not None
    put_path(tier, "b", _PATH, seconds=1000.0)
    tier.flush()
    assert tier.find("b", _PATH, 0).blocks == 3


def test_the_speed_is_measured_at_the_start_before_anything_is_found(open_disk: OpenDisk) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.close()
    assert (counts(open_disk()).bytes_per_second or 0) > 0


def test_equal_names_of_different_prompts_do_not_mix_them_up(
    open_disk: OpenDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "kvcache.tiers.disk_tier.path_names", lambda _model, _owner, path: [f"{len(path):064d}"] * len(path)
    )
    tier = open_disk()
    tier.put("a", path_of(1), some_block(path_of(1)))
    tier.flush()
    assert tier.find("a", path_of(2), 0).blocks == 1  # the hash says so
    assert tier.load("a", path_of(2), 0, 1) == []  # the tokens do not
    assert counts(tier).corrupt == 1


def test_a_folder_that_cannot_be_one_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for config in (TierConfig(folder=tmp_path / "file" / "tier"), TierConfig(folder=tmp_path / "file")):
        with pytest.raises(TierOpenError, match="give another folder"):
            DiskTier(config, MODEL, torch.device("cpu"))
    with pytest.raises(TierOpenError, match="folder="):
        DiskTier(TierConfig(), MODEL, torch.device("cpu"))


def test_files_of_others_in_the_folder_are_left_alone(open_disk: OpenDisk, folder: Path) -> None:
    (folder / "blocks").mkdir(parents=True)
    (folder / "blocks" / "mine.safetensors").write_text("mine")
    (folder / "blocks" / ("a" * 64 + ".safetensors")).write_text("left behind by a crash")
    (folder / "blocks" / ("b" * 64 + ".new")).write_text("left behind by a crash")
    open_disk()
    assert [path.name for path in (folder / "blocks").iterdir()] == ["mine.safetensors"]


def test_a_job_that_fails_for_a_reason_nobody_foresaw_is_said(
    open_disk: OpenDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> bytes:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("kvcache.tiers.disk_writer.encode", broken)
    tier = open_disk()
    put_path(tier, "a", _PATH[:1])
    tier.flush()
    assert "a mistake" in (counts(tier).problem or "")


def test_a_block_that_cannot_be_written_for_want_of_memory_leaves_the_queue(
    open_disk: OpenDisk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_args: object, **_named: object) -> bytes:
        raise MemoryError

    tier = open_disk(queue_bytes=1100)  # room for one block
    with monkeypatch.context() as patch:
        patch.setattr("kvcache.tiers.disk_writer.encode", too_large)
        tier.put("a", path_of(1), some_block(path_of(1)))
        tier.flush()
    assert (counts(tier).failed, counts(tier).blocks, counts(tier).bytes) == (1, 0, 0)
    assert "MemoryError" in (counts(tier).problem or "")
    clock.now += 61
    tier.put("a", path_of(2), some_block(path_of(2)))
    tier.flush()
    assert (counts(tier).written, counts(tier).dropped, counts(tier).problem) == (1, 0, None)


def test_blocks_that_cannot_be_removed_are_said_to_stay(open_disk: OpenDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    tier = open_disk()
    put_path(tier, "a", _PATH)
    tier.flush()

    def refused(*_args: object, **_named: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("kvcache.tiers.folder.Path.unlink", refused)
    with pytest.raises(TierReadOnlyError, match="Read-only file system"):
        tier.forget("a")
    assert tier.find("a", _PATH, 0).blocks == 0
