"""What a block below is worth, and how much of a run to load. Pure.

Worth is (seconds saved by a use × expected uses) ÷ bytes. Each use counts half as much after every half-life, so the
expected uses of all blocks shrink alike, and their order never changes while nothing is used. That is why a block needs
one number only: `used`, the time at which a single use would be worth as much as all its uses are.

    uses at t₁, t₂, …        Σ 2^(tᵢ/h)  =  2^(used/h)
"""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["quickest", "rank", "use"]

_LEAST_SECONDS = 1e-9


def use(used: float | None, now: float, half_life: float) -> float:
    """`used` after one more use at `now`; None if it was the first. All in seconds."""
    if used is None:
        return now
    late, early = max(used, now), min(used, now)
    return late + half_life * math.log2(1 + 2 ** ((early - late) / half_life))


def rank(seconds: float, size: int, used: float, half_life: float) -> float:
    """The logarithm of worth, up to a constant: a higher one is kept longer.

    Args:
        seconds: What computing the block took.
        size: Its bytes, at least 1.
        used: See above.
        half_life: In seconds.
    """
    return math.log2(max(seconds, _LEAST_SECONDS) / size) + used / half_life


def quickest(costs: Iterable[tuple[float, float]]) -> int:
    """How many blocks of a run to load rather than compute, so that most time is saved.

    A block can be loaded only with all those before it, so one that is slow to load may still be the way to others.

    Args:
        costs: Seconds to compute and seconds to load of each block, in order.
    """
    best, most, saved = 0, 0.0, 0.0
    for number, (compute, load) in enumerate(costs, start=1):
        saved += compute - load
        if saved > most:
            best, most = number, saved
    return best
