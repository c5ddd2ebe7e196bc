"""P(the stored answer is right for this question), by small models over features, and over features and a pair model.

The features cost half a millisecond and settle many pairs; the pair model reads both questions at once, costs some
milliseconds, and is asked only where the features leave the matter open.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from semantic_cache.matching.compared import Compared
from semantic_cache.matching.features import FEATURES, Alignment, features
from semantic_cache.matching.wording import content_words

if TYPE_CHECKING:  # they load the encoder's runtime
    from semantic_cache.encoder.word_vectors import WordVectors

__all__ = [
    "MOST_LOGIT",
    "Cascade",
    "FeatureVerifier",
    "PairVerifier",
    "Pairs",
    "SmallModel",
    "Verified",
    "Verifier",
    "align",
]


_OPEN = 0.5
MOST_LOGIT = 8.0
"""What the pair model is surer of is taken as this."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verifier says of one pair.

    Args:
        probability: That the stored answer is right for the question, in (0, 1).
        by: The verifier that settled it.
        features: The numbers it went by, by name.
        pair_logit: What the pair model said, in log odds; None where it was not asked. What leaves out a fact of nearly
            the same words is served from `examined.SURE` on alone, and never where this is None.
    """

    probability: float
    by: str
    features: Mapping[str, float]
    pair_logit: float | None = None


class Pairs(Protocol):
    """A pair model."""

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(len(pairs),) float32: log odds that one answer serves both questions."""
        ...

    def fits(self, text: str) -> bool:
        """Whether it can read a text."""
        ...


class Verifier(Protocol):
    """Says how probable it is that the answer to a stored question is right for an asked one. Thread-safe."""

    @property
    def name(self) -> str: ...

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        """One judgement a stored question.

        Args:
            cosines: Of the bundled encoder's vectors, in [-1, 1], one a stored question.
        """
        ...


@dataclass(frozen=True, slots=True)
class SmallModel:
    """Logistic regression with named weights.

    Args:
        weights: Name of a feature → its weight in log odds; those not named weigh nothing.
        bias: Log odds when all features are 0.
    """

    weights: Mapping[str, float]
    bias: float

    def log_odds(self, numbers: Mapping[str, float]) -> float:
        """Of the stored answer being right."""
        return self.bias + sum(weight * numbers[name] for name, weight in self.weights.items())


class FeatureVerifier:
    """Verifier (a): facts, words and the cosine into a small model."""

    name = "features"

    def __init__(self, model: SmallModel, words: WordVectors) -> None:
        self._model, self._words = model, words

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        """As the Protocol says."""
        out = []
        for other, cosine in zip(stored, cosines, strict=True):
            numbers = self.numbers(asked, other, cosine)
            out.append(Verified(_probability(self._model.log_odds(numbers)), self.name, numbers))
        return out

    def numbers(self, asked: Compared, stored: Compared, cosine: float) -> dict[str, float]:
        """The features by name."""
        values = features(asked, stored, cosine, align(self._words, asked, stored))
        return dict(zip(FEATURES, values.tolist(), strict=True))


class PairVerifier:
    """Verifier (b): what (a) sees and what the pair model says, into a small model."""

    name = "pair model"

    def __init__(self, model: SmallModel, pairs: Pairs, first: FeatureVerifier) -> None:
        self._model, self._pairs, self._first = model, pairs, first

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        """As the Protocol says."""
        numbers = [self._first.numbers(asked, one, cosine) for one, cosine in zip(stored, cosines, strict=True)]
        return self.settle(asked, stored, numbers)

    def settle(
        self, asked: Compared, stored: Sequence[Compared], numbers: Sequence[Mapping[str, float]]
    ) -> list[Verified]:
        """The same, for features that are known already."""
        if not stored:
            return []
        logits = self._pairs.logits([(asked.text or asked.key, one.text or one.key) for one in stored])
        return [
            Verified(_probability(self._model.log_odds({**row, **_sides(logit)})), self.name, row, logit)
            for row, logit in zip(numbers, logits.tolist(), strict=True)
        ]

    def fits(self, text: str) -> bool:
        """Whether the pair model can read a text."""
        return self._pairs.fits(text)


@dataclass(frozen=True, slots=True)
class Cascade:
    """(a) first; (b) for those of which (a) says neither yes nor no.

    Args:
        low, high: The uncertain band of (a)'s probability.
        most: So many candidates of one question are given to (b), the likeliest first.
    """

    first: FeatureVerifier
    second: PairVerifier
    low: float
    high: float
    most: int = 3
    name: str = "features, then pair model"

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        """As the Protocol says."""
        verified = self.first.verify(asked, stored, cosines)
        left_open = [place for place, one in enumerate(verified) if self.low < one.probability < self.high]
        readable = self.second.fits(asked.text or asked.key)
        open_ones = [one for one in left_open if readable and self.second.fits(stored[one].text or stored[one].key)]
        open_ones = sorted(open_ones, key=lambda place: -verified[place].probability)[: self.most]
        for place in set(left_open) - set(open_ones):
            # Nobody says yes to it: the features left it open, and the pair model did not read it.
            verified[place] = replace(verified[place], probability=min(_OPEN, verified[place].probability))
        if not open_ones:
            return verified
        settled = self.second.settle(
            asked, [stored[place] for place in open_ones], [verified[place].features for place in open_ones]
        )
        for place, one in zip(open_ones, settled, strict=True):
            verified[place] = one
        return verified


def align(words: WordVectors, asked: Compared, stored: Compared) -> Alignment:
    """How well the content words of the two sides go together."""
    here, there = words.matches(content_words(asked), content_words(stored))
    both: NDArray[np.float32] = np.concatenate([here, there])
    return Alignment(float(both.mean()), float(both.min())) if both.size else Alignment(0.0, 0.0)


def _sides(logit: float) -> dict[str, float]:
    # A yes and a no of the pair model do not weigh the same.
    return {"pair_for": min(MOST_LOGIT, max(0.0, logit)), "pair_against": max(-MOST_LOGIT, min(0.0, logit))}


def _probability(log_odds: float) -> float:
    # What is no number is no reason to serve.
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds)))) if math.isfinite(log_odds) else 0.0
