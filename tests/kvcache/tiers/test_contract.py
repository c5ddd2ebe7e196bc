"""What every tier promises: blocks put, found, loaded and forgotten at random, beside a dictionary."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tier_blocks import MODEL, path_of, same, some_block

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers import LowerTiers, NoLowerTiers, TierBlock, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.host_tier import HostTier

_CPU = torch.device("cpu")
_PATHS = [path_of(*numbers) for numbers in ((1,), (1, 2), (1, 2, 3), (1, 2, 4), (1, 5), (6,), (6, 2), (7,))]
_owners = st.sampled_from(["public", "tenant/a", "tenant/a/u", "tenant/ab"])
_paths = st.sampled_from(_PATHS)
_ttls = st.none() | st.sampled_from([5.0, 50.0])
_MUCH = TierConfig()
# Files are written through to the disk hundreds of times here: in memory that costs nothing.
_MEMORY = Path("/dev/shm")


class Promises(RuleBasedStateMachine):
    """Each subclass opens another implementation, with room for everything and blocks that are slow to compute."""

    lasts = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.now = 1_000_000.0
        self.held: dict[tuple[str, tuple[Block, ...]], tuple[Kept, float, float | None]] = {}
        self.tiers = self.opened()

    def opened(self) -> LowerTiers:
        raise NotImplementedError

    def teardown(self) -> None:
        self.tiers.close()
        shutil.rmtree(self.folder)

    def clock(self) -> float:
        return self.now

    @rule(seconds=st.sampled_from([1.0, 10.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(owner=_owners, path=_paths, ttl=_ttls, seed=st.integers(0, 3), seconds=st.sampled_from([100.0, 1000.0]))
    def put(self, owner: str, path: tuple[Block, ...], ttl: float | None, seed: int, seconds: float) -> None:
        block = some_block(path, seconds=seconds, ttl=ttl, seed=seed)
        self.tiers.put(owner, path, block)
        kept = block.kept
        if self.is_held(owner, path):  # the first one stays
            kept, seconds, _ = self.held[owner, path]
        self.held[owner, path] = (kept, seconds, None if ttl is None else self.now + ttl)

    @rule(owner=_owners, path=_paths, start=st.integers(0, 3))
    def find(self, owner: str, path: tuple[Block, ...], start: int) -> None:
        assert self.tiers.find(owner, path, start).blocks == self.run(owner, path, start)

    @rule(owner=_owners, path=_paths, start=st.integers(0, 2))
    def load(self, owner: str, path: tuple[Block, ...], start: int) -> None:
        loaded = self.tiers.load(owner, path, start, len(path))
        assert len(loaded) == self.run(owner, path, start)
        for depth, block in enumerate(loaded, start=start + 1):
            self.check(block, *self.held[owner, path[:depth]])

    @rule(owner=st.none() | _owners)
    def forget(self, owner: str | None) -> None:
        gone = [key for key in self.held if owner is None or f"{key[0]}/".startswith(f"{owner}/")]
        live = sum(self.is_held(*key) for key in gone)
        assert self.tiers.forget(owner) >= live
        for key in gone:
            del self.held[key]

    @precondition(lambda self: self.lasts)
    @rule()
    def restart(self) -> None:
        self.tiers.close()
        self.tiers = self.opened()

    @invariant()
    def nothing_went_wrong(self) -> None:
        for tier in self.tiers.stats().tiers:
            assert (tier.corrupt, tier.lost, tier.failed, tier.dropped, tier.evicted) == (0, 0, 0, 0, 0)
            assert tier.problem is None

    def check(self, block: TierBlock, kept: Kept, seconds: float, expires: float | None) -> None:
        assert same(block.kept, kept)
        assert block.kept.exact
        assert block.seconds == seconds
        assert block.ttl_seconds == (None if expires is None else pytest.approx(expires - self.now))

    def is_held(self, owner: str, path: Sequence[Block]) -> bool:
        found = self.held.get((owner, tuple(path)))
        return found is not None and (found[2] is None or found[2] > self.now)

    def run(self, owner: str, path: Sequence[Block], start: int) -> int:
        count = 0
        while start + count < len(path) and self.is_held(owner, path[: start + count + 1]):
            count += 1
        return count


class OnDisk(Promises):
    lasts = True

    def opened(self) -> LowerTiers:
        return DiskTier(TierConfig(folder=self.folder / "tier"), MODEL, _CPU, self.clock)


class InHostMemory(Promises):
    def opened(self) -> LowerTiers:
        return HostTier(_MUCH, _CPU, NoLowerTiers(), self.clock)


class InHostMemoryOverDisk(Promises):
    lasts = True

    def opened(self) -> LowerTiers:
        disk = DiskTier(TierConfig(folder=self.folder / "tier"), MODEL, _CPU, self.clock)
        return HostTier(_MUCH, _CPU, disk, self.clock)


_FEW = settings(max_examples=40, stateful_step_count=25)
TestOnDisk = OnDisk.TestCase
TestInHostMemory = InHostMemory.TestCase
TestInHostMemoryOverDisk = InHostMemoryOverDisk.TestCase
for case in (TestOnDisk, TestInHostMemory, TestInHostMemoryOverDisk):
    case.settings = _FEW
del case


def test_without_tiers_nothing_is_found_and_that_is_said() -> None:
    tiers = NoLowerTiers(("none wanted",))
    tiers.put("a", path_of(1), some_block(path_of(1)))
    assert tiers.find("a", path_of(1), 0).blocks == 0
    assert tiers.load("a", path_of(1), 0, 1) == []
    assert tiers.forget() == 0
    assert tiers.stats().notes == ("none wanted",)
    tiers.close()
