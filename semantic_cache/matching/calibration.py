"""What a cosine means, by embedder: fitted on labelled pairs, shipped as a few numbers in `calibration.json`."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Calibration", "calibration_for"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic curve from similarity to the probability that the stored answer is right, and the cut that is served at.

    Args:
        slope, intercept: probability = 1 / (1 + exp(-(slope · similarity + intercept))).
        threshold: The least similarity that is served by default.
        languages: Those the embedder was trained for; a question in another is not matched by it.
    """

    slope: float
    intercept: float
    threshold: float
    languages: frozenset[str]

    def probability(self, similarity: float) -> float:
        """P(the stored answer is right) at that similarity, for pairs that no guard vetoes."""
        return 1.0 / (1.0 + math.exp(-(self.slope * similarity + self.intercept)))


def calibration_for(embedder: str) -> Calibration | None:
    """The shipped calibration of an embedder by its `name`, or None."""
    return _all().get(embedder)


@cache
def _all() -> dict[str, Calibration]:
    text = files("semantic_cache.matching").joinpath("calibration.json").read_text("utf-8")
    return {
        name: Calibration(
            slope=row["slope"],
            intercept=row["intercept"],
            threshold=row["threshold"],
            languages=frozenset(row["languages"]),
        )
        for name, row in json.loads(text)["embedders"].items()
    }
