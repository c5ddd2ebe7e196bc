"""What every tier promises: blocks put, found, loaded and forgotten at random, beside a dictionary."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tier_blocks import MODEL, path_of, same, some_block

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers import Limits, LowerTiers, NoLowerTiers, TierBlock, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.host_tier import HostTier

_CPU = torch.device("cpu")
_PATHS = [path_of(*numbers) for numbers in ((1,), (1, 2), (1, 2, 3), (1, 2, 4), (1, 5), (6,), (6, 2), (7,))]
_owners = st.sampled_from(["public", "tenant/a", "tenant/a/u", "tenant/ab"])
_paths = st.sampled_from(_PATHS)
_seconds = st.none() | st.sampled_from([5.0, 50.0])
_limits = st.builds(Limits, _seconds, st.sampled_from([0.0, 2.0]), _seconds)
_MUCH = TierConfig()
# Files are written through to the disk hundreds of times here: in memory that costs nothing.
_MEMORY = Path("/dev/shm")


@dataclass
class _Held:
    """What must be there: times as the test's clock has them, and infinity for never."""

    kept: Kept
    seconds: float
    idle: float
    used: float
    ends: float


def _or_never(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


class Promises(RuleBasedStateMachine):
    """Each subclass opens another implementation, with room for everything and blocks that are slow to compute."""

    lasts = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
        self.now = 1_000_000.0
        self.held: dict[tuple[str, tuple[Block, ...]], _Held] = {}
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

    @rule(owner=_owners, path=_paths, limits=_limits, seed=st.integers(0, 3), seconds=st.sampled_from([100.0, 1000.0]))
    def put(self, owner: str, path: tuple[Block, ...], limits: Limits, seed: int, seconds: float) -> None:
        block = some_block(path, seconds=seconds, limits=limits, seed=seed)
        self.tiers.put(owner, path, block)
        kept = block.kept
        if self.is_held(owner, path):  # the first one stays
            kept, seconds = self.held[owner, path].kept, self.held[owner, path].seconds
        self.held[owner, path] = _Held(
            kept=kept,
            seconds=seconds,
            idle=_or_never(limits.idle_seconds),
            used=self.now - limits.unused_seconds,
            ends=self.now + _or_never(limits.end_seconds),
        )

    @rule(owner=_owners, path=_paths, start=st.integers(0, 3))
    def find(self, owner: str, path: tuple[Block, ...], start: int) -> None:
        assert self.tiers.find(owner, path, start).blocks == self.run(owner, path, start)

    @rule(owner=_owners, path=_paths, start=st.integers(0, 2))
    def load(self, owner: str, path: tuple[Block, ...], start: int) -> None:
        loaded = self.tiers.load(owner, path, start, len(path))
        assert len(loaded) == self.run(owner, path, start)
        for depth, block in enumerate(loaded, start=start + 1):
            held = self.held[owner, path[:depth]]
            held.used = self.now
            self.check(block, held)

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

    def check(self, block: TierBlock, held: _Held) -> None:
        assert same(block.kept, held.kept)
        assert block.kept.exact
        assert block.seconds == held.seconds
        assert block.limits.unused_seconds == 0
        assert _or_never(block.limits.idle_seconds) == held.idle
        assert _or_never(block.limits.end_seconds) == pytest.approx(held.ends - self.now)

    def is_held(self, owner: str, path: Sequence[Block]) -> bool:
        found = self.held.get((owner, tuple(path)))
        return found is not None and self.now < min(found.used + found.idle, found.ends)

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
