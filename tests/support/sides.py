"""A question as guards see it."""

from __future__ import annotations

from normalize import Normalizer
from semantic_cache.matching import Compared

_NORMALIZER = Normalizer()


def side(text: str) -> Compared:
    """One side of a comparison, read by the bundled lexicons."""
    question = _NORMALIZER(text)
    return Compared(question.facts, question.key, question.language, question.text)
