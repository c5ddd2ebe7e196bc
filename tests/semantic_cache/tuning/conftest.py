"""A small embedder and normalizer whose results can be worked out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from normalize import Facts, Question


@dataclass
class TrigramEmbedder:
    """Counts of hashed character trigrams: texts that share letters are near. Remembers what it was asked."""

    name: str = "trigrams"
    dimensions: int = 512
    max_tokens: int = 1000
    asked: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()}  "
            for start in range(len(padded) - 2):
                out[row, crc32(padded[start : start + 3].encode()) % self.dimensions] += 1
        normed: NDArray[np.float32] = out / np.linalg.norm(out, axis=1, keepdims=True)
        return normed

    def count_tokens(self, text: str) -> int:
        return len(text)


def plain_question(text: str) -> Question:
    """Case and the question mark do not count; digits are the only facts."""
    cleaned = " ".join(text.split())
    numbers = tuple(word for word in cleaned.rstrip("?").split() if word.isdigit())
    return Question(cleaned, cleaned.lower().rstrip("?"), "und", Facts(numbers=numbers), ())


@pytest.fixture
def embedder() -> TrigramEmbedder:
    return TrigramEmbedder()


@pytest.fixture
def normalizer() -> object:
    return plain_question
