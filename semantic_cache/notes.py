"""What one lookup learns on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from normalize import Question
from semantic_cache.answer import Candidate, Timing, Trace
from storage import Entry, StorageError

__all__ = ["Notes"]


@dataclass(slots=True)
class Notes:
    """In use by one thread; becomes the Trace."""

    clock: Callable[[], float]
    asked: str
    """SHA-256 (hex) of the words that are asked."""
    timings: list[Timing] = field(default_factory=list)
    candidates: tuple[Candidate, ...] = ()
    degraded: list[str] = field(default_factory=list)
    rule_problem: str = ""
    """Said, but never a miss's reason: another rule decided."""
    reading_problem: str = ""
    """The same of the conversation: it was looked up as if it mattered."""
    blind: bool = False
    """Whether a part of the store could not be looked through."""
    question: Question | None = None
    vector: NDArray[np.float32] | None = None
    entries: dict[int, Entry] = field(default_factory=dict)
    """Those, with their own questions, that were compared by a confirmed one."""

    def time(self, step: str, started: float) -> None:
        self.timings.append(Timing(step, (self.clock() - started) * 1000))

    def store_failed(self, error: StorageError) -> None:
        self.blind = True
        problem = f"store: {error}"
        if problem not in self.degraded:  # each tier meets the same store
            self.degraded.append(problem)

    def trace(self, miss: str | None = None) -> Trace:
        said = [problem for problem in (self.rule_problem, self.reading_problem) if problem]
        return Trace(tuple(self.timings), self.candidates, miss, (*self.degraded, *said))

    def why_not(self) -> str:
        """Why nothing is served by meaning."""
        if self.degraded:
            return self.degraded[-1]
        if not self.candidates:
            return "nothing is stored in this scope"
        passed = [one for one in self.candidates if one.veto is None]
        if not passed:
            return self.candidates[0].veto or ""
        return max(passed, key=lambda one: (one.probability or 0.0, one.similarity)).reason
