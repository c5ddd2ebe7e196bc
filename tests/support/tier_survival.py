"""A process that puts, loads and forgets blocks without an end, and writes down what it forgot, until it is killed."""

from __future__ import annotations

import os
import random
from pathlib import Path

import torch
from tier_blocks import MODEL, put_path

from kvcache.grid import Block
from kvcache.tiers import TierConfig
from kvcache.tiers.disk_tier import DiskTier

__all__ = ["BUDGET", "OWNERS", "path_number", "run_until_killed"]

OWNERS = ("a", "b")
BUDGET = 40_000
_PATHS = 12


def path_number(number: int) -> tuple[Block, ...]:
    """Paths of three blocks; each four share their first block."""
    return (
        tuple(range(number % 3 * 10, number % 3 * 10 + 4)),
        tuple(range(number * 10, number * 10 + 4 + number % 5)),
        (number, number, number),
    )


def run_until_killed(folder: str, log: str, seed: int) -> None:
    """Change the tier at random. A line is in `log` for every owner's path that was forgotten and not put again."""
    torch.set_num_threads(1)
    chance, tier = (
        random.Random(seed),
        DiskTier(TierConfig(folder=Path(folder), disk_bytes=BUDGET), MODEL, torch.device("cpu")),
    )
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b"ready\n")
    while True:
        owner, number = chance.choice(OWNERS), chance.randrange(_PATHS)
        kind, path = chance.random(), path_number(number)
        if kind < 0.7:
            os.write(file, f"put {owner} {number}\n".encode())
            put_path(tier, owner, path)
        elif kind < 0.9:
            tier.load(owner, path, 0, tier.find(owner, path, 0).blocks)
        elif kind < 0.93:
            tier.forget(owner)
            os.write(file, f"forgot {owner}\n".encode())
        else:
            tier.flush()
