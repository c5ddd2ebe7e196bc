"""What a person said in one turn, cut into sentences, without the greetings and thanks around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from normalize.clues import Clues
from normalize.phrases import PhraseTable
from normalize.question import Question
from normalize.text import looks_like_code
from normalize.tokens import split

_WORD: Final = re.compile(r"\w+(?:[-'&/.·]\w+)*")
_LEADING: Final = frozenset({",", "~"})


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence: `cased` as it was typed, `words` the same in lower case, contractions written out in both."""

    cased: tuple[str, ...]
    asks: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens in lower case."""
        return tuple(token.lower() for token in self.cased)

    def names(self) -> tuple[int, ...]:
        """Positions of words in capitals behind the first one; none where capitals tell nothing (`HOW MUCH`)."""
        return () if self.shouts() else self._capitals()

    def last_name(self) -> int | None:
        """Where the name begins that ends the sentence; None where there is none, or another name before it."""
        names, start = self.names(), len(self.cased)
        while start - 1 in names:
            start -= 1
        others = [self.cased[at] for at in names if at < start]
        # An abbreviation within (`the CEO of Apple`) names no second thing.
        return start if start < len(self.cased) and all(other.isupper() for other in others) else None

    def shouts(self) -> bool:
        """Whether most words are in capitals, so that a name among them can't be told."""
        words = sum(token[0].isalpha() for token in self.cased[1:])
        return 2 * len(self._capitals()) > words > 1

    def _capitals(self) -> tuple[int, ...]:
        behind = enumerate(self.cased[1:], start=1)
        return tuple(at for at, token in behind if token != "I" and token != token.lower())


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that says something: its Question and its sentences (none for code, which no rule of language reads)."""

    question: Question
    sentences: tuple[Said, ...]

    @property
    def text(self) -> str:
        """The turn's cleaned text."""
        return self.question.text


def read_turn(question: Question, clues: Clues) -> Turn:
    """The sentences of `question` that say something, each without the politeness before it."""
    if looks_like_code(question.text):
        return Turn(question, ())
    cased = frozenset(_WORD.findall(question.text))
    said = [(_written_out(sentence.tokens, clues), sentence.asks) for sentence in split(question.text, cased)]
    kept = [(_stripped(tokens, clues), asks) for tokens, asks in said]
    return Turn(question, tuple(Said(tuple(tokens), asks) for tokens, asks in kept if tokens))


def _written_out(tokens: Sequence[str], clues: Clues) -> list[str]:
    lower = [token.lower() for token in tokens]
    result: list[str] = []
    at = 0
    while at < len(tokens):
        phrase = clues.lexicon.contractions.at(lower, at)
        result.extend(phrase.after if phrase else (tokens[at],))
        at += len(phrase.before) if phrase else 1
    return result


def _stripped(tokens: list[str], clues: Clues) -> list[str]:
    """Without greetings where they stand apart, lead-ins, and commas before what is left."""
    for table, is_apart in ((clues.lexicon.chatter, True), (clues.lead_ins, False)):
        tokens = _after(tokens, table, is_apart=is_apart)
    return tokens


def _after(tokens: list[str], table: PhraseTable, *, is_apart: bool) -> list[str]:
    while tokens:
        phrase = table.at([token.lower() for token in tokens], 0)
        rest = tokens[len(phrase.before) :] if phrase is not None else tokens
        if phrase is None or (is_apart and rest and rest[0] not in _LEADING):
            return tokens
        while rest and rest[0] in _LEADING:
            rest = rest[1:]
        tokens = rest
    return tokens
