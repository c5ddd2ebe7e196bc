"""Labelled pairs → a cut table: which of them count, and for how much."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semantic_cache.matching.cut_table import CutTable, counted
from training.examples import Example
from training.meanings import meanings

__all__ = ["MOST_OF_A_MEANING", "evidence", "table_of"]

MOST_OF_A_MEANING: Final = 20
"""Pairs of a meaning, or of a template, that count. At the correlation that a cut table takes they are worth nine
tenths of what any number of such pairs could be; hundreds would outweigh all others, and all together prove less."""


def evidence(examples: Sequence[Example]) -> list[int]:
    """Places of the pairs that count, ascending: of each meaning so many at most, drawn by its name."""
    return _drawn(meanings(examples))


def _drawn(groups: Sequence[str]) -> list[int]:
    members: dict[str, list[int]] = {}
    for place, name in enumerate(groups):
        members.setdefault(name, []).append(place)
    drawn = (random.Random(name).sample(mine, min(MOST_OF_A_MEANING, len(mine))) for name, mine in members.items())
    return sorted(place for mine in drawn for place in mine)


def table_of(
    cuts: Sequence[float], examples: Sequence[Example], score: NDArray[np.float64], same: NDArray[np.bool_]
) -> CutTable:
    """Counts by set, the pairs of a meaning as fewer. `score` and `same` are (n,), aligned with `examples`."""
    groups, places = meanings(examples), dict[str, list[int]]()
    for place in _drawn(groups):
        places.setdefault(examples[place].source, []).append(place)
    sets = []
    for source, mine in sorted(places.items()):
        language, alike = examples[mine[0]].language, [groups[place] for place in mine]
        sets.append(counted(source, language, cuts, score[mine].tolist(), same[mine].tolist(), alike))
    return CutTable(tuple(cuts), tuple(sets))
