"""The way from a text to a Question, as one visible tuple of passes."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from normalize import politeness
from normalize.amounts import amounts
from normalize.calendar_dates import calendar_dates
from normalize.decoration import decorations, is_decoration
from normalize.errors import LimitError
from normalize.facts import extract
from normalize.language import UNDETERMINED, LanguageDetector
from normalize.lexicon import Lexicon, load
from normalize.morphology import inflection
from normalize.morphology.korean_forms import KoreanForms
from normalize.morphology.korean_numbers import in_figures
from normalize.order import order
from normalize.quantities import quantities
from normalize.question import VERSION, Question, Step
from normalize.signature import signature
from normalize.spelling import spelling
from normalize.text import check, clean, looks_like_code
from normalize.tokens import Sentence, split
from normalize.typos import respell, typos, unknown

_WORD: Final = re.compile(r"[^\W\d_]+")

Pass = Callable[[Sentence, Lexicon, list[Step]], None]


def _spell(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    tokens = spelling(sentence.tokens, lexicon, steps)
    sentence.tokens = lexicon.contractions.rewrite(tokens, steps)


def _count(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    sentence.tokens = quantities(sentence.tokens, lexicon, steps)


def _fold_synonyms(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    if lexicon.language != "ko":  # Korean words are compared without their endings, once these are known
        sentence.tokens = lexicon.synonyms.rewrite(sentence.tokens, steps)


PASSES: Final[tuple[Pass, ...]] = (
    decorations,
    _spell,
    typos,
    _count,
    amounts,
    calendar_dates,
    politeness.fillers,
    _fold_synonyms,
    politeness.surroundings,
    politeness.praise,
    politeness.commas,
)
"""What is done to each sentence, in this order; the facts are read from what these leave."""
FORMS: Final[tuple[Pass, ...]] = (order, politeness.articles, inflection)
"""What is done to each sentence afterwards: the forms and the order of its words, for the key alone."""
FORMS_FOR_MENTIONS: Final[tuple[Pass, ...]] = (order,)
PASSES_FOR_MENTIONS: Final[tuple[Pass, ...]] = (_spell, _count, politeness.frames)
"""The same for a text that asks about words ("how do you spell colour"): they are its subject and stay."""


class Normalizer:
    """Text → Question. Pure and thread-safe: the same text always gives the same Question.

    `lexicons` are YAML files merged over the bundled ones (format: top of lexicons/en.yaml). `max_chars` is the longest
    text taken. Errors: LexiconError, LimitError when built; TextError when called.
    """

    VERSION: ClassVar[str] = VERSION

    def __init__(self, lexicons: Sequence[Path] = (), *, max_chars: int = 32_000) -> None:
        if isinstance(max_chars, bool) or not isinstance(max_chars, int) or max_chars < 1:
            raise LimitError(f"max_chars is {max_chars!r}: give a whole number of characters of at least 1")
        self._max_chars = max_chars
        self._lexicons = load(lexicons)
        self._case = frozenset().union(*(lexicon.words.get("case", frozenset()) for lexicon in self._lexicons.values()))
        profiles = {
            name: lexicon.words["stopwords"] for name, lexicon in self._lexicons.items() if name != UNDETERMINED
        }
        self._detector = LanguageDetector(profiles)
        self._korean = KoreanForms(self._lexicons["ko"])

    def __call__(self, text: str) -> Question:
        """The question that `text` asks. Errors: NotTextError, EmptyTextError, TextTooLongError, BadCharacterError."""
        cleaned = clean(check(text, self._max_chars))
        steps = [Step("text.clean", text, cleaned)] if cleaned != text else []
        sentences, lexicon = self._sentences(cleaned)
        plain = [Sentence(list(sentence.tokens), sentence.asks) for sentence in sentences]
        is_code = looks_like_code(cleaned)
        mentions = not is_code and any(lexicon.mentions.any(sentence.tokens) for sentence in sentences)
        if not is_code:
            _apply(PASSES_FOR_MENTIONS if mentions else PASSES, sentences, lexicon, steps)
        said = [list(sentence.tokens) for sentence in sentences if sentence.tokens]
        if lexicon.language == "ko":
            said = [in_figures(tokens) for tokens in said]
        if not is_code and lexicon.language == "ko":
            self._korean(sentences, steps, mentions=mentions)
        elif not is_code:
            _apply(FORMS_FOR_MENTIONS if mentions else FORMS, sentences, lexicon, steps)
        return Question(
            text=cleaned,
            key=self._key(cleaned, sentences, plain, lexicon),
            language=lexicon.language,
            facts=extract(said or [sentence.tokens for sentence in plain], lexicon, "" if is_code else cleaned),
            steps=tuple(steps),
        )

    def unknown_words(self, question: Question) -> list[str]:
        """The words of a question, in lower case, that no word list has and that may be misspelt."""
        return unknown([word.lower() for word in _WORD.findall(question.text)], question.language)

    def respelt(self, question: Question, vocabulary: Collection[str]) -> Question | None:
        """The question with its unknown words put as words of `vocabulary` (lower case) one slip of the finger away.

        For words that no list has but stored questions do: samewsie → samewise. None when none is changed. The key of
        a text never depends on what is stored; this is another text.
        """
        words = _WORD.findall(question.text)
        lowered = [word.lower() for word in words]
        right = respell(lowered, vocabulary, question.language)
        changed = {word: new for word, old, new in zip(words, lowered, right, strict=True) if new != old}
        if not changed:
            return None
        found = self(_WORD.sub(lambda match: changed.get(match[0], match[0]), question.text))
        steps = tuple(Step(f"store.typo: {old} → {new}", old, new) for old, new in changed.items())
        return replace(found, steps=steps + found.steps)

    def is_chatter(self, text: str) -> bool:
        """Whether `text` only greets, thanks or says goodbye. Errors: as for a call."""
        sentences, lexicon = self._sentences(clean(check(text, self._max_chars)))
        return all(_only_chatter(sentence.tokens, lexicon) for sentence in sentences)

    def _sentences(self, cleaned: str) -> tuple[list[Sentence], Lexicon]:
        sentences = _meant(split(cleaned, self._case))
        tokens = [token for sentence in sentences for token in sentence.tokens]
        return sentences, self._lexicons[self._detector.detect(cleaned, tokens)]

    def _key(self, cleaned: str, sentences: list[Sentence], plain: list[Sentence], lexicon: Lexicon) -> str:
        """Never empty: a text that is all politeness keeps its words, and one without words its characters."""
        if looks_like_code(cleaned):
            return cleaned
        return signature(sentences, lexicon) or signature(plain, lexicon) or cleaned.lower()


def _meant(sentences: list[Sentence]) -> list[Sentence]:
    """Without the emoji and the laughter that stand alone behind a sentence, where anything else is said."""
    meant = [sentence for sentence in sentences if not is_decoration(sentence.tokens)]
    return meant or sentences


def _apply(passes: Sequence[Pass], sentences: Sequence[Sentence], lexicon: Lexicon, steps: list[Step]) -> None:
    for apply in passes:
        for sentence in sentences:
            if sentence.tokens:
                apply(sentence, lexicon, steps)


def _only_chatter(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    at = 0
    while at < len(tokens):
        phrase = lexicon.chatter.at(tokens, at)
        if phrase is None and tokens[at] not in {",", "~"}:
            return False
        at += len(phrase.before) if phrase else 1
    return bool(tokens)
