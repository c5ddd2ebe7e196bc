"""Labelled pairs → what the cache sees of each: same key, cosine, features, logits. Kept in training/out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normalize import NormalizeError, Normalizer, Question
from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER, Encoder
from semantic_cache.encoder.pair_ensemble import PairEnsemble
from semantic_cache.encoder.pair_model import PairModel
from semantic_cache.encoder.word_vectors import WordVectors
from semantic_cache.matching.compared import Compared
from semantic_cache.matching.features import features
from semantic_cache.matching.verifier import align
from training.examples import Example
from training.states import States

__all__ = ["Scored", "score"]

_BATCH = 32
Wanted = Callable[[str, Example], bool]


@dataclass(frozen=True)
class Scored:
    """Arrays over the same n pairs.

    Args:
        examples: The pairs.
        same: (n,) bool, the labels.
        one_key: (n,) bool: normalization makes the two sides equal.
        features: (n, len(FEATURES)) float32.
        logits: Pair model's name → (n,) float32, NaN where it was not wanted.
    """

    examples: Sequence[Example]
    same: NDArray[np.bool_]
    one_key: NDArray[np.bool_]
    features: NDArray[np.float32]
    logits: dict[str, NDArray[np.float32]]

    def take(self, chosen: NDArray[np.bool_]) -> Scored:
        """The pairs that are chosen, in their order."""
        kept = [one for one, wanted in zip(self.examples, chosen, strict=True) if wanted]
        logits = {name: values[chosen] for name, values in self.logits.items()}
        return Scored(kept, self.same[chosen], self.one_key[chosen], self.features[chosen], logits)


def score(
    examples: Sequence[Example],
    encoder: Encoder,
    models: Mapping[str, PairModel | PairEnsemble],
    wanted: Wanted,
    cache: Path,
) -> Scored:
    """Score every pair that normalization takes.

    Args:
        wanted: Whether a model, by its name, is to read a pair.
        cache: Folder for what takes long.
    """
    normalizer = Normalizer()
    questions: dict[str, Question | None] = {}
    for text in {text for one in examples for text in (one.one, one.other)}:
        try:
            questions[text] = normalizer(text)
        except NormalizeError:
            questions[text] = None
    taken = [one for one in examples if questions[one.one] is not None and questions[one.other] is not None]
    sides = [(questions[one.one], questions[one.other]) for one in taken]
    pairs = [(a, b) for a, b in sides if a is not None and b is not None]
    texts = [(a.text, b.text) for a, b in pairs]
    states = States(encoder.packed, FIRST_UPPER_LAYER, cache, product=encoder)
    unique = sorted({text for pair in texts for text in pair})
    states.prepare(unique, "measured", vectors=True)
    vectors = dict(zip(unique, states.vectors(unique), strict=True))
    logits = {}
    for name, model in models.items():
        chosen = [row for row, one in enumerate(taken) if wanted(name, one)]
        read = [texts[row] for row in chosen]
        logits[name] = np.full(len(texts), np.nan, dtype=np.float32)
        path = cache / f"logits-{model.fingerprint}-{encoder.fingerprint}-{_digest(read)}.npy"
        logits[name][chosen] = _kept(path, partial(_logits, read, model, states))
    words = WordVectors(encoder.packed, encoder.pieces)
    rows = []
    for (a, b), (one, other) in zip(pairs, texts, strict=True):
        here, there = (Compared(side.facts, side.key, side.language, side.text) for side in (a, b))
        rows.append(features(here, there, float(vectors[one] @ vectors[other]), align(words, here, there)))
    return Scored(
        taken,
        np.array([one.same for one in taken]),
        np.array([a.key == b.key for a, b in pairs]),
        np.stack(rows),
        logits,
    )


def _digest(texts: list[tuple[str, str]]) -> str:
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:16]


def _logits(texts: list[tuple[str, str]], model: PairModel | PairEnsemble, states: States) -> NDArray[np.float32]:
    parts = [np.zeros(0, dtype=np.float32)]
    for at in range(0, len(texts), _BATCH):  # so few are in memory as float32
        pairs = [
            (states[one].astype(np.float32), states[other].astype(np.float32)) for one, other in texts[at : at + _BATCH]
        ]
        parts.append(model.logits_of_states(pairs))
    return np.concatenate(parts)


def _kept(path: Path, compute: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    if path.exists():
        kept: NDArray[np.float32] = np.load(path)
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    values: NDArray[np.float32] = compute()
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, values)
    part.replace(path)
    return values
