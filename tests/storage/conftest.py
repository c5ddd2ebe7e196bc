"""Stores and entries to put into them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import NewEntry, Store, StoreConfig


@dataclasses.dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def unit() -> Callable[..., NDArray[np.float32]]:
    """A unit vector that is always the same for a word."""

    def make(word: str, dimensions: int = 16) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        row = np.random.default_rng(seed).standard_normal(dimensions)
        return (row / np.linalg.norm(row)).astype(np.float32)

    return make


@pytest.fixture
def new_entry(unit: Callable[..., NDArray[np.float32]]) -> Callable[..., NewEntry]:
    """An entry for a question; anything else may be named."""

    def make(question: str, **changes: object) -> NewEntry:
        entry = NewEntry(
            tenant="shop",
            scope="faq",
            question=question,
            exact_hash=f"exact:{question}",
            key=question.lower(),
            key_hash=f"key:{question}",
            language="en",
            facts={"numbers": ("3 day",), "names": ()},
            answer=f"The answer to {question}",
            finish_reason="stop",
            origin="generated",
            prompt_tokens=12,
            completion_tokens=34,
            tags=frozenset({"orders", "월요일"}),
            model="small",
            embedder="e5",
            normalizer_version="1",
            vector=unit(question),
        )
        return dataclasses.replace(entry, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture(params=["file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: every test of the contract runs with both."""
    return f"sqlite:///{tmp_path}/store.db" if request.param == "file" else "sqlite://"


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    with Store.open(url, StoreConfig(touch_flush=3), clock) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file for a store that has none yet."""
    return tmp_path / "store.db"
