"""Pairs → similarities, the way the cache would see them: same key, then vetoes, then cosine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.pairs import LabelledPair

if TYPE_CHECKING:
    from normalize import Question
    from semantic_cache.embedder import Embedder

__all__ = ["ScoredPair", "Scores", "score_pairs"]


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair, its similarity in [-1, 1], and whether a guard vetoes it."""

    pair: LabelledPair
    similarity: float
    vetoed: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """Pairs and what the cache would make of them. Arrays are aligned with `pairs` and read-only.

    Args:
        pairs: n pairs.
        similarities: (n,) float64 in [-1, 1]; exactly 1.0 where both texts have one key.
        vetoed: (n,) bool; such a pair is never served. A pair of one key is served before any guard looks.
    """

    pairs: tuple[LabelledPair, ...]
    similarities: NDArray[np.float64]
    vetoed: NDArray[np.bool_]

    @property
    def same(self) -> NDArray[np.bool_]:
        """(n,) bool: the labels."""
        return np.array([pair.same for pair in self.pairs], dtype=np.bool_)

    @property
    def served_as(self) -> NDArray[np.float64]:
        """(n,) float64: the similarities, with -inf for what a guard vetoes."""
        return np.where(self.vetoed, -np.inf, self.similarities)

    def take(self, positions: Sequence[int]) -> Scores:
        """The scores of some pairs, in the order of `positions`."""
        index = np.asarray(positions, dtype=np.intp)
        return _frozen(tuple(self.pairs[i] for i in positions), self.similarities[index], self.vetoed[index])

    def without_vetoes(self) -> Scores:
        """The same similarities as if there were no guards."""
        return _frozen(self.pairs, self.similarities, np.zeros_like(self.vetoed))

    def near_misses(self, count: int) -> tuple[ScoredPair, ...]:
        """The `count` pairs of different meaning that look most alike, most alike first; vetoed or not."""
        return self._ranked(count, same=False, sign=-1)

    def far_paraphrases(self, count: int) -> tuple[ScoredPair, ...]:
        """The `count` pairs of one meaning that look least alike, least alike first; vetoed or not."""
        return self._ranked(count, same=True, sign=1)

    def _ranked(self, count: int, *, same: bool, sign: int) -> tuple[ScoredPair, ...]:
        order = np.argsort(sign * self.similarities, kind="stable")
        chosen = [i for i in order if self.pairs[i].same is same][:count]
        return tuple(ScoredPair(self.pairs[i], float(self.similarities[i]), bool(self.vetoed[i])) for i in chosen)


def score_pairs(
    pairs: Sequence[LabelledPair],
    embedder: Embedder,
    normalizer: Callable[[str], Question],
    vetoes: Callable[[Question, Question], bool] | None = None,
) -> Scores:
    """Score every pair. Each distinct text is normalized once and embedded once.

    Args:
        vetoes: Whether a guard forbids to answer the first question with the second one's answer; None: no guards.

    Raises:
        EvidenceError: There are no pairs.
        EmbeddingError: A text cannot be embedded.
    """
    if not pairs:
        raise EvidenceError("There are no pairs to score.")
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.question, pair.other)))
    questions = {text: normalizer(text) for text in texts}
    vectors = embedder.encode([questions[text].text for text in texts])
    rows = {text: row for row, text in enumerate(texts)}
    left, right = (vectors[[rows[getattr(pair, side)] for pair in pairs]] for side in ("question", "other"))
    cosines = np.einsum("ij,ij->i", left.astype(np.float64), right.astype(np.float64))
    sides = [(questions[pair.question], questions[pair.other]) for pair in pairs]
    one_key = np.array([a.key == b.key for a, b in sides], dtype=np.bool_)
    vetoed = np.array([vetoes is not None and vetoes(a, b) for a, b in sides], dtype=np.bool_) & ~one_key
    similarities = np.where(one_key, 1.0, np.clip(cosines, -1.0, 1.0))
    return _frozen(tuple(pairs), similarities, vetoed)


def _frozen(pairs: tuple[LabelledPair, ...], similarities: NDArray[np.float64], vetoed: NDArray[np.bool_]) -> Scores:
    similarities.setflags(write=False)
    vetoed.setflags(write=False)
    return Scores(pairs, similarities, vetoed)
