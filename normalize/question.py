"""What leaves this package: a frozen Question with its Facts and Steps; and the Message of a conversation."""

import hashlib
from dataclasses import dataclass
from typing import Final

VERSION: Final = "2"
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

    Labels of `negations`, `times`, `dates` and `polarity` are the same English words in every language.
    """

    numbers: tuple[str, ...] = ()
    """Numbers with their unit, money, share, version or ordinal: `3`, `$5`, `50%`, `3.11`, `-5`, `10km`, `1st`."""
    negations: tuple[str, ...] = ()
    """One `not`, `without` or `never` for each negation."""
    times: tuple[str, ...] = ()
    """Relative times, whose answer ages: `today`, `tomorrow`, `now`, `next week`."""
    dates: tuple[str, ...] = ()
    """Calendar dates, months, weekdays and times of day."""
    quoted: tuple[str, ...] = ()
    """Quoted text and code, without the marks, case kept."""
    identifiers: tuple[str, ...] = ()
    """URLs, e-mail addresses, paths, function names and flags, case kept."""
    polarity: tuple[str, ...] = ()
    """Words that have an opposite (`enable` of enable/disable, `before` of before/after)."""


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
