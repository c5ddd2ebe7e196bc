"""Pairs of which half are near misses: how many honest ones are served, and how many traps, by budget and by the order
that each rule puts them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matching_pairs import operating
from numpy.typing import NDArray

from semantic_cache.matching import Budget
from semantic_cache.matching.cut_table import CutTable
from training.scoring import Scored

__all__ = ["BUDGETS", "SETS", "by_order", "hard_pairs", "hard_table"]

BUDGETS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25)
SETS = ("shipped", "asked")
"""What the names of the sets begin with that are put together."""
_TRAPS = 0.05
_HONEST = 0.75


def hard_pairs(
    scored: Scored, measured: NDArray[np.bool_], rules: Mapping[str, NDArray[np.float64]], table: CutTable
) -> dict[str, Any]:
    """Figures by set of hard pairs.

    Args:
        measured: (n,) bool: the pairs that nothing was fitted on.
        rules: Rule → (n,) float64; that called "verifier" is cut by the table.
    """
    out: dict[str, Any] = {}
    for name in SETS:
        chosen = measured & np.array([one.source.startswith(name) for one in scored.examples])
        same, likely = scored.same[chosen], rules["verifier"][chosen]
        if not same.any() or same.all():
            continue
        out[name] = {
            "honest": int(same.sum()),
            "traps": int((~same).sum()),
            "by budget": {f"{budget:g}": _served(likely, same, table, budget) for budget in BUDGETS},
            "by order": {rule: by_order(score[chosen], same) for rule, score in rules.items()},
        }
    return out


def _served(likely: NDArray[np.float64], same: NDArray[np.bool_], table: CutTable, budget: float) -> dict[str, Any]:
    cut = table.cut(Budget(budget))
    served = likely >= (2.0 if cut.probability is None else cut.probability)
    return {"least": cut.probability, "promised": not cut.refusal, **operating(served, same)}


def by_order(score: NDArray[np.float64], same: NDArray[np.bool_]) -> dict[str, float]:
    """The most honest pairs that any cut serves with at most 5 % of the traps, and the fewest traps with at least 75 %
    of the honest. Pairs of one score are served together; what a guard refuses is never served."""
    cuts = np.unique(score[np.isfinite(score)])
    honest = np.array([(score[same] >= cut).mean() for cut in cuts])
    traps = np.array([(score[~same] >= cut).mean() for cut in cuts])
    few, enough = traps <= _TRAPS, honest >= _HONEST
    return {
        "honest at 5% of the traps": round(float(honest[few].max()), 4) if few.any() else 0.0,
        "traps at 75% of the honest": round(float(traps[enough].min()), 4) if enough.any() else 1.0,
    }


def hard_table(result: Mapping[str, Any]) -> Iterable[str]:
    """For people, in Markdown."""
    names = list(result)
    if not names:
        return
    heads = " | ".join(f"{name}: honest, traps (wrong of served)" for name in names)
    yield f"| budget | least | promised | {heads} |"
    yield "|" + "---|" * (3 + len(names))
    for budget in map("{:g}".format, BUDGETS):
        rows = [result[name]["by budget"][budget] for name in names]
        least = "nothing" if rows[0]["least"] is None else f"{rows[0]['least']:.3f}"
        shown = " | ".join(
            f"{one['hits']:.1%}, {one['traps served']:.1%} ({one['wrong']} of {one['served']})" for one in rows
        )
        yield f"| {budget} | {least} | {'yes' if rows[0]['promised'] else 'no'} | {shown} |"
    yield ""
    yield (
        "| by its order | " + " | ".join(f"{name}: honest at 5 % of the traps, traps at 75 %" for name in names) + " |"
    )
    yield "|" + "---|" * (1 + len(names))
    for rule in result[names[0]]["by order"]:
        orders = [result[name]["by order"][rule] for name in names]
        shown = " | ".join(
            f"{one['honest at 5% of the traps']:.1%}, {one['traps at 75% of the honest']:.1%}" for one in orders
        )
        yield f"| {rule} | {shown} |"
