"""What leaves this package: a frozen Question with its Facts and Steps; and the Message of a conversation."""

import hashlib
from dataclasses import dataclass
from typing import Final

VERSION: Final = "4"
"""Changes whenever the same text may get another key, so that stored keys can be told from new ones."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rewriting: its rule (`language.section: entry → replacement`), the words it found, what it put there."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What two wordings of one question share exactly: canonical, sorted, repeats kept.

    Labels (all but words of the question itself) are the same English words in every language.
    """

    numbers: tuple[str, ...] = ()
    """Numbers with their unit, money, share, version or ordinal: `3`, `$5`, `50%`, `3.11`, `-5`, `10km`, `1st`."""
    negations: tuple[str, ...] = ()
    """One `not`, `without` or `never` for each negation."""
    times: tuple[str, ...] = ()
    """Relative times, whose answer ages: `today`, `tomorrow`, `now`, `next week`."""
    dates: tuple[str, ...] = ()
    """Calendar dates, months, weekdays and times of day (`15:00` of 3 pm)."""
    quoted: tuple[str, ...] = ()
    """Quoted text and code, without the marks, case kept."""
    identifiers: tuple[str, ...] = ()
    """URLs, e-mail addresses, paths, function names and flags, case kept."""
    polarity: tuple[str, ...] = ()
    """Words that have an opposite (`enable` of enable/disable, `before` of before/after)."""
    opposites: tuple[str, ...] = ()
    """What stands against those words (`disable`, `after`); each once."""
    negated: tuple[str, ...] = ()
    """The stem of the word that a negation denies: `not:refund`, `without:card`; one for each where one is known."""
    quantifiers: tuple[str, ...] = ()
    """`only`, `all`, `except`, `at least`, `at most`, `more than`, `less than`, `half`, `both`; each once."""
    comparatives: tuple[str, ...] = ()
    """`more`, `less`, `better`, `worse`, `most`, `best` and their like, and what is compared with: `than:coffee`."""
    directions: tuple[str, ...] = ()
    """Roles with the stem of what fills them: `from:seoul`, `to:busan`, `before:train`, `instead of:card`."""
    names: tuple[str, ...] = ()
    """Products, places, people and acronyms, in lower case. Read from capitals, so a text in lower case has none, and
    two texts with one key may differ in this fact alone."""
    persons: tuple[str, ...] = ()
    """Whose: `my`, `our`, `your`, `his`, `her`, `their`; each once."""
    modality: tuple[str, ...] = ()
    """`can`, `must`, `should`; each once."""
    question_types: tuple[str, ...] = ()
    """`how`, `why`, `when`, `where`, `who`, `which`, `what`, `how much`, `how many`, `how long`, `how often`; without
    any of them `request` or `yes-no`; of a statement nothing. Each once."""


@dataclass(frozen=True, slots=True)
class Question:
    """A text made comparable.

    `text` is cleaned, case kept: embed this. `key` is what two texts share when they are the same question without
    any model. `language` is `en`, `ko`, `ru`, `pt`, `es`, a language of a lexicon of yours, or `und`.
    """

    text: str
    key: str
    language: str
    facts: Facts
    steps: tuple[Step, ...]

    @property
    def key_hash(self) -> str:
        """SHA-256 of the version and the key, 64 hex digits."""
        return hashlib.sha256(f"{VERSION}\n{self.key}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `role` is `system`, `user`, `assistant` or any other word."""

    role: str
    content: str
