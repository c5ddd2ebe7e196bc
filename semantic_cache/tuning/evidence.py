"""How much a count of wrong hits proves: the exact upper bound of a share, and how many labels a promise takes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from semantic_cache.tuning.errors import EvidenceError

__all__ = ["check_share", "served_needed", "upper_bound"]

_MOST_SERVED = 100_000_000


def check_share(name: str, value: float) -> None:
    """Refuse a share that is not strictly between 0 and 1.

    Raises:
        EvidenceError: It is not.
    """
    if not 0.0 < value < 1.0:
        raise EvidenceError(f"{name}={value!r} must lie between 0 and 1, both excluded; 0.02 means 2 %.")


def upper_bound(
    wrong: NDArray[np.int64] | float, served: NDArray[np.int64] | float, confidence: float
) -> NDArray[np.float64]:
    """The one-sided upper confidence bound of Clopper and Pearson on wrong / served, elementwise.

    It treats pairs as independent. 1.0 where nothing was served or all of it was wrong.
    """
    from scipy.special import betaincinv  # noqa: PLC0415  (takes a third of a second to load)

    wrong, served = np.asarray(wrong, dtype=np.float64), np.asarray(served, dtype=np.float64)
    right = served - wrong
    bound = betaincinv(wrong + 1.0, np.where(right > 0, right, 1.0), confidence)
    return np.where(right > 0, bound, 1.0)


def served_needed(wrong_share: float, budget: float, confidence: float) -> int | None:
    """The least number of served pairs, `wrong_share` of them wrong, whose upper bound is within `budget`.

    None where no number is enough: the share itself is not below the budget, or so close that a hundred million
    pairs do not settle it.
    """

    def enough(served: int) -> bool:
        return bool(upper_bound(wrong_share * served, float(served), confidence) <= budget)

    if wrong_share >= budget or not enough(_MOST_SERVED):
        return None
    low, high = 0, max(1, math.ceil(math.log1p(-confidence) / math.log1p(-budget)))
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
