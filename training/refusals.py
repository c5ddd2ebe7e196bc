"""Which pairs a hard guard refuses: they never come to the pair model, so little is learned from them."""

from __future__ import annotations

from normalize import NormalizeError, Normalizer
from semantic_cache.matching import Compared, veto

__all__ = ["Refusals"]


class Refusals:
    """Normalizes each text once."""

    def __init__(self, normalizer: Normalizer) -> None:
        self._normalizer = normalizer
        self._sides: dict[str, Compared | None] = {}

    def __call__(self, one: str, other: str) -> bool:
        """Whether a hard guard refuses a pair, or normalization one of its sides."""
        here, there = self._side(one), self._side(other)
        return here is None or there is None or veto(here, there, verified=True, read=True) is not None

    def _side(self, text: str) -> Compared | None:
        if text not in self._sides:
            try:
                question = self._normalizer(text)
            except NormalizeError:
                self._sides[text] = None
            else:
                self._sides[text] = Compared(question.facts, question.key, question.language, question.text)
        return self._sides[text]
