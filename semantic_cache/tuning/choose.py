"""A curve and a budget → the smallest threshold that keeps it, or a refusal that says what is missing. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from semantic_cache.tuning.curve import Curve, CurvePoint
from semantic_cache.tuning.evidence import check_share, served_needed

__all__ = ["Choice", "Reason", "Refusal", "choose_by_bound", "choose_by_estimate", "missing_evidence"]


class Reason(Enum):
    """Why nothing can be promised."""

    TOO_FEW_LABELS = "too few labelled pairs"
    """The wrong share seen is below the budget; more pairs of the same kind could prove it."""

    TOO_MANY_WRONG = "too many wrong hits"
    """The wrong share seen is not below the budget; no number of pairs of the same kind could prove it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A threshold within the budget, with what it does on the pairs it was chosen on."""

    point: CurvePoint


@dataclass(frozen=True, slots=True)
class Refusal:
    """No promise.

    Args:
        missing_labels: How many more labelled pairs like these would carry the promise if the wrong share stays as
            seen; 0 where the reason is TOO_MANY_WRONG.
    """

    reason: Reason
    missing_labels: int = 0


def choose_by_estimate(curve: Curve, wrong_hits: float) -> Choice | Refusal:
    """The smallest threshold whose wrong share, as seen, is within `wrong_hits`. What was seen may be luck.

    Raises:
        EvidenceError: `wrong_hits` is not between 0 and 1.
    """
    check_share("wrong_hits", wrong_hits)
    return _smallest(curve, curve.wrong <= wrong_hits) or Refusal(Reason.TOO_MANY_WRONG)


def choose_by_bound(curve: Curve, wrong_hits: float) -> Choice | Refusal:
    """The smallest threshold whose upper confidence bound on the wrong share is within `wrong_hits`.

    The bound holds for a threshold fixed beforehand. This one is picked among many, which flatters it a little:
    measure it on other pairs before promising anything.

    Raises:
        EvidenceError: `wrong_hits` is not between 0 and 1.
    """
    check_share("wrong_hits", wrong_hits)
    choice = _smallest(curve, curve.wrong_upper <= wrong_hits)
    return choice or missing_evidence(curve, (curve.point(i) for i in range(len(curve))), wrong_hits)


def missing_evidence(curve: Curve, points: Iterable[CurvePoint], wrong_hits: float) -> Refusal:
    """What it would take to promise `wrong_hits` at the one of some `points` of a curve that needs least."""
    labelled = curve.positives + curve.negatives
    needs = []
    for point in points:
        served = served_needed(point.wrong, wrong_hits, curve.confidence) if point.served else None
        if served is not None:
            needs.append(math.ceil(served * labelled / point.served) - labelled)
    return Refusal(Reason.TOO_FEW_LABELS, max(1, min(needs))) if needs else Refusal(Reason.TOO_MANY_WRONG)


def _smallest(curve: Curve, kept: NDArray[np.bool_]) -> Choice | None:
    positions = np.flatnonzero(kept)
    return Choice(curve.point(int(positions[0]))) if len(positions) else None
