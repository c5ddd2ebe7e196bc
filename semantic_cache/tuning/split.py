"""Pairs → two halves that share neither a topic nor a text: one to choose on, one to measure on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.pairs import LabelledPair

__all__ = ["Halves", "blocks_of", "split_by_group"]


@dataclass(frozen=True, slots=True)
class Halves:
    """Positions of the pairs on either side, ascending; together every pair once.

    `blocks` counts what could be dealt out apart: topics, where no text stands in two of them.
    """

    tuning: tuple[int, ...]
    held_out: tuple[int, ...]
    blocks: int


def split_by_group(pairs: Sequence[LabelledPair], seed: int = 0) -> Halves:
    """Deal whole topics to the smaller side, in an order shuffled by `seed`.

    Pairs that share a text stay together whatever their groups say: the same question on both sides
    would let the choice see what it is measured on.

    Raises:
        EvidenceError: Fewer than two blocks, or a side that lacks one of the two labels.
    """
    blocks = blocks_of(pairs)
    Random(seed).shuffle(blocks)
    sides: tuple[list[int], list[int]] = ([], [])
    for block in blocks:
        min(sides, key=len).extend(block)
    for side in sides:
        if {pairs[position].same for position in side} != {True, False}:
            raise EvidenceError(
                f"{len(pairs)} pairs in {len(blocks)} separate topic(s) do not give two halves with both labels each. "
                "Label pairs of more topics, or another `seed` may deal them better."
            )
    return Halves(tuple(sorted(sides[0])), tuple(sorted(sides[1])), len(blocks))


def blocks_of(pairs: Sequence[LabelledPair]) -> list[list[int]]:
    """Positions of the pairs that hang together by shared groups and texts, in order of first appearance."""
    parents = list(range(len(pairs)))
    first_with: dict[tuple[str, str], int] = {}
    for position, pair in enumerate(pairs):
        for mark in _marks(pair):
            other = first_with.setdefault(mark, position)
            parents[_root(parents, position)] = _root(parents, other)
    blocks: dict[int, list[int]] = {}
    for position in range(len(pairs)):
        blocks.setdefault(_root(parents, position), []).append(position)
    return list(blocks.values())


def _marks(pair: LabelledPair) -> Iterable[tuple[str, str]]:
    yield "text", pair.question
    yield "text", pair.other
    if pair.group:
        yield "group", pair.group


def _root(parents: list[int], position: int) -> int:
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position
