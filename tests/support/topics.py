"""Questions whose meaning is one of ten topics, with an embedder and a model that know them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from fakes import EchoGenerator, WordEmbedder
from numpy.typing import NDArray

from semantic_cache.answer import Usage
from semantic_cache.errors import GenerationError
from semantic_cache.generator import Completion, Prompt

TOPICS = ("pool", "sauna", "parking", "breakfast", "laundry", "wifi", "bicycle", "elevator", "towel", "garden")
_WORDS = """
    amber basket candle dragon engine forest guitar harbor island jacket kitten ladder magnet needle orange pencil
    quiver ribbon silver turtle urchin velvet walnut yellow zipper anchor bottle copper desert falcon goblet hammer
""".split()  # noqa: SIM905  (a text is easier to read)


def wording(topic: str, number: int) -> str:
    """One of 16 wordings that share nothing but the topic."""
    return f"{_WORDS[2 * number]} {_WORDS[2 * number + 1]} {topic}"


def topic_of(text: str) -> str:
    return next(topic for topic in TOPICS if topic in text)


@dataclass
class TopicEmbedder(WordEmbedder):
    """Texts on one topic are near (cosine above 0.9), whatever else they say."""

    def _vector(self, text: str) -> NDArray[np.float64]:
        total = super()._vector(topic_of(text)) + 0.2 * super()._vector(text)
        unit: NDArray[np.float64] = total / np.linalg.norm(total)
        return unit


@dataclass
class TopicGenerator(EchoGenerator):
    """Answers by topic; fails where `fails` says so; counts who is at it at once."""

    fails: Iterator[bool] = field(default_factory=lambda: iter(()))
    seconds: float = 0.0
    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        topic = topic_of(prompt.question)
        what = f"{prompt.tenant} {topic}"
        with self.lock:
            self.prompts.append(prompt)
            self.running[what] += 1
            self.most[what] = max(self.most[what], self.running[what])
            fails = next(self.fails, False)
        try:
            assert self.hold is None or self.hold.wait(20)
            time.sleep(self.seconds)
            if fails:
                raise GenerationError("the model is broken")
            yield "About "
            yield topic
            yield Completion(f"About {topic}", "stop", Usage(20, 5, 3), 12.0)
        finally:
            with self.lock:
                self.running[what] -= 1
