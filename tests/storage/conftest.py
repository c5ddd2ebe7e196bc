"""Stores and entries to put into them."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from postgresql import Server, running_server

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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL with pgvector."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Server) -> Iterator[str]:
    """The name of a database with the tables of a store: copying them is faster than making them for each test."""
    with server.database() as name:
        Store.open(server.url(name)).close()
        yield name


@pytest.fixture
def empty_postgres_url(server: Server) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with server.database() as name:
        yield server.url(name)


@pytest.fixture
def postgres_url(server: Server, template: str) -> Iterator[str]:
    """A PostgreSQL database with an empty store."""
    with server.database(template) as name:
        yield server.url(name)


@pytest.fixture(params=["sqlite-file", "sqlite-memory", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: every test of the contract runs with each."""
    return _url(request, tmp_path)


@pytest.fixture(params=["sqlite-file", "postgres"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is that several processes may open."""
    return _url(request, tmp_path)


def _url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "postgres":
        found: str = request.getfixturevalue("postgres_url")
        return found
    return f"sqlite:///{folder}/store.db" if request.param == "sqlite-file" else "sqlite://"


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    with Store.open(url, StoreConfig(touch_flush=3), clock) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file for a store that has none yet."""
    return tmp_path / "store.db"
