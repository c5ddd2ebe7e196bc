"""What the guards see of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from normalize import Facts

__all__ = ["Compared"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Compared:
    """Facts, key and language of a question, and its `text` (cleaned, case kept): the order of words and the names
    are read from it. Without a text the key stands in for it."""

    facts: Facts
    key: str
    language: str
    text: str = ""
    words: tuple[str, ...] = field(init=False)
    """The words of the text in lower case, in its order."""
    lower: str = field(init=False)
    """The text in lower case."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", (self.text or self.key).lower())
        object.__setattr__(self, "words", tuple(_WORD.findall(self.lower)))

    def says(self, start: str) -> bool:
        """Whether a word begins with `start`."""
        return any(word.startswith(start) for word in self.words)
