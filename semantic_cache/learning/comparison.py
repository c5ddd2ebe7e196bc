"""Do two answers say the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from normalize import NormalizeError, Normalizer
from semantic_cache.embedding import EmbedderInUse

__all__ = ["AnswersAgree", "Comparison", "Scale"]


class Comparison(Protocol):
    """Compares a stored answer with a fresh one to another wording of its question."""

    def agree(self, stored: str, fresh: str) -> bool | None:
        """Whether they say the same; None where it cannot tell.

        Raises:
            SamewiseError: It failed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scale:
    """Cosines, in [-1, 1], of two answers: from `agree` on they say the same, below `differ` they do not, and between
    the two nothing can be said."""

    differ: float
    agree: float

    def __post_init__(self) -> None:
        if not -1.0 <= self.differ <= self.agree <= 1.0:
            raise ValueError(f"differ={self.differ!r}, agree={self.agree!r}: -1 ≤ differ ≤ agree ≤ 1 must hold.")


# The cosines of E5 lie close together. Of nine answers with a paraphrase and nine with an answer to something else, in
# English and Korean, the first had 0.941 to 0.979; of the others five were below 0.90 and two above 0.94.
_E5 = Scale(0.90, 0.94)
_OTHER = Scale(0.5, 0.75)


class AnswersAgree:
    """Answers agree when their numbers are the same and their vectors near.

    Coarse: a cosine sees neither that yes became no nor that one step of many is another. What it says counts as
    evidence and blocks nothing; give another comparison where you have a better one.

    Args:
        embedder: Embeds answers; one that it cannot read whole is not compared.
        normalizer: Reads numbers, in figures or in words.
        scale: What a cosine means; without it E5's or, for another embedder, a wide one.
    """

    def __init__(self, embedder: EmbedderInUse, normalizer: Normalizer, scale: Scale | None = None) -> None:
        self._embedder = embedder
        self._normalizer = normalizer
        self._scale = scale

    def agree(self, stored: str, fresh: str) -> bool | None:
        """As the protocol says. Raises ModelError."""
        if stored.strip() == fresh.strip():
            return True
        try:
            numbers = [frozenset(self._normalizer(text).facts.numbers) for text in (stored, fresh)]
        except NormalizeError:  # one of them is empty or too long
            return None
        if numbers[0] != numbers[1]:
            return False
        one, other = self._embedder.vectors([stored, fresh])
        if one is None or other is None:
            return None
        return self._said(float(one @ other))

    def _said(self, similarity: float) -> bool | None:
        # Which embedder it is is known when it is open.
        scale = self._scale or (_E5 if "e5" in self._embedder.name else _OTHER)
        if similarity >= scale.agree:
            return True
        return False if similarity < scale.differ else None
