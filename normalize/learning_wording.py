"""A labelled text in the three forms in which a difference between two texts can be small: as typed, tidied, as key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Protocol

from normalize.errors import TextError
from normalize.lexicon import Lexicon, load
from normalize.normalizer import PASSES, Normalizer
from normalize.phrases import Tokens
from normalize.question import Question, Step
from normalize.text import looks_like_code
from normalize.tokens import Sentence, split


class Labelled(Protocol):
    """Two questions with a person's judgement; `language` is "" where the judge named none."""

    @property
    def question(self) -> str: ...
    @property
    def other(self) -> str: ...
    @property
    def same(self) -> bool: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """One text: its words as typed, its `tidied` words, of which none was inflected or moved, and its question.

    `shown` holds all of these.
    `named` holds the words, in lower case, that are capitalised within a sentence.
    """

    question: Question
    typed: Tokens
    tidied: Tokens
    named: frozenset[str]
    shown: str

    def may_hold(self, words: Tokens) -> bool:
        """Whether a rule about `words` may touch this text; says yes rather too often."""
        return all(word in self.shown for word in words)


@dataclass(frozen=True, slots=True)
class Difference:
    """`left` in one text stands where `right` stands in the other, between `before` and `after` in both."""

    left: Tokens
    right: Tokens
    before: Tokens
    after: Tokens


class Wordings:
    """Text → Wording. Errors: LexiconError when built."""

    def __init__(self, lexicons: Sequence[Path] = ()) -> None:
        self.lexicons = load(lexicons)
        self.normalizer = Normalizer(lexicons)
        self._case = frozenset().union(*(one.words.get("case", frozenset()) for one in self.lexicons.values()))

    def __call__(self, text: str) -> Wording | None:
        """The wording of `text`; None for what is no question or is code, from which no word can be learnt."""
        try:
            question = self.normalizer(text)
        except TextError:
            return None
        if looks_like_code(question.text):
            return None
        sentences = split(question.text, self._case)
        typed = _joined(sentences)
        _tidy(sentences, self.lexicons[question.language])
        tidied = _joined(sentences)
        shown = " ".join((question.text.lower(), *typed, *tidied, question.key))
        return Wording(question, typed, tidied, frozenset(_named(question.text)), shown)


def differences(one: Wording, other: Wording) -> Iterator[tuple[Difference, ...]]:
    """All that differs between the two: by their words as typed, by their tidied words, by their keys."""
    yield _between(one.typed, other.typed)
    yield _between(one.tidied, other.tidied)
    yield _between(tuple(one.question.key.split(" ")), tuple(other.question.key.split(" ")))


def _tidy(sentences: Sequence[Sentence], lexicon: Lexicon) -> None:
    steps: list[Step] = []
    for apply in PASSES:
        for sentence in sentences:
            if sentence.tokens:
                apply(sentence, lexicon, steps)


def _joined(sentences: Sequence[Sentence]) -> Tokens:
    """The words of all sentences, with a dot between two: a difference never crosses from one into the next."""
    spoken = [sentence.tokens for sentence in sentences if sentence.tokens]
    return tuple(word for at, tokens in enumerate(spoken) for word in (["."] if at else []) + tokens)


def _between(left: Tokens, right: Tokens) -> tuple[Difference, ...]:
    found = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return tuple(
        Difference(left[i:i_end], right[j:j_end], left[:i], left[i_end:])
        for kind, i, i_end, j, j_end in found
        if kind != "equal"
    )


def _named(text: str) -> Iterator[str]:
    if text == text.upper():
        return
    starts = True
    for word in text.split():
        bare = word.strip("\"'()[],.;:!?¿¡")
        if not starts and bare[:1].isupper() and not bare.isupper():
            yield bare.lower()
        starts = word[-1] in ".!?:"
