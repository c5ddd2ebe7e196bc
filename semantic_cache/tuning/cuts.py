"""Labelled pairs of one's own → the cut table that a budget is turned into a rule on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.pairs import LabelledPair
from semantic_cache.tuning.split import Halves, blocks_of

if TYPE_CHECKING:
    from normalize import Question
    from semantic_cache.embedder import Embedder
    from semantic_cache.matching import Verifier
    from semantic_cache.matching.cut_table import Budget, CutTable

__all__ = ["CUTS", "Judged", "cut_table_of", "judge_pairs", "served_later"]

CUTS = tuple(round(1 - 0.5 ** (place / 8), 5) for place in range(4, 80))
"""The probabilities that are tried: from 0.29 to 0.999, finer towards 1."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled pair that came to the verifier: its place among all, what it was found to be, and its topic."""

    place: int
    probability: float
    same: bool
    block: int
    language: str


def judge_pairs(
    pairs: Sequence[LabelledPair], *, verifier: Verifier, embedder: Embedder, normalizer: Callable[[str], Question]
) -> tuple[Judged, ...]:
    """Judge every pair as the cache would. Those that normalization joins or a guard refuses come to no cut.

    Args:
        embedder: Gives the cosines that the verifier goes by: the bundled encoder's.

    Raises:
        EvidenceError: No pair comes to the verifier.
        EmbeddingError: A text cannot be embedded.
    """
    from semantic_cache.matching import Compared, examine, veto  # noqa: PLC0415  (its package loads the store)

    block_of = {place: number for number, block in enumerate(blocks_of(pairs)) for place in block}
    judged = []
    for place, pair in enumerate(pairs):
        asked, stored = normalizer(pair.question), normalizer(pair.other)
        here, there = (Compared(side.facts, side.key, side.language, side.text) for side in (asked, stored))
        if asked.key == stored.key or veto(here, there, verified=True, read=True) is not None:
            continue
        one, other = embedder.encode([asked.text, stored.text])
        (found,) = examine(verifier, here, [there], [float(one @ other)])
        if found.verified is not None and found.veto is None:
            judged.append(Judged(place, found.verified.probability, pair.same, block_of[place], asked.language))
    if not judged:
        raise EvidenceError(
            f"None of the {len(pairs)} pairs comes to the verifier: normalization joins them or a guard refuses them. "
            "Label pairs that are worded differently."
        )
    return tuple(judged)


def cut_table_of(judged: Iterable[Judged], name: str) -> CutTable:
    """Count, for every cut, what it would serve, one set a language.

    Pairs that share a group or a text are wrong together more often than others, and count as fewer.
    """
    from semantic_cache.matching.cut_table import CutTable, counted  # noqa: PLC0415  (as above)

    rows: dict[str, list[tuple[float, bool, int]]] = {}
    for one in judged:
        rows.setdefault(one.language, []).append((one.probability, one.same, one.block))
    sets = [
        counted(f"{name} ({language})", language, CUTS, *zip(*found, strict=True))
        for language, found in sorted(rows.items())
    ]
    return CutTable(CUTS, tuple(sets))


def served_later(judged: Iterable[Judged], halves: Halves, budget: Budget) -> tuple[int, int]:
    """What a cut that is chosen on the first half does to the second: pairs served, and how many of them wrong.

    (0, 0) where the first half cannot carry the budget.
    """
    every = tuple(judged)
    first, second = (
        [one for one in every if one.place in places] for places in map(set, (halves.tuning, halves.held_out))
    )
    cut = cut_table_of(first, "first").cut(budget) if first else None
    if cut is None or cut.probability is None or cut.refusal:
        return 0, 0
    served = [one for one in second if one.probability >= cut.probability]
    return len(served), sum(not one.same for one in served)
