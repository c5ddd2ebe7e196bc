"""What the guards see of a question."""

from __future__ import annotations

from dataclasses import dataclass, field

from normalize import Facts
from semantic_cache.matching.words import Words, words_of

__all__ = ["Compared"]


@dataclass(frozen=True, slots=True)
class Compared:
    """Facts, key and language of a question, and its `text` (cleaned, case kept): the order of words and the names
    are read from it. Without a text the key stands in for it."""

    facts: Facts
    key: str
    language: str
    text: str = ""
    lower: str = field(init=False)
    """The text in lower case."""
    seen: Words = field(init=False, repr=False, compare=False)
    """Its words, as comparisons need them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", (self.text or self.key).lower())
        object.__setattr__(self, "seen", words_of(self.lower, self.key, self.language))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text in lower case, in its order."""
        return self.seen.text

    def says(self, start: str) -> bool:
        """Whether a word begins with `start`, or with what stands before its first hyphen: words are parted there."""
        first = start.partition("-")[0] or start
        return any(word.startswith(first) for word in self.words)
