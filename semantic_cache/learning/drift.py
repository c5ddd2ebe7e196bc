"""Are more hits wrong than the budget allows? Pure: counts in, an offset and its reason out."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Drift", "Judged", "Tightening"]

_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """How many of some served hits were found wrong."""

    wrong: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Tightening:
    """What a policy subtracts from the logit of each candidate's probability, at least 0; `reason` says why, or None
    where it is 0."""

    offset: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """Compares what was found wrong with what was promised.

    The alarm is raised only where the exact lower bound of Clopper and Pearson on the share of wrong hits is above the
    budget. The confidence is high because the question is put again with every judgement: over 2,000 judgements in
    windows of 500, hits of which exactly 1 % are wrong raise it in 4 % of simulated runs, and hits of which 2 % are
    wrong in 90 %, half of them within 600. With 95 % the first number would be 33 %.

    Args:
        budget: The largest share of served hits that may be wrong, in (0, 1).
        confidence: Of the lower bound, one-sided, in (0, 1).
        most: The largest offset, in logits.

    Raises:
        ValueError: A value is out of its range.
    """

    budget: float = 0.01
    confidence: float = 0.995
    most: float = 3.0

    def __post_init__(self) -> None:
        for name in ("budget", "confidence"):
            value = getattr(self, name)
            if not 0.0 < value < 1.0:
                raise ValueError(f"{name}={value!r} must lie between 0 and 1, both excluded; 0.01 means 1 %.")
        if not (math.isfinite(self.most) and self.most >= 0.0):
            raise ValueError(f"most={self.most!r} must be a number of logits, 0 or more.")

    def lower_bound(self, judged: Judged) -> float:
        """The share of wrong hits is at least this, with the confidence; 0.0 where none was found wrong."""
        if judged.wrong == 0:
            return 0.0
        from semantic_cache.tuning.evidence import upper_bound  # noqa: PLC0415  (scipy behind it loads slowly)

        # As many are right at most as are not wrong at least.
        return 1.0 - float(upper_bound(float(judged.of - judged.wrong), float(judged.of), self.confidence))

    def tightening(self, *samples: tuple[str, Judged]) -> Tightening:
        """The strictest that any of the named samples asks for.

        The offset is by how much the odds of a wrong hit are above the promised ones at the least: a logit of
        probability lowered by it is right again where all of them were too high by the same amount.
        """
        return max(
            (self._of(name, judged) for name, judged in samples), key=lambda one: one.offset, default=Tightening()
        )

    def _of(self, name: str, judged: Judged) -> Tightening:
        least = self.lower_bound(judged)
        if least <= self.budget:
            return Tightening()
        offset = min(self.most, _logit(least) - _logit(self.budget))
        return Tightening(
            offset,
            f"tightened by {offset:.2f} logits: {judged.wrong} of {judged.of} {name} were wrong, which is at least "
            f"{least:.1%} with {self.confidence:.1%} confidence, above the budget of {self.budget:.1%}",
        )


def _logit(share: float) -> float:
    share = min(1.0 - _LEAST_SHARE, max(_LEAST_SHARE, share))
    return math.log(share / (1.0 - share))
