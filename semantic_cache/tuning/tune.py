"""A file of labelled pairs → the threshold that keeps a budget of wrong hits, and whether that can be promised."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from semantic_cache.tuning.choose import Choice, Reason, Refusal, choose_by_bound, choose_by_estimate, missing_evidence
from semantic_cache.tuning.curve import Curve, CurvePoint, hit_curve
from semantic_cache.tuning.evidence import check_share
from semantic_cache.tuning.pairs import read_pairs
from semantic_cache.tuning.score import Scores, score_pairs
from semantic_cache.tuning.split import split

if TYPE_CHECKING:
    from normalize import Question
    from semantic_cache.embedder import Embedder

__all__ = ["TuningReport", "tune", "tune_scores"]


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What tuning found. Choosing and measuring used pairs of different topics.

    Args:
        wrong_hits, confidence: What was asked for.
        pairs, blocks: How many pairs, and how many separate topics they form.
        since: When the half that was measured begins, in seconds since 1970; None where topics were dealt at random.
        curve: Of the half the threshold was chosen on.
        held_out_curve: Of the other half.
        threshold: The least similarity to serve; None where no threshold keeps the budget.
        measured: What that threshold does on the held-out half; serves nothing where there is no threshold.
        refusal: Why nothing is promised; None where the promise holds.
    """

    wrong_hits: float
    confidence: float
    pairs: int
    blocks: int
    curve: Curve
    held_out_curve: Curve
    threshold: float | None
    measured: CurvePoint
    refusal: Refusal | None
    since: float | None = None

    @property
    def hits(self) -> float:
        """Share of the held-out same-meaning pairs that is served."""
        return self.measured.hits

    @property
    def wrong(self) -> float:
        """Share of the served held-out pairs that is wrong."""
        return self.measured.wrong

    @property
    def promise(self) -> bool:
        """Whether the held-out half proves, at this confidence, that the wrong share is within the budget."""
        return self.refusal is None

    @property
    def missing_labels(self) -> int:
        """How many more labelled pairs like these the promise takes; 0 where it holds or where labels do not help."""
        return self.refusal.missing_labels if self.refusal else 0


def tune(
    pairs_path: Path,
    *,
    embedder: Embedder,
    normalizer: Callable[[str], Question],
    vetoes: Callable[[Question, Question], bool] | None = None,
    wrong_hits: float = 0.02,
    confidence: float = 0.95,
    seed: int = 0,
) -> TuningReport:
    """Choose a threshold on one half of the topics and measure it on the other: the later one if the file has times.

    Args:
        vetoes: Whether a guard forbids to answer the first question with the second one's answer; None: no guards.
        wrong_hits: The largest share of served pairs that may be wrong.
        seed: Which topics go to which half.

    Raises:
        PairsFileError: The file cannot be used.
        EvidenceError: A share is out of range, or the pairs cannot be halved by topic.
        EmbeddingError: A text cannot be embedded.
    """
    check_share("wrong_hits", wrong_hits)
    check_share("confidence", confidence)
    pairs = read_pairs(Path(pairs_path))
    scores = score_pairs(pairs, embedder, normalizer, vetoes)
    return tune_scores(scores, wrong_hits=wrong_hits, confidence=confidence, seed=seed)


def tune_scores(scores: Scores, *, wrong_hits: float = 0.02, confidence: float = 0.95, seed: int = 0) -> TuningReport:
    """Tune on pairs that are scored already.

    Raises:
        EvidenceError: As `tune`.
    """
    halves = split(scores.pairs, seed)
    curve, held_out = (
        hit_curve(part.served_as, part.same, confidence) for part in map(scores.take, (halves.tuning, halves.held_out))
    )
    choice = _choice(curve, wrong_hits)
    threshold = choice.point.threshold if isinstance(choice, Choice) else None
    measured = held_out.at(math.inf if threshold is None else threshold)
    refusal = choice if isinstance(choice, Refusal) else _refusal(held_out, measured, wrong_hits)
    return TuningReport(
        wrong_hits=wrong_hits,
        confidence=confidence,
        pairs=len(scores.pairs),
        blocks=halves.blocks,
        curve=curve,
        held_out_curve=held_out,
        threshold=threshold,
        measured=measured,
        since=halves.since,
        refusal=refusal and _for_both_halves(refusal, len(halves.held_out), len(scores.pairs)),
    )


def _choice(curve: Curve, wrong_hits: float) -> Choice | Refusal:
    """The bound's choice where the half is large enough for one, else the estimate's."""
    by_bound = choose_by_bound(curve, wrong_hits)
    return by_bound if isinstance(by_bound, Choice) else choose_by_estimate(curve, wrong_hits)


def _refusal(held_out: Curve, measured: CurvePoint, wrong_hits: float) -> Refusal | None:
    if measured.served and measured.wrong_upper <= wrong_hits:
        return None
    return missing_evidence(held_out, (measured,), wrong_hits)


def _for_both_halves(refusal: Refusal, held_out: int, pairs: int) -> Refusal:
    if refusal.reason is not Reason.TOO_FEW_LABELS:
        return refusal
    return Refusal(refusal.reason, math.ceil(refusal.missing_labels * pairs / held_out))
