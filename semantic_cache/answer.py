"""What comes out: answers, verdicts of a lookup, and the trace that says how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from normalize import Question
from semantic_cache.prefix_miss import PrefixMiss
from storage import Entry

if TYPE_CHECKING:
    from kvcache.generation import Usage as CacheUsage

__all__ = ["Answer", "Candidate", "Hit", "Miss", "Source", "Timing", "Trace", "Usage", "Verdict"]

Source = Literal["exact", "normalized", "semantic", "model"]
"""Where an answer came from: a tier of the store, or the model."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens the model worked on for this answer: all zero when it came from the store.

    `prompt_tokens` is the whole prompt; `cached_tokens` of them had their attention states kept, and `written_tokens`
    of the others are kept from now on (0 from an engine that does not say).
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    written_tokens: int = 0

    def record(self) -> CacheUsage:
        """The same for `kvcache.accounting` and `kvcache.prices`: `cost(answer.usage.record(), prices)`."""
        from kvcache.generation import Usage as CacheUsage  # noqa: PLC0415  (half a second that answering never needs)

        return CacheUsage(self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.written_tokens)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one step took."""

    step: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored question that was considered.

    `similarity` is the cosine in [-1, 1]; `probability` that its answer is right for the question, None where nothing
    gives one; `veto` is the guard's reason for refusing it, None where none did. `verified_by` names the verifier that
    settled the probability, `features` are the numbers it went by, `pair_logit` is the pair model's log odds where it
    was asked, also of one that is refused since they are too low, `adjustments` what feedback and drift added to the
    log odds, with their reasons. `serves` is the policy's decision and `reason` its words.
    """

    entry_id: int
    question: str
    similarity: float
    probability: float | None
    veto: str | None
    verified_by: str | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    pair_logit: float | None = None
    adjustments: tuple[tuple[str, float], ...] = ()
    serves: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about.

    `degraded` names what failed on the way without taking the request down (the store, the embedder); empty when all
    is well. `first_token_ms` is the model's, None for stored answers. `not_stored` says why a generated answer was not
    kept. `waited_ms` is how long the request waited for another one's generation, None where it did not, and
    `waited_for` says what for; `milliseconds` does not count it. `prefix` says what of the prompt the local model had
    to compute, and why; None where it read all of it from its cache, for stored answers, and for engines, which don't
    say.
    """

    timings: tuple[Timing, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    miss: str | None = None
    degraded: tuple[str, ...] = ()
    first_token_ms: float | None = None
    not_stored: str | None = None
    waited_ms: float | None = None
    waited_for: str | None = None
    prefix: PrefixMiss | None = None

    @property
    def milliseconds(self) -> float:
        """Time of all the steps together."""
        return sum(timing.milliseconds for timing in self.timings)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and where it came from.

    `probability` is that of the stored answer being right for this question, None when the model answered. `matched`
    is the stored question it was given for. `entry_id` is the entry that was served, or that now keeps the answer;
    None when it was not stored. `asked` is the question as it was looked up: taken out of its template, completed from
    the conversation.
    """

    text: str
    source: Source
    probability: float | None = None
    matched: str | None = None
    entry_id: int | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = "stop"
    trace: Trace = field(default_factory=Trace)
    asked: str | None = None


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
