"""Milliseconds of each step of a judgement of one candidate, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, TypeVar

from machine import spread

from normalize import Normalizer
from semantic_cache.encoder import Encoder, PairEnsemble, PairModel, WordVectors
from semantic_cache.matching import Compared, veto
from semantic_cache.matching.features import features
from semantic_cache.matching.verifier import align
from training.examples import Example

__all__ = ["times"]

_T = TypeVar("_T")
_PAIRS = 300
_SOURCES = ("qqp", "shipped", "kor_qpair")
_CHARS = range(15, 61)


def times(
    examples: Sequence[Example], encoder: Encoder, model: PairModel | PairEnsemble, normalizer: Normalizer
) -> dict[str, Any]:
    """Step → spread; no text is met twice: its words and states are new, but where it says otherwise."""
    words = WordVectors(encoder.packed, encoder.pieces)
    rows: dict[str, list[float]] = {}

    def timed(name: str, step: Callable[[], _T]) -> _T:
        started = perf_counter()
        out = step()
        rows.setdefault(name, []).append(1000 * (perf_counter() - started))
        return out

    for one in _fresh(examples):
        asked, stored = normalizer(one.one), normalizer(one.other)
        vector = timed("embedding", lambda: encoder.vectors([asked.text])[0])  # noqa: B023  (called in this round)
        here, there = timed(
            "reading of both sides",
            lambda: [Compared(side.facts, side.key, side.language, side.text) for side in (asked, stored)],  # noqa: B023
        )
        timed("guards", lambda: veto(here, there, verified=True))  # noqa: B023
        cosine = float(vector @ vector)
        for words_are in ("new", "known"):
            # Vectors of single words are kept: those of stored questions are mostly known.
            timed(f"features, words {words_are}", lambda: features(here, there, cosine, align(words, here, there)))  # noqa: B023
        timed("pair model", lambda: model.logits([(asked.text, stored.text)]))  # noqa: B023
    return {name: spread(values) for name, values in rows.items()}


def _fresh(examples: Sequence[Example]) -> list[Example]:
    met: set[str] = set()
    out: list[Example] = []
    for one in examples:
        fresh = one.one not in met and one.other not in met
        if fresh and len(out) < _PAIRS and len(one.one) in _CHARS and one.source in _SOURCES:
            out.append(one)
            met |= {one.one, one.other}
    return out
