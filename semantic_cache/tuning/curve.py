"""Similarities and labels → hits and wrong hits at every threshold. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.evidence import check_share, upper_bound

__all__ = ["Curve", "CurvePoint", "hit_curve"]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What serving every pair of at least `threshold` similarity does.

    Args:
        threshold: The least similarity that is served.
        served: How many pairs are served.
        wrong_served: How many of those have another meaning.
        hits: Share of the same-meaning pairs that is served.
        wrong: Share of the served pairs that is wrong; 0.0 where none is served.
        wrong_upper: Upper confidence bound of `wrong`; 1.0 where none is served.
    """

    threshold: float
    served: int
    wrong_served: int
    hits: float
    wrong: float
    wrong_upper: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One point for each similarity that occurs, thresholds ascending. Arrays are (t,), aligned and read-only.

    Args:
        thresholds: float64, strictly ascending; pairs of equal similarity are served together.
        served, wrong_served: int64 counts.
        hits, wrong, wrong_upper: float64 shares as in CurvePoint.
        positives, negatives: How many pairs have the same and another meaning, served or not.
        confidence: Of `wrong_upper`, one-sided.
    """

    thresholds: NDArray[np.float64]
    served: NDArray[np.int64]
    wrong_served: NDArray[np.int64]
    hits: NDArray[np.float64]
    wrong: NDArray[np.float64]
    wrong_upper: NDArray[np.float64]
    positives: int
    negatives: int
    confidence: float

    def __len__(self) -> int:
        return len(self.thresholds)

    def point(self, position: int) -> CurvePoint:
        """The point at a position of the arrays."""
        return CurvePoint(
            float(self.thresholds[position]),
            int(self.served[position]),
            int(self.wrong_served[position]),
            float(self.hits[position]),
            float(self.wrong[position]),
            float(self.wrong_upper[position]),
        )

    def at(self, threshold: float) -> CurvePoint:
        """What any threshold does, one that occurs or not; above every similarity nothing is served.

        Raises:
            EvidenceError: The threshold is not a number.
        """
        if np.isnan(threshold):
            raise EvidenceError("threshold=nan is not a number; give a similarity in [-1, 1].")
        position = int(np.searchsorted(self.thresholds, threshold, side="left"))
        if position == len(self):
            return CurvePoint(threshold, 0, 0, 0.0, 0.0, 1.0)
        point = self.point(position)
        return CurvePoint(threshold, point.served, point.wrong_served, point.hits, point.wrong, point.wrong_upper)


def hit_curve(similarities: ArrayLike, same: ArrayLike, confidence: float = 0.95) -> Curve:
    """Draw the curve.

    Args:
        similarities: (n,) numbers in [-1, 1]; -inf marks a pair that is never served.
        same: (n,) bools.

    Raises:
        EvidenceError: The two differ in length, a similarity is out of range, a label is missing, or `confidence`
            is not between 0 and 1.
    """
    check_share("confidence", confidence)
    scores, labels = np.asarray(similarities, dtype=np.float64), np.asarray(same, dtype=np.bool_)
    _check(scores, labels)
    order = np.argsort(-scores, kind="stable")
    descending, wrong_so_far = scores[order], np.cumsum(~labels[order])
    # The last pair of a run of equal similarities: a threshold serves the whole run or nothing of it.
    ends = np.flatnonzero(np.append(descending[1:] != descending[:-1], True) & np.isfinite(descending))[::-1]
    served, wrong_served = (ends + 1).astype(np.int64), wrong_so_far[ends].astype(np.int64)
    positives = int(labels.sum())
    curve = Curve(
        thresholds=descending[ends],
        served=served,
        wrong_served=wrong_served,
        hits=(served - wrong_served) / positives,
        wrong=wrong_served / served,
        wrong_upper=upper_bound(wrong_served, served, confidence),
        positives=positives,
        negatives=len(labels) - positives,
        confidence=confidence,
    )
    for array in (curve.thresholds, served, wrong_served, curve.hits, curve.wrong, curve.wrong_upper):
        array.setflags(write=False)
    return curve


def _check(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> None:
    if scores.ndim != 1 or scores.shape != labels.shape:
        raise EvidenceError(
            f"{scores.shape} similarities and {labels.shape} labels: give one label for each similarity."
        )
    if labels.all() or not labels.any():
        raise EvidenceError(f"All {len(labels)} labels are alike; pairs of the same and of another meaning are needed.")
    outside = ~((np.abs(scores) <= 1.0) | np.isneginf(scores))
    if outside.any():
        raise EvidenceError(f"The similarity {scores[outside][0]} is not in [-1, 1].")
