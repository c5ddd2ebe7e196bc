"""Is a budget kept on what comes later? The cut is made on what came first and counted on what came after.

    python bench/matching.py

No labelled set carries a time: none has dates, ids of posts or users, or a file order that is said to be that of time.
So the sets themselves arrive one after another, in several orders: what the rule knows when it is fitted is of other
kinds than what it meets afterwards. That is a harder test than a month's traffic of one site after another's. As for
what is shipped, all that has come fits the small model and, cross-fitted over groups, makes the cut table.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import numpy as np
from matching_budgets import Outcome, Split, counted_for_budgets, outcomes, summary
from numpy.typing import NDArray

from training.examples import SETS, family_of
from training.fit import STATEMENTS, Small, columns, fit_small, judged
from training.scoring import Scored

__all__ = ["arrival", "budgets_over_time", "split_at"]

ORDERS = 4
_FOLDS = 5
SPLIT_POINTS = (4, 5, 6, 7, 8)
"""So many sets have come when the rule is fitted."""
_NOT_QUESTIONS = frozenset({"assin_pt", *(name for name, one in SETS.items() if one.family == STATEMENTS)})
_MADE_HARD = "shipped"  # pairs chosen to be hard, on which nothing is fitted


def budgets_over_time(scored: Scored, model: str) -> dict[str, Any]:
    """Every order at every split point: a summary of all, and what each order did by itself."""
    left_out = {*_NOT_QUESTIONS, _MADE_HARD}
    rows = scored.take(judged(scored, model) & np.array([one.source not in left_out for one in scored.examples]))
    budgeted = counted_for_budgets(rows)
    kinds = {arrival(one.source) for one, wanted in zip(rows.examples, budgeted, strict=True) if wanted}
    by_order: dict[str, list[Outcome]] = {}
    for seed in range(ORDERS):
        order = sorted(kinds)
        random.Random(seed).shuffle(order)
        splits = [split_at(rows, model, order[:point]) for point in SPLIT_POINTS]
        by_order[", ".join(order)] = [one for split in splits for one in outcomes(rows, split)]
    return {
        "all": summary([one for made in by_order.values() for one in made]),
        "orders": {order: summary(made) for order, made in by_order.items()},
    }


def arrival(source: str) -> str:
    """What a set arrives with: what was made or written in one way comes in all languages."""
    return family_of(source) if source.startswith(("asked", "contrast")) else source


def split_at(rows: Scored, model: str, come: Collection[str]) -> Split:
    """What has come makes the rule, what comes later is counted. What no cut table counts is there from the start."""
    budgeted = counted_for_budgets(rows)
    early = ~budgeted | np.array([arrival(one.source) in come for one in rows.examples])
    names, table = columns(rows, model)
    sources = np.array([one.source for one in rows.examples])

    def fitted_on(part: NDArray[np.bool_]) -> Small:
        return fit_small(names, table[part], rows.same[part], sources[part].tolist())

    probability = fitted_on(early).probability(table)
    fold = _folds(rows)
    for one in range(_FOLDS):
        inside = early & (fold == one)
        if inside.any():
            probability[inside] = fitted_on(early & ~inside).probability(table[inside])
    return Split(early & budgeted, ~early, probability)


def _folds(rows: Scored) -> NDArray[np.int64]:
    """(n,) int64: the fold of each pair; a group is wholly in one."""
    groups = [f"{one.source}/{one.group}" for one in rows.examples]
    unique = sorted(set(groups))
    random.Random(0).shuffle(unique)
    place = {group: number % _FOLDS for number, group in enumerate(unique)}
    return np.array([place[group] for group in groups])
