"""Vectors to search: real questions as the project's own embedder sees them, and any number of made ones like them.

Made vectors copy what is known of real ones: all share one direction (two unrelated questions have a cosine of 0.75 to
0.8), topics stand apart within the rest, some directions carry more of it than others (as in the real vectors), and
wordings of one question lie at about 0.94 of each other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Shape", "VectorSet", "made", "real", "shape_of"]

_SETS = (
    "qqp", "clinc150", "banking77", "hwu64", "parakqc", "kor_qpair", "smilestyle_q",
    "text2sql_advising", "checklist_qqp", "stsb_es", "stsb_pt", "stsb_ru",
)  # fmt: skip
_COLUMNS = ("text", "q1", "q2", "question")
_UNRELATED, _SAME_TOPIC, _PARAPHRASE = 0.77, 0.85, 0.94


@dataclass(frozen=True, slots=True)
class VectorSet:
    """`stored` is (n, dimensions), `asked` (m, dimensions): float32 rows of unit length."""

    stored: NDArray[np.float32]
    asked: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shape:
    """What made vectors copy: the direction that all share, (dimensions,), and the map, (dimensions, dimensions), that
    gives white noise the spread of what is left of real vectors without it."""

    shared: NDArray[np.float32]
    spread: NDArray[np.float32]


def real(data: Path, most: int, kept: Path) -> NDArray[np.float32]:
    """At most `most` different questions of the labelled sets, embedded; `kept` is a .npy file that holds them."""
    if kept.exists():
        found: NDArray[np.float32] = np.load(kept)
        return found[:most]
    from semantic_cache.embedder import open_embedder

    embedder = open_embedder()
    texts = list(dict.fromkeys(_texts(data)))
    texts = [texts[place] for place in np.random.default_rng(0).permutation(len(texts))[:most]]
    rows = np.concatenate([embedder.encode(texts[start : start + 64]) for start in range(0, len(texts), 64)])
    np.save(kept, rows)
    return rows


def _texts(data: Path) -> Iterator[str]:
    for name in _SETS:
        with (data / name / "dev.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield from (row[column] for column in _COLUMNS if row.get(column))


def shape_of(rows: NDArray[np.float32]) -> Shape:
    """The shape of (n, dimensions) real vectors."""
    mean = rows.mean(axis=0)
    shared = mean / np.linalg.norm(mean)
    left = rows - np.outer(rows @ shared, shared)
    strengths, directions = np.linalg.eigh(np.cov(left, rowvar=False))
    spread = directions * np.sqrt(np.clip(strengths, 0, None) / strengths.sum())
    return Shape(shared.astype(np.float32), spread.astype(np.float32))


def made(shape: Shape, count: int, asked: int, seed: int = 0) -> VectorSet:
    """`count` vectors in topics of some 200 questions with some 3 wordings each, and `asked` others: of ten, seven are
    new wordings of a stored question, two new questions of its topic, and one is of no topic that is stored."""
    rng = np.random.default_rng(seed)
    questions, topics = max(1, count // 3), max(1, count // 600)
    of_question = rng.integers(0, topics, questions)
    topic, question = _around(shape, topics, rng), _around(shape, questions, rng)
    stored = np.empty((count, len(shape.shared)), dtype=np.float32)
    for start in range(0, count, 50_000):
        picked = rng.integers(0, questions, min(50_000, count - start))
        stored[start : start + len(picked)] = _wordings(shape, topic[of_question[picked]], question[picked], rng)
    picked = rng.integers(0, questions, asked)
    kinds = rng.choice(3, asked, p=(0.7, 0.2, 0.1))
    its_question = np.where((kinds == 0)[:, None], question[picked], _around(shape, asked, rng))
    its_topic = np.where((kinds < 2)[:, None], topic[of_question[picked]], _around(shape, asked, rng))
    return VectorSet(stored, _wordings(shape, its_topic, its_question, rng))


def _wordings(
    shape: Shape, topic: NDArray[np.float32], question: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    rows = np.sqrt(np.float32(_UNRELATED)) * shape.shared
    rows = rows + np.sqrt(np.float32(_SAME_TOPIC - _UNRELATED)) * topic
    rows += np.sqrt(np.float32(_PARAPHRASE - _SAME_TOPIC)) * question
    rows += np.sqrt(np.float32(1 - _PARAPHRASE)) * _around(shape, len(rows), rng)
    units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def _around(shape: Shape, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    # Of expected length 1: what the parts of a vector weigh is then what their cosines say.
    parts: NDArray[np.float32] = rng.standard_normal((count, len(shape.shared)), dtype=np.float32) @ shape.spread.T
    return parts
