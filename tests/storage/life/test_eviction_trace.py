"""By value, an eviction saves more generation time than by last use or by number of uses: on a trace of a month."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from storage.life import Candidate, Eviction, choose

_QUESTIONS, _REQUESTS, _DAYS = 800, 6_000, 30


@dataclass
class _Cache:
    """What a store holds, and what it has saved so far."""

    max_bytes: int
    policy: Eviction
    held: dict[int, Candidate] = field(default_factory=dict)
    size: int = 0
    saved_ms: float = 0.0

    def ask(self, question: int, cost_ms: float, size: int, now: float) -> None:
        there = self.held.get(question)
        if there is not None:
            self.saved_ms += cost_ms
        self.held[question] = Candidate(
            id=question,
            created=now if there is None else there.created,
            last_used=now,
            hits=0 if there is None else there.hits + 1,
            cost_ms=cost_ms,
            bytes=size,
            protected=True,  # what was asked now does not make room for itself
        )
        self.size += 0 if there is not None else size
        if self.size > self.max_bytes:
            for one in choose(self.held.values(), 0, self.size - self.max_bytes, self.policy, now):
                self.size -= self.held.pop(one).bytes
        self.held[question] = _unprotected(self.held[question])


def _unprotected(one: Candidate) -> Candidate:
    return Candidate(**{name: getattr(one, name) for name in one.__slots__ if name != "protected"})


def _saved(policy: Eviction, seed: int) -> tuple[float, float]:
    """Seconds of generation that were saved, and that all requests would have taken."""
    chance = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, _QUESTIONS + 1) ** 0.9
    # What is asked changes: each question has its month around a day of its own.
    peak = chance.uniform(0, _DAYS, _QUESTIONS)
    costs = chance.lognormal(7.0, 1.0, _QUESTIONS)
    sizes = chance.lognormal(7.5, 0.5, _QUESTIONS).astype(int) + 1
    cache, total = _Cache(int(sizes.sum() * 0.1), policy), 0.0
    for now in np.sort(chance.uniform(0, _DAYS, _REQUESTS)):
        cumulative = np.cumsum(popularity * np.exp(-np.abs(now - peak) / 10))
        question = min(int(np.searchsorted(cumulative, chance.random() * cumulative[-1])), _QUESTIONS - 1)
        cache.ask(question, float(costs[question]), int(sizes[question]), now * 86_400.0)
        total += float(costs[question])
    return cache.saved_ms / 1000, total / 1000


@pytest.mark.parametrize("seed", [1, 2])
def test_by_value_saves_more_than_by_last_use_or_number_of_uses(seed: int) -> None:
    saved = {policy: _saved(policy, seed)[0] for policy in Eviction}
    assert saved[Eviction.VALUE] >= max(saved[Eviction.LRU], saved[Eviction.LFU]), saved
