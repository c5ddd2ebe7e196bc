"""What is learned in use: decisions, judgements of them, and what they say of an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storage.entry import Entry

__all__ = ["Confirmed", "Effect", "Event", "Evidence", "Feedback", "FeedbackSource", "Pair", "Recorded", "Served"]

FeedbackSource = Literal["user", "shadow"]
"""Who judged: a person, or a check of a hit against a fresh answer of the model."""

Effect = Literal["none", "block", "alias", "unblock"]
"""What a judgement does to its question and entry: nothing more than count; never serve the pair again and drop its
alias; serve it by key from now on; serve it again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many asked questions an entry's present answer was judged right and wrong for."""

    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A judgement: whether the entry's answer was right for the asked question.

    `exact_hash`, `key_hash` and `normalizer_version` are those of the asked question; its words, `question`, may be
    withheld where the effect is "none". `served` is the source of the hit that was judged (`exact`, `normalized`,
    `semantic`, or None where it is not known), `similarity` its cosine, `probability` the one it was served with.
    `at` is seconds since the epoch; None means now.
    """

    tenant: str
    scope: str
    entry_id: int
    exact_hash: str
    key_hash: str
    correct: bool
    source: FeedbackSource
    question: str | None = None
    normalizer_version: str = ""
    served: str | None = None
    similarity: float | None = None
    probability: float | None = None
    note: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """An asked question and an entry: confirmed (`alias`) or blocked. `key_hash` is of the question."""

    alias: bool
    entry_id: int
    question: str
    exact_hash: str
    key_hash: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An alias that is near a question: its entry, its own words, and its cosine in [-1, 1]."""

    entry: Entry
    question: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a judgement changed. `at` is when it was kept. `former`: it was of an answer that the entry has no more, and
    counts for neither; only a pair may be blocked by it."""

    at: float
    blocked: bool = False
    alias_added: bool = False
    alias_removed: bool = False
    former: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A decision about a request: a hit by `source`, or a `miss` with its best candidate where it had one.

    `question` is None where questions are not logged. `veto` is why the best candidate was refused. `milliseconds` is
    how long the decision took.
    """

    at: float
    tenant: str
    scope: str
    exact_hash: str
    key_hash: str
    source: str
    milliseconds: float
    question: str | None = None
    entry_id: int | None = None
    similarity: float | None = None
    probability: float | None = None
    veto: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """An asked question that an entry was served for: how often, by which source, when last (seconds since the epoch).

    `question` is None where questions are not logged and no alias holds its words.
    """

    exact_hash: str
    question: str | None
    source: str
    count: int
    last: float
