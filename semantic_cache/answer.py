"""What comes out: answers, verdicts of a lookup, and the trace that says how they came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from normalize import Question
from storage import Entry

__all__ = ["Answer", "Candidate", "Hit", "Miss", "Source", "Timing", "Trace", "Usage", "Verdict"]

Source = Literal["exact", "normalized", "semantic", "model"]
"""Where an answer came from: a tier of the store, or the model."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens the model worked on for this answer: all zero when it came from the store.

    `prompt_tokens` is the whole prompt; `cached_tokens` of them had their attention states kept.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one step took."""

    step: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored question that was considered.

    `similarity` is the cosine in [-1, 1]; `probability` that its answer is right for the question, None where the
    embedder has no calibration; `veto` is the guard's reason for refusing it, None where none did.
    """

    entry_id: int
    question: str
    similarity: float
    probability: float | None
    veto: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about.

    `degraded` names what failed on the way without taking the request down (the store, the embedder); empty when all
    is well. `first_token_ms` is the model's, None for stored answers. `not_stored` says why a generated answer was not
    kept.
    """

    timings: tuple[Timing, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    miss: str | None = None
    degraded: tuple[str, ...] = ()
    first_token_ms: float | None = None
    not_stored: str | None = None

    @property
    def milliseconds(self) -> float:
        """Time of all the steps together."""
        return sum(timing.milliseconds for timing in self.timings)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and where it came from.

    `probability` is that of the stored answer being right for this question, None when the model answered. `matched`
    is the stored question it was given for. `entry_id` is the entry that was served, or that now keeps the answer;
    None when it was not stored.
    """

    text: str
    source: Source
    probability: float | None = None
    matched: str | None = None
    entry_id: int | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = "stop"
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Hit:
    """A lookup that found an answer to serve."""

    hit: ClassVar[Literal[True]] = True
    entry: Entry
    source: Source
    probability: float | None
    similarity: float | None = None
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Miss:
    """A lookup that found nothing to serve; `question` is None when normalization was not reached."""

    hit: ClassVar[Literal[False]] = False
    reason: str
    question: Question | None = None
    trace: Trace = field(default_factory=Trace)


Verdict = Hit | Miss
