"""Is a budget kept on pairs that a rule was not fitted on? Fitted on one part, cut on another, counted on the rest."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matching_cosine import BUDGETS, COSINE_CUTS, cosines
from numpy.typing import NDArray

from semantic_cache.matching import Budget
from semantic_cache.tuning.cuts import CUTS
from training.evidence import table_of
from training.examples import family_of
from training.fit import NOT_COUNTED, NOT_FITTED, columns, fit_small, judged
from training.scoring import Scored

__all__ = ["Outcome", "Split", "budgets_over_splits", "counted_for_budgets", "outcomes", "summary"]


@dataclass(frozen=True, slots=True)
class Split:
    """What makes the cut table and what is counted, (n,) bool each, no pair in both.

    `probability`, (n,) float64, is the verifier's; it was fitted on none of the pairs that it is given for.
    """

    cut: NDArray[np.bool_]
    count: NDArray[np.bool_]
    probability: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule with one budget did on the pairs that are counted."""

    rule: str
    budget: float
    promised: bool
    served: int
    wrong: int
    hits: float
    """Share of the same-meaning pairs that is served."""

    @property
    def share(self) -> float:
        """Of the served ones, how many are wrong."""
        return self.wrong / max(1, self.served)


def budgets_over_splits(scored: Scored, model: str, splits: int = 20) -> dict[str, Any]:
    """Groups dealt into thirds at random. Only what a cut table counts is cut on and counted."""
    rows = scored.take(judged(scored, model) & np.array([one.source not in NOT_FITTED for one in scored.examples]))
    groups = [f"{one.source}/{one.group}" for one in rows.examples]
    return summary([one for seed in range(splits) for one in outcomes(rows, _thirds(rows, model, groups, seed))])


def _thirds(rows: Scored, model: str, groups: Sequence[str], seed: int) -> Split:
    """One third fits the small model, one makes the table, one is counted."""
    unique = sorted(set(groups))
    random.Random(seed).shuffle(unique)
    third = len(unique) // 3
    first, second = set(unique[:third]), set(unique[third : 2 * third])
    fit, cut = (np.array([group in part for group in groups]) for part in (first, second))
    names, table = columns(rows, model)
    kinds = [one.source for one, wanted in zip(rows.examples, fit, strict=True) if wanted]
    budgeted = counted_for_budgets(rows)
    return Split(
        cut & budgeted, ~fit & ~cut & budgeted, fit_small(names, table[fit], rows.same[fit], kinds).probability(table)
    )


def counted_for_budgets(rows: Scored) -> NDArray[np.bool_]:
    """(n,) bool: pairs of sets that the shipped cut table counts, or would; the others only fit the small model."""
    return np.array([family_of(one.source) not in NOT_COUNTED for one in rows.examples])


def outcomes(rows: Scored, split: Split) -> list[Outcome]:
    """Verifier and cosine, both behind the guards, for every budget. `rows` are pairs that come to the verifier."""
    scores = (
        _Scores("verifier", CUTS, split.probability),
        _Scores("guards, cosine", COSINE_CUTS, np.where(judged(rows, None), cosines(rows), -1.0)),
    )
    return [one for each in scores for one in _outcomes(rows, split, each)]


@dataclass(frozen=True, slots=True)
class _Scores:
    rule: str
    cuts: tuple[float, ...]
    score: NDArray[np.float64]


def _outcomes(rows: Scored, split: Split, scores: _Scores) -> list[Outcome]:
    here = rows.take(split.cut)
    table = table_of(scores.cuts, here.examples, scores.score[split.cut], here.same)
    same, out = rows.same[split.count], []
    for budget in BUDGETS:
        cut = table.cut(Budget(budget))
        served = scores.score[split.count] >= (2.0 if cut.probability is None else cut.probability)
        wrong, right = int((served & ~same).sum()), int((served & same).sum())
        out.append(Outcome(scores.rule, budget, not cut.refusal, wrong + right, wrong, right / max(1, int(same.sum()))))
    return out


def summary(made: Sequence[Outcome]) -> dict[str, Any]:
    """Rule → budget → in how many splits it was kept, promised, and promised and broken; shares of the served."""
    out: dict[str, dict[str, Any]] = {}
    for rule in dict.fromkeys(one.rule for one in made):
        mine = [one for one in made if one.rule == rule]
        out[rule] = {f"{each:.0%}": _summary([one for one in mine if one.budget == each], each) for each in BUDGETS}
    return out


def _summary(made: Sequence[Outcome], budget: float) -> dict[str, Any]:
    kept = [one for one in made if one.share <= budget]
    promised, serving = [one for one in made if one.promised], [one for one in made if one.served]
    return {
        "splits": len(made), "serving": len(serving), "kept": len(kept), "promised": len(promised),
        "promised and broken": sum(one.share > budget for one in promised),
        "worst share": round(max(one.share for one in made), 4),
        "median share": round(float(np.median([one.share for one in made])), 4),
        "all together": [sum(one.wrong for one in made), sum(one.served for one in made)],
        "median share of same-meaning pairs served": round(float(np.median([one.hits for one in made])), 4),
    }  # fmt: skip
