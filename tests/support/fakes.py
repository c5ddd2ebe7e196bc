"""Small fakes for the seams, so that the flow is tested without a model."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semantic_cache.answer import Usage
from semantic_cache.cache import SemanticCache
from semantic_cache.documents import Document
from semantic_cache.entries import Bot
from semantic_cache.errors import EmbeddingError, GenerationError
from semantic_cache.generator import Completion, Prompt
from semantic_cache.prefix_miss import PrefixMiss
from semantic_cache.settings import Settings
from storage import Store


@dataclass
class WordEmbedder:
    """Texts that share words are near: one random direction a word, so that values are the same in every run."""

    name: str = "words"
    dimensions: int = 64
    max_tokens: int = 200
    broken: bool = False
    calls: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.broken:
            raise EmbeddingError("the embedder is broken")
        self.calls += texts
        return np.stack([self._vector(text) for text in texts]).astype(np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _vector(self, text: str) -> NDArray[np.float64]:
        total = np.zeros(self.dimensions)
        for word in text.lower().strip("?!. ").split():
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).standard_normal(self.dimensions)
        unit: NDArray[np.float64] = total / np.linalg.norm(total)
        return unit


@dataclass
class EchoGenerator:
    """Answers with the question's words and counts its calls; can be held back at its start, paused after its first piece, or broken."""

    name: str = "echo"
    prompts: list[Prompt] = field(default_factory=list)
    broken: bool = False
    hold: threading.Event | None = None
    pause: threading.Event | None = None
    closed: bool = False
    prefix: PrefixMiss | None = None

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        self.prompts.append(prompt)
        if self.hold is not None:
            assert self.hold.wait(20)
        if self.broken:
            raise GenerationError("the model is broken")
        yield "You asked: "
        if self.pause is not None:
            assert self.pause.wait(20)
        yield prompt.question
        yield Completion(f"You asked: {prompt.question}", "stop", Usage(20, 5, 3, 15), 12.0, self.prefix)

    def close(self) -> None:
        self.closed = True


@dataclass
class Bench:
    """A cache over fakes, with its parts in reach."""

    cache: SemanticCache
    store: Store
    embedder: WordEmbedder
    generator: EchoGenerator
    bot: Bot


class MakeBench(Protocol):
    """Makes caches over fakes."""

    def __call__(
        self,
        store: str = "sqlite://",
        *,
        settings: Settings | None = None,
        documents: tuple[Document, ...] = (),
        generator: EchoGenerator | None = None,
        embedder: WordEmbedder | None = None,
    ) -> Bench: ...
