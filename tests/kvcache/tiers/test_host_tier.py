"""Host memory above another tier: what goes first, what goes on down, and from where a run is loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from tier_blocks import Clock, OpenDisk, counts, path_of, put_path, same, some_block

from kvcache.tiers import LowerTiers, NoLowerTiers, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.host_tier import HostTier

_CPU = torch.device("cpu")
_PATH = path_of(1, 2, 3)
_BLOCK_BYTES = 1068


@pytest.fixture
def disk(open_disk: OpenDisk) -> DiskTier:
    """What lies below."""
    return open_disk()


@pytest.fixture
def small_host(disk: DiskTier, clock: Clock) -> Iterator[HostTier]:
    """Room for two blocks."""
    tier = HostTier(TierConfig(host_bytes=2 * _BLOCK_BYTES), _CPU, disk, clock)
    yield tier
    tier.close()


def test_the_budget_holds_and_what_has_no_room_is_loaded_from_below(small_host: HostTier) -> None:
    put_path(small_host, "a", _PATH)
    assert counts(small_host).bytes <= 2 * _BLOCK_BYTES
    assert counts(small_host).evicted == 1
    _wait_for_the_disk(small_host)
    assert small_host.find("a", _PATH, 0).blocks == 3
    loaded = small_host.load("a", _PATH, 0, 3)
    assert [same(block.kept, some_block(_PATH[: at + 1]).kept) for at, block in enumerate(loaded)] == [True] * 3
    host, below = small_host.stats().tiers
    assert (host.loaded, below.loaded) == (2, 1)


def test_every_block_goes_to_disk_at_once_so_that_a_restart_finds_it(small_host: HostTier, open_disk: OpenDisk) -> None:
    put_path(small_host, "a", _PATH)
    small_host.close()
    assert small_host.find("a", _PATH, 0).blocks == 0
    assert open_disk().find("a", _PATH, 0).blocks == 3


def test_a_block_too_large_for_host_memory_goes_straight_down(small_host: HostTier) -> None:
    large = path_of(9, tokens=40)
    small_host.put("a", large, some_block(large))
    _wait_for_the_disk(small_host)
    assert counts(small_host).blocks == 0
    assert small_host.find("a", large, 0).blocks == 1


def test_forgotten_is_forgotten_below_too_even_on_its_way_there(small_host: HostTier, disk: DiskTier) -> None:
    put_path(small_host, "a", _PATH)
    assert small_host.forget("a") >= 3
    assert small_host.find("a", _PATH, 0).blocks == 0
    disk.flush()
    assert counts(disk).blocks == 0


def test_copies_do_not_change_with_what_they_were_made_from(clock: Clock) -> None:
    tier = HostTier(TierConfig(), _CPU, NoLowerTiers(), clock)
    block = some_block(_PATH[:1])
    tier.put("a", _PATH[:1], block)
    first = tier.load("a", _PATH, 0, 1)[0].kept
    block.kept.states[0][0].zero_()
    second = tier.load("a", _PATH, 0, 1)[0].kept
    assert same(first, second)
    assert same(second, some_block(_PATH[:1]).kept)
    first.states[0][0].zero_()
    assert same(tier.load("a", _PATH, 0, 1)[0].kept, second)
    tier.close()


def test_a_block_is_loaded_only_when_that_is_quicker_than_computing_it(clock: Clock) -> None:
    tier = HostTier(TierConfig(), _CPU, NoLowerTiers(), clock)
    put_path(tier, "a", _PATH, seconds=0.0)
    assert tier.find("a", _PATH, 0).blocks == 0
    assert counts(tier).slower == 3
    assert (counts(tier).bytes_per_second or 0) > 0
    tier.close()


def _wait_for_the_disk(tier: HostTier) -> None:
    """Forgetting nobody's blocks waits for what is on its way; then the disk writes what waits."""
    tier.forget("nobody")
    below: LowerTiers = tier._below
    assert isinstance(below, DiskTier)
    below.flush()
