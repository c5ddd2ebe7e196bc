"""Two pair models that learned from different sets read a pair: the mean of their log odds errs less than either, and
less than a model of their mean weights (notebooks/LOG.md).

Source: Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles", 2017.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import Encoder
from semantic_cache.encoder.pair_model import PairModel

__all__ = ["SECOND_READS_FROM", "PairEnsemble"]

SECOND_READS_FROM = -1.0
"""Log odds of the first model below which the others are not asked: of the labelled pairs that no guard refuses those
are 31 %, and of 48,517 pairs 17 would become a yes (notebooks/LOG.md)."""


class PairEnsemble:
    """A pair model of several. Thread-safe.

    Its log odds jump where the first one's pass `SECOND_READS_FROM`; what is fitted on them is fitted on the same jump.

    Args:
        encoder: Gives the states after the lower layers, to all of them.
        models: Over that encoder, one or more; the first is asked about every pair.
    """

    def __init__(self, encoder: Encoder, models: Sequence[PairModel]) -> None:
        self._encoder = encoder
        self._first, *self._others = models

    @property
    def fingerprint(self) -> str:
        """Of everything that its log odds depend on."""
        parts = [*(one.fingerprint for one in (self._first, *self._others)), repr(SECOND_READS_FROM)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(len(pairs),) float32: log odds that one answer serves both texts of a pair; positive for yes.

        Raises:
            EmbeddingError: A text cannot be read.
        """
        return self.logits_of_states([(self._encoder.states(one), self._encoder.states(other)) for one, other in pairs])

    def logits_of_states(
        self, states: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
    ) -> NDArray[np.float32]:
        """The same for questions that are read half-way: pairs of (tokens, width) after the lower layers."""
        return np.array([self._logit(*pair) for pair in states], dtype=np.float32)

    def _logit(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        first = self._first.logit_of_states(one, other)
        if first < SECOND_READS_FROM:
            return first
        return float(np.mean([first, *(model.logit_of_states(one, other) for model in self._others)]))

    def fits(self, text: str) -> bool:
        """Whether the text is no longer than those they were trained on."""
        return self._first.fits(text)
