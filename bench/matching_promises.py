"""Is a budget kept where the pairs of a group are wrong together? On simulated sets, to use up no labelled pair.

    python bench/matching_promises.py [--draws 150]

A draw makes labelled pairs of many groups, chooses a cut on them, and counts the wrong share on pairs of other groups.
`alike` is what the cut table takes for the correlation of two pairs of one group; 0 counts every pair for itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from semantic_cache.matching import Budget, CutTable, LabelledSet
from semantic_cache.matching.labelled_set import worth
from semantic_cache.tuning.cuts import CUTS

BUDGETS = (0.01, 0.02, 0.05)
ALIKE = (0.0, 0.2, 0.3, 0.6)
SPREADS = (0.7, 1.5, 2.5)
"""Standard deviation, in log odds, of what the pairs of a group have in common."""
_SIZES = (
    [45] * 5, [5] * 80, [60] * 2, [2] * 150, [8] * 40, [7] * 25, [8] * 35, [5] * 20, [5] * 20, [6] * 22,
)  # fmt: skip
"""Groups of each set, like those of the shipped table."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pairs: (n,) probabilities, whether they mean the same, the number of their group and of their set."""

    probability: NDArray[np.float64]
    same: NDArray[np.bool_]
    group: NDArray[np.int64]
    source: NDArray[np.int64]


def drawn(rng: np.random.Generator, spread: float) -> Drawn:
    """Two of every group, whose probabilities are right on average over groups, but not in one."""
    sizes = np.array([size for groups in _SIZES for size in groups * 2])
    sources = np.array([number for number, groups in enumerate(_SIZES) for _ in groups * 2])
    group = np.repeat(np.arange(len(sizes)), sizes)
    score = rng.normal(1.5, 2.5, len(group)) + rng.normal(0, 0.5, len(sizes))[group]
    lean = rng.normal(0, spread, len(sizes))[group]
    same = rng.random(len(group)) < expit(score * np.sqrt(1 + spread**2 * np.pi / 8) + lean)
    return Drawn(expit(score), same, group, sources[group])


def table(pairs: Drawn, alike: float) -> CutTable:
    """The cut table of all sets."""
    return CutTable(CUTS, tuple(_counted(pairs, number, alike) for number in range(len(_SIZES))))


def _counted(pairs: Drawn, number: int, alike: float) -> LabelledSet:
    mine = pairs.source == number
    probability, same, group = pairs.probability[mine], pairs.same[mine], pairs.group[mine]
    above = [probability >= cut for cut in CUTS]
    served, wrong = ([int(one.sum()) for one in rows] for rows in (above, [one & ~same for one in above]))
    independent = [worth(np.unique(group[one], return_counts=True)[1].tolist(), alike) for one in above]
    return LabelledSet(str(number), "", tuple(served), tuple(wrong), tuple(independent))


def trials(spread: float, draws: int) -> Iterator[tuple[float, float, bool, float]]:
    """(alike, budget, whether it was kept, share of the same-meaning pairs served) of each draw."""
    rng = np.random.default_rng(1)
    for _ in range(draws):
        labelled, others = drawn(rng, spread), drawn(rng, spread)
        for alike in ALIKE:
            counts = table(labelled, alike)
            for budget in BUDGETS:
                cut = counts.cut(Budget(budget))
                # What is not promised cannot be broken.
                served = others.probability >= (2.0 if cut.refusal else cut.probability or 2.0)
                wrong, right = int((served & ~others.same).sum()), int((served & others.same).sum())
                yield alike, budget, wrong <= budget * served.sum(), right / others.same.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=150)
    draws = parser.parse_args().draws
    print("| spread of a group | alike | " + " | ".join(f"{budget:.0%}: kept, hits" for budget in BUDGETS) + " |")
    print("|---|---|" + "---|" * len(BUDGETS))
    for spread in SPREADS:
        rows = list(trials(spread, draws))
        for alike in ALIKE:
            cells = []
            for budget in BUDGETS:
                mine = [(kept, hits) for one, share, kept, hits in rows if (one, share) == (alike, budget)]
                kept, hits = np.mean([one for one, _ in mine]), np.mean([one for _, one in mine])
                cells.append(f"{kept:.0%}, {hits:.1%}")
            print(f"| {spread} | {alike} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
