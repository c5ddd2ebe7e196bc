"""Entries for the tests of the store."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from storage import NewEntry

DIMENSIONS = 16


def unit(seed: int, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    """A random direction, the same for the same seed."""
    row = np.random.default_rng(seed).standard_normal(dimensions)
    return (row / np.linalg.norm(row)).astype(np.float32)


def new(
    question: str, answer: str = "An answer.", *, scope: str = "s", vector: int | None = 0, **given: object
) -> NewEntry:
    """An entry; `vector` is the seed of its vector."""
    values: dict[str, object] = {
        "tenant": "t",
        "scope": scope,
        "question": question,
        "exact_hash": hashlib.sha256(question.encode()).hexdigest(),
        "key": question.lower(),
        "key_hash": hashlib.sha256(question.lower().encode()).hexdigest(),
        "language": "en",
        "facts": {"numbers": ("3 day",)},
        "answer": answer,
        "finish_reason": "stop",
        "origin": "curated",
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "tags": frozenset({"b", "a"}),
        "model": "m",
        "embedder": None if vector is None else "e",
        "normalizer_version": "1",
        "vector": None if vector is None else unit(vector),
        **given,
    }
    return NewEntry(**values)  # type: ignore[arg-type]


def key_hash(question: str) -> str:
    """The key hash that `new` gives a question."""
    return hashlib.sha256(question.lower().encode()).hexdigest()


def exact_hash(question: str) -> str:
    """The exact hash that `new` gives a question."""
    return hashlib.sha256(question.encode()).hexdigest()
