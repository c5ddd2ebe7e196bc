"""A process that changes a store at random and writes down what it began and what was acknowledged, until it is killed.

And the bookkeeping of who killed it: what must be there, and what may.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rows import exact_hash, new, unit

from storage import Lifetime, NewEntry, Store, StoreConfig
from storage.config import SizeBudget
from storage.indexes import LargeSettings
from storage.life import Selection

__all__ = ["BOUNDED", "BOUNDED_MOST", "CONFIG", "Book", "change_until_killed", "written_vector"]

BOUNDED, BOUNDED_MOST = "bounded", 30
# A large index is made, saved, merged and made anew all the time.
CONFIG = StoreConfig(
    tenant_budgets={BOUNDED: SizeBudget(max_entries=BOUNDED_MOST)},
    large=LargeSettings(least=48, merge_least=8, links=8, build_width=40),
)
_QUESTIONS, _TAGS = 120, 6


def written_vector(answer: str) -> NDArray[np.float32]:
    """The vector of the entry that has this answer: another for each answer, so that none can stand for another."""
    return unit(int.from_bytes(answer.encode()[-12:], "big") % (1 << 63))


def _entry(question: str, answer: str, **given: object) -> NewEntry:
    tag = f"tag{int(question.lstrip('qb')) % _TAGS}"
    made = {"tags": frozenset({tag}), "embedder": "e", "vector": None, **given}
    entry = new(question, answer, **made)  # type: ignore[arg-type]
    return type(entry)(**{**{name: getattr(entry, name) for name in entry.__slots__}, "vector": written_vector(answer)})


class _Log:
    """Lines that outlive the process: each is handed to the kernel at once."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @contextlib.contextmanager
    def noted(self, what: str) -> Iterator[None]:
        os.write(self._file, f"begin {what}\n".encode())
        yield
        os.write(self._file, b"end\n")


def change_until_killed(url: str, seed: int, path: str) -> None:
    """Add, replace, delete, invalidate, evict, expire, search and vacuum without an end."""
    changes = _Changes(Store.open(url, CONFIG), _Log(Path(path)), seed)
    kinds = (changes.add, changes.add_many, changes.delete, changes.invalidate, changes.evict, changes.expire)
    others, weights = (changes.search, changes.vacuum), (6, 2, 3, 0.5, 3, 2, 3, 0.2)
    while True:
        changes.chance.choices((*kinds, *others), weights)[0]()


class _Changes:
    """One of each kind of change, of a random entry; what is acknowledged is in the log."""

    def __init__(self, store: Store, log: _Log, seed: int) -> None:
        self.chance = random.Random(seed)
        self._store, self._log, self._seed, self._number = store, log, seed, 0

    def add(self) -> None:
        question, answer = self._question(), self._answer()
        with self._log.noted(f"add {question}={answer}"):
            self._store.add(_entry(question, answer))

    def add_many(self) -> None:
        answer = self._answer()
        pairs = [(f"q{at}", f"{answer}.{at}") for at in self.chance.sample(range(_QUESTIONS), 8)]
        with self._log.noted("add " + " ".join(f"{one}={two}" for one, two in pairs)):
            self._store.add_many([_entry(*pair) for pair in pairs])

    def delete(self) -> None:
        question = self._question()
        if found := self._store.exact("s", exact_hash(question)):
            with self._log.noted(f"drop {question}"):
                self._store.delete(found.id)

    def invalidate(self) -> None:
        tag = self.chance.randrange(_TAGS)
        gone = [f"q{at}" for at in range(_QUESTIONS) if at % _TAGS == tag]
        with self._log.noted("drop " + " ".join(gone)):
            self._store.life.invalidate(Selection(tags=frozenset({f"tag{tag}"}), tenant="t"))

    def evict(self) -> None:
        with self._log.noted("evict"):
            self._store.add(
                _entry(
                    f"b{self.chance.randrange(10_000)}",
                    self._answer(),
                    tenant=BOUNDED,
                    scope="bounded",
                    origin="generated",
                )
            )

    def expire(self) -> None:
        with self._log.noted("expire"):
            self._store.add(_entry(self._question(), self._answer(), scope="short", lifetime=Lifetime(1e-3)))
            self._store.life.sweep()

    def search(self) -> None:
        self._store.nearest("s", written_vector(self._answer()), 3, "e")

    def vacuum(self) -> None:
        self._store.upkeep.vacuum()

    def _question(self) -> str:
        return f"q{self.chance.randrange(_QUESTIONS)}"

    def _answer(self) -> str:
        self._number += 1
        return f"a{self._seed}.{self._number}"


class Book:
    """What was acknowledged, of all processes together."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.open: dict[str, str | None] = {}
        """What the last process was at when it was killed: question → the answer it would have, None for none."""

    def read(self, path: Path) -> None:
        """Enter the log of a process that was killed."""
        self.open = {}
        begun: dict[str, str | None] = {}
        for line in path.read_text().splitlines():
            if line == "end":
                self._enter(begun)
                begun = {}
            else:
                begun = _changes(line.removeprefix("begin "))
        self.open = begun

    def settle(self, store: Store) -> None:
        """Compare with the store: all that was acknowledged, and what was open either whole or not at all."""
        if self.open:
            done = [_answer(store, one) == answer for one, answer in self.open.items()]
            undone = [_answer(store, one) == self.answers.get(one) for one in self.open]
            assert all(done) or all(undone), f"half of it is there: {self.open}"
            if all(done):
                self._enter(self.open)
        there = {one: answer for one in _names() if (answer := _answer(store, one)) is not None}
        assert there == self.answers

    def _enter(self, changes: dict[str, str | None]) -> None:
        for question, answer in changes.items():
            if answer is None:
                self.answers.pop(question, None)
            else:
                self.answers[question] = answer


def _changes(line: str) -> dict[str, str | None]:
    verb, *rest = line.split(" ")
    if verb == "add":
        return {question: answer for question, answer in (one.split("=") for one in rest)}
    return dict.fromkeys(rest) if verb == "drop" else {}


def _names() -> list[str]:
    return [f"q{at}" for at in range(_QUESTIONS)]


def _answer(store: Store, question: str) -> str | None:
    found = store.exact("s", exact_hash(question))
    return None if found is None else found.answer
