"""Blocks for tests of the tiers: random states of the shape that a model's have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers import Limits, LowerTiers, TierBlock, TierCounts
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.fingerprint import Fingerprint

__all__ = ["MODEL", "Clock", "OpenDisk", "counts", "path_of", "put_path", "same", "some_block"]

#: Opens a folder with the given settings.
OpenDisk = Callable[..., DiskTier]

MODEL = Fingerprint.of({"weights": "a", "dtype": "float32"})


def some_block(
    path: Sequence[Block],
    *,
    seconds: float = 1000.0,
    limits: Limits | None = None,
    seed: int = 0,
    logits: bool = True,
) -> TierBlock:
    """Two layers of two heads with 8 channels, the same for the same path and seed."""
    generator = torch.Generator().manual_seed(hash((tuple(path), seed)) % 2**31)
    shape = (1, 2, len(path[-1]), 8)
    layers = tuple((torch.randn(shape, generator=generator), torch.randn(shape, generator=generator)) for _ in range(2))
    after = torch.randn(11, generator=generator) if logits else None
    return TierBlock(Kept(layers, after), seconds, limits or Limits())


def path_of(*numbers: int, tokens: int = 4) -> tuple[Block, ...]:
    """A path of blocks, one a number."""
    return tuple(tuple(range(number * 100, number * 100 + tokens)) for number in numbers)


def same(one: Kept, other: Kept) -> bool:
    """Whether two blocks hold the same bytes."""
    if (one.logits is None) != (other.logits is None) or len(one.states) != len(other.states):
        return False
    pairs = [
        (mine, theirs)
        for mine_layer, their_layer in zip(one.states, other.states, strict=True)
        for mine, theirs in zip(mine_layer, their_layer, strict=True)
    ]
    if one.logits is not None and other.logits is not None:
        pairs.append((one.logits, other.logits))
    return all(
        mine.dtype == theirs.dtype
        and mine.shape == theirs.shape
        and torch.equal(mine.contiguous().view(torch.uint8), theirs.contiguous().view(torch.uint8))
        for mine, theirs in pairs
    )


def put_path(tier: LowerTiers, owner: str, path: Sequence[Block], *, seconds: float = 1000.0) -> None:
    """Put each block of a path, the first one first."""
    for depth in range(1, len(path) + 1):
        tier.put(owner, path[:depth], some_block(path[:depth], seconds=seconds))


def counts(tier: LowerTiers) -> TierCounts:
    """Those of the first tier."""
    return tier.stats().tiers[0]


class Clock:
    """Unix time, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
