"""Counts of labelled pairs at each cut, and how many independent pairs they are worth. Pure.

Pairs of one group (a template, connected questions) are right or wrong together, so a hundred of them prove less than a
hundred that have nothing to do with each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["ALIKE", "LabelledSet", "counted", "worth"]

ALIKE = 0.6
"""Correlation of two pairs of one group in being wrong. In simulated sets with groups of such sizes, whose errors go
together from little to much, promises of 1, 2 and 5 % were kept with it and with 0.3 in 98 to 100 of 100 draws, and
in 97 to 99 where every pair counted for itself (bench/matching_promises.py). Of real pairs whole kinds are wrong
together: over twenty splits 19, 19 and 18 budgets were kept with 0.3, 19, 20 and 19 with 0.6 (notebooks/LOG.md)."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What a set of labelled pairs holds at each cut: how many pairs are served, and how many of them wrongly.

    Counts are of pairs whose probability is at least the cut, in the order of the table's cuts.

    Args:
        worth: As many independent pairs prove as much as those that are served; empty where all are independent.
    """

    name: str
    language: str
    served: tuple[int, ...]
    wrong: tuple[int, ...]
    worth: tuple[float, ...] = ()

    def independent(self, place: int) -> float:
        """How many independent pairs the served ones are worth at the cut of that place."""
        return self.worth[place] if self.worth else float(self.served[place])


def counted(
    name: str,
    language: str,
    cuts: Sequence[float],
    probabilities: Sequence[float],
    same: Sequence[bool],
    groups: Sequence[Hashable] = (),
) -> LabelledSet:
    """The counts of a set of pairs whose probabilities and labels are given.

    Args:
        groups: Each pair's group; empty where every pair stands for itself.
    """
    served, wrong, independent = [], [], []
    for cut in cuts:
        above = [place for place, probability in enumerate(probabilities) if probability >= cut]
        served.append(len(above))
        wrong.append([same[place] for place in above].count(False))
        if groups:
            independent.append(round(worth(Counter(groups[place] for place in above).values()), 1))
    return LabelledSet(name, language, tuple(served), tuple(wrong), tuple(independent))


def worth(sizes: Iterable[int], alike: float = ALIKE) -> float:
    """How many independent pairs as many as these in groups of these sizes are worth (Kish's design effect).

    Args:
        alike: Correlation of two pairs of one group in being wrong.
    """
    counts = list(sizes)
    squared = sum(count * (1 + (count - 1) * alike) for count in counts)
    return sum(counts) ** 2 / squared if squared else 0.0
