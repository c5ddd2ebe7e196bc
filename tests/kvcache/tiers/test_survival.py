"""A real process is killed at random moments, over and over; what it leaves behind is whole, or is not found."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
import torch
from tier_blocks import MODEL, counts, put_path, same, some_block
from tier_survival import BUDGET, OWNERS, path_number, run_until_killed

from kvcache.tiers import TierConfig
from kvcache.tiers.disk_tier import DiskTier

_ROUNDS = 30
_SUPPORT = Path(__file__).parents[2] / "support"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> ForkServerContext:
    """Makes processes from one that has torch loaded already."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (_SUPPORT, _SUPPORT.parents[1]))))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tier_survival"])
    return context


def _killed(processes: ForkServerContext, folder: Path, log: Path, seed: int) -> None:
    """Start a process, wait until it works, and kill it a random moment later."""
    process = processes.Process(target=run_until_killed, args=(str(folder), str(log), seed))
    process.start()
    try:
        while b"put" not in (log.read_bytes() if log.exists() else b""):
            assert process.is_alive()
            time.sleep(0.005)
        time.sleep(random.Random(seed).uniform(0, 0.3))
    finally:
        process.kill()
        process.join()


def _forgotten(log: Path) -> set[tuple[str, int]]:
    """What was forgotten and has not been put since."""
    gone: set[tuple[str, int]] = set()
    for line in log.read_text().splitlines():
        match line.split():
            case ["forgot", owner]:
                gone |= {(owner, number) for number in range(12)}
            case ["put", owner, number]:
                gone.discard((owner, int(number)))
    return gone


def test_after_each_kill_every_block_that_is_found_is_the_one_that_was_put(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    folder, found = tmp_path / "tier", 0
    for seed in range(_ROUNDS):
        log = tmp_path / f"log{seed}"
        _killed(processes, folder, log, seed)
        forgotten = _forgotten(log)
        tier = DiskTier(TierConfig(folder=folder, disk_bytes=BUDGET), MODEL, torch.device("cpu"))
        try:
            for owner in OWNERS:
                for number in range(12):
                    path = path_number(number)
                    for depth in range(1, 4):
                        for block in tier.load(owner, path, depth - 1, depth):
                            assert same(block.kept, some_block(path[:depth]).kept)
                            assert block.kept.exact
                            assert (owner, number) not in forgotten or depth < 3
                            found += 1
            assert counts(tier).corrupt == 0
            assert counts(tier).bytes == sum(path.stat().st_size for path in (folder / "blocks").iterdir()) <= BUDGET
            put_path(tier, "new", path_number(seed))
            tier.flush()
            assert tier.find("new", path_number(seed), 0).blocks == 3
            assert tier.forget("new") == 3
        finally:
            tier.close()
    assert found > _ROUNDS
