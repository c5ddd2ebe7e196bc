"""What two questions have in common, as numbers a small model can weigh. Pure, but for the list of word frequencies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from normalize.words import shares
from semantic_cache.matching.compared import Compared
from semantic_cache.matching.guards import GUARDS, refusals
from semantic_cache.matching.wording import content_words

__all__ = ["FEATURES", "Alignment", "features"]

FEATURES: Final[tuple[str, ...]] = (
    "cosine", "key_ratio", "key_sorted", "key_set", "text_ratio", "text_partial",
    "shared", "held", "only", "rarest",
    "aligned_mean", "aligned_least", "same_length", "same_question_word", "short", "korean", "english",
    "changed", "one_for_one",
    *(f"guard_{guard.name}" for guard in GUARDS),
)  # fmt: skip
"""Names of the numbers, in their order. All lie in [0, 1], but for `cosine` in [-1, 1]."""

_KEPT = 20_000
_MOST_WORDS = 8.0
_MOST_RARE = 8.0  # Zipf frequencies run from 0 to 8


@dataclass(frozen=True, slots=True)
class Alignment:
    """How well the words of either side find one like them on the other: cosines of single words in [-1, 1]."""

    mean: float
    least: float


def features(asked: Compared, stored: Compared, cosine: float, aligned: Alignment) -> NDArray[np.float32]:
    """(len(FEATURES),) float32. Which side was asked makes no difference."""
    here, there = content_words(asked), content_words(stored)
    only = here - there, there - here
    shared = len(here & there)
    longest = max(len(here), len(there), 1)
    numbers = [
        cosine,
        fuzz.ratio(asked.key, stored.key) / 100,
        fuzz.token_sort_ratio(asked.key, stored.key) / 100,
        fuzz.token_set_ratio(asked.key, stored.key) / 100,
        fuzz.ratio(asked.lower, stored.lower) / 100,
        fuzz.partial_ratio(asked.lower, stored.lower) / 100,
        shared / longest,
        shared / max(min(len(here), len(there)), 1),
        min(1.0, max(map(len, only)) / _MOST_WORDS),
        max(_rarest(words, side.language) for words, side in zip(only, (asked, stored), strict=True)),
        aligned.mean,
        aligned.least,
        min(len(here), len(there)) / longest,
        _same_question_word(asked, stored),
        1.0 / longest,
        float(asked.language == "ko"),
        float(asked.language == "en"),
        *_changed(asked, stored),
        *map(float, refusals(asked, stored)),
    ]
    return np.array(numbers, dtype=np.float32)


def _changed(asked: Compared, stored: Compared) -> tuple[float, float]:
    """How much of the words is not on the other side, and whether one word stands for one other.

    Somebody who says the same anew says much anew. Where one word stands for another, that word is what differs.
    """
    here, there = asked.seen.parts, stored.seen.parts
    mine, other = Counter(here), Counter(there)
    more, fewer = sorted(((mine - other).total(), (other - mine).total()), reverse=True)
    return min(1.0, more / max(len(here), len(there), 1)), float(more == fewer == 1)


def _rarest(words: Set[str], language: str) -> float:
    """How rare the rarest of the words is: 0 for none or for "the", 1 for one that nobody counted."""
    return max((_rarity(word, language) for word in words), default=0.0)


@lru_cache(_KEPT)
def _rarity(word: str, language: str) -> float:
    counted = shares(language if language in ("en", "ko", "ru", "pt", "es") else "en").get(word, 0.0)
    zipf = math.log10(counted) + 9.0 if counted > 0.0 else 0.0
    return 1.0 - min(_MOST_RARE, max(0.0, zipf)) / _MOST_RARE


def _same_question_word(asked: Compared, stored: Compared) -> float:
    here, there = set(asked.facts.question_types), set(stored.facts.question_types)
    if not here or not there:
        return 0.5
    return float(bool(here & there))
