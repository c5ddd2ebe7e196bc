"""One threshold for all sets together, as a cache has one: nobody can choose another for each kind of question.

Each set by itself flatters a rule that means something else on every set: a cosine of 0.95 is the same question in one
and another one in the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matching_pairs import Cuts, by_set
from numpy.typing import NDArray

from training.examples import SETS, family_of
from training.fit import STATEMENTS
from training.scoring import Scored

__all__ = ["pooled"]

_MADE = ("asked", "contrast", "families", "checklist", "shipped")
_STATEMENTS = frozenset({"assin_pt"})  # beside those that are left out by their family


def pooled(
    scored: Scored, measured: NDArray[np.bool_], rules: Mapping[str, NDArray[np.float64]], cuts: Cuts
) -> dict[str, Any]:
    """Figures over several sets with one threshold, as `by_set` gives them.

    Args:
        measured: (n,) bool: the pairs that nothing was fitted on.
        rules: Rule → (n,) float64; pairs that it says nothing of are not read.
    """
    sources = [one.source for one in scored.examples]
    asked = np.array([family_of(name) != STATEMENTS and name not in _STATEMENTS for name in sources]) & measured
    made = np.array([name.startswith(_MADE) for name in sources])
    never = ~np.isin(sources, sorted(SETS))
    pools = {
        "questions of people": asked & ~made,
        "of these, never trained on": asked & ~made & never,
        "these and contrast pairs": asked & (~made | np.array([name.startswith("contrast") for name in sources])),
        "everything that is asked": asked,
    }
    return {
        name: by_set(scored.take(chosen), {rule: score[chosen] for rule, score in rules.items()}, cuts)
        for name, chosen in pools.items()
    }
