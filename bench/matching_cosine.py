"""A cosine threshold chosen as the verifier's cut is: same labelled sets, same bound, same budget.

A fixed cosine promises nothing. Beside a verifier that keeps a budget stands a cosine that keeps it too: alone, on all
pairs of those sets, and behind the guards, on exactly the pairs that the shipped table counts. Pairs that were made by
rules to look alike weigh on a cosine more than on anything else, so it is also chosen without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semantic_cache.matching import Budget, CutTable
from semantic_cache.matching.cut_table import Cut
from semantic_cache.matching.features import FEATURES
from training.evidence import table_of
from training.examples import Example, family_of, part_of
from training.fit import NOT_COUNTED, NOT_FITTED, judged
from training.scoring import Scored

__all__ = ["BUDGETS", "COSINE_CUTS", "CosineCut", "cosine_cuts", "cosines", "rule_values", "served_at"]

BUDGETS = (0.01, 0.02, 0.05)
COSINE_CUTS = tuple(round(place / 500, 3) for place in range(400, 500))
"""The cosines that are tried, from 0.8 to 0.998: of the labelled pairs one in two hundred lies below."""


@dataclass(frozen=True, slots=True)
class CosineCut:
    """The threshold for one budget.

    Args:
        guarded: Whether guards refuse before it, and equal keys are served without it.
        contrast: Whether it was chosen on contrast pairs too, as the verifier's cut is.
    """

    budget: float
    guarded: bool
    contrast: bool
    cut: Cut

    @property
    def name(self) -> str:
        chosen_on = "" if self.contrast else ", no contrast pairs"
        return f"{'guards, ' if self.guarded else ''}cosine for {self.budget:.0%}{chosen_on}"

    @property
    def cosine(self) -> float | None:
        """The least cosine that is served; None where nothing is."""
        return self.cut.probability


def cosine_cuts(scored: Scored) -> tuple[CosineCut, ...]:
    """The thresholds of every budget: alone, guarded, and guarded without contrast pairs."""
    return tuple(
        CosineCut(budget, guarded, contrast, table.cut(Budget(budget)))
        for guarded, contrast in ((False, True), (True, True), (True, False))
        for table in [_table(scored, guarded=guarded, contrast=contrast)]
        for budget in BUDGETS
    )


def rule_values(cut: Cut) -> dict[str, Any]:
    """A rule as the bench's file holds it: the least score it serves, what that rests on, whether it is promised."""
    return {
        "least": cut.probability, "served": cut.served, "wrong": cut.wrong, "worth": round(cut.worth, 1),
        "upper bound": round(cut.upper, 4), "promised": not cut.refusal, "refusal": cut.refusal,
    }  # fmt: skip


def served_at(scored: Scored, rule: CosineCut) -> NDArray[np.bool_]:
    """(n,) bool: what the threshold serves of labelled pairs."""
    near = cosines(scored) >= (2.0 if rule.cosine is None else rule.cosine)
    return scored.one_key | (near & judged(scored, None)) if rule.guarded else near


def cosines(scored: Scored) -> NDArray[np.float64]:
    """(n,) float64, in [-1, 1]."""
    return scored.features[:, FEATURES.index("cosine")].astype(np.float64)


def _table(scored: Scored, *, guarded: bool, contrast: bool) -> CutTable:
    chosen = np.array([_counts(one) and (contrast or not one.source.startswith("contrast")) for one in scored.examples])
    here = scored.take(chosen & judged(scored, None) if guarded else chosen)
    return table_of(COSINE_CUTS, here.examples, cosines(here), here.same)


def _counts(one: Example) -> bool:
    """Whether the shipped table counts the pair's set, and its part of it."""
    fitted_on = part_of(one.source, one.group) == "fit" and one.source not in NOT_FITTED
    return fitted_on and family_of(one.source) not in NOT_COUNTED
