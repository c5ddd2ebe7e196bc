"""Pairs → two halves that share neither a topic nor a text: one to choose on, one to measure on.

Where the pairs say when they were asked, the second half is the later one, as it will be in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.pairs import LabelledPair

__all__ = ["Halves", "blocks_of", "split", "split_by_group", "split_by_time"]


@dataclass(frozen=True, slots=True)
class Halves:
    """Positions of the pairs on either side, ascending; none is on both.

    Args:
        tuning, held_out: To choose on, and to measure on. By group they hold every pair together.
        blocks: What could be dealt out apart: topics, where no text stands in two of them.
        since: For a split by time: from when on pairs are held out, in seconds since 1970. The later pairs of topics
            that were there before are on neither side.
    """

    tuning: tuple[int, ...]
    held_out: tuple[int, ...]
    blocks: int
    since: float | None = None


def split(pairs: Sequence[LabelledPair], seed: int = 0) -> Halves:
    """By time where the pairs have times, else by group. Raises as those do."""
    return split_by_time(pairs) if all(pair.at is not None for pair in pairs) else split_by_group(pairs, seed)


def split_by_time(pairs: Sequence[LabelledPair]) -> Halves:
    """Choose on what was asked first, measure on topics that nobody had asked about by then.

    Args:
        pairs: All with a time.

    Raises:
        EvidenceError: A pair has no time, or no moment leaves both labels on both sides.
    """
    times = [_time_of(pair) for pair in pairs]
    blocks = sorted(blocks_of(pairs), key=lambda block: min(times[place] for place in block))
    middle = sorted(times)[len(times) // 2] if times else 0.0
    begins = sorted({min(times[place] for place in block) for block in blocks}, key=lambda at: abs(at - middle))
    for since in begins:
        halves = _at(since, blocks, times)
        if all({pairs[place].same for place in side} == {True, False} for side in (halves.tuning, halves.held_out)):
            return halves
    raise EvidenceError(
        f"{len(pairs)} pairs in {len(blocks)} separate topic(s) have no moment with both labels before it and both in "
        "topics that begin after it. Label pairs of more topics, or leave the column `at` out."
    )


def _at(since: float, blocks: Sequence[Sequence[int]], times: Sequence[float]) -> Halves:
    before = [place for block in blocks for place in block if times[place] < since]
    after = [place for block in blocks if min(times[place] for place in block) >= since for place in block]
    return Halves(tuple(sorted(before)), tuple(sorted(after)), len(blocks), since)


def _time_of(pair: LabelledPair) -> float:
    if pair.at is None:
        raise EvidenceError(f"The pair on line {pair.line} has no time; give every pair one in the column `at`.")
    return pair.at


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
