"""The words of one question, read once: it is compared with many. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from normalize.facts.stems import stem

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Words", "words_of"]

_KEPT = 20_000
_IN_TEXT = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_IN_KEY = re.compile(r"[^\s?.,!¿¡]+")
_JOINED = re.compile(r"(?<=[^\W\d_])[+:](?=[^\W\d_])")  # Russian keys join what belongs together: в+москва
_HANGUL = re.compile("[가-힣]+")
_PARTICLE = re.compile(r"(?<=[가-힣])(?:에서|에게|한테|으로|까지|부터|이|가|은|는|을|를|의|에|로|와|과|도|만)$")
_WITH_PARTICLE = re.compile(
    r"(.*?[가-힣a-z0-9])"
    r"(에서부터|으로부터|에게서|한테서|에서|에게|한테|으로|까지|부터|보다|이나|이랑|하고|은|는|이|가|을|를|의|에|로|와|과|도|만|랑|나)"
)
_ONE_PARTICLE = {
    "은": "는", "이": "가", "을": "를", "으로": "로", "과": "와", "이랑": "랑", "이나": "나",
    "한테": "에게", "한테서": "에게서",
}  # fmt: skip
"""After a vowel and after a consonant a particle has two forms."""
_UNSPLIT = frozenset(
    {"얼마나", "하나", "치과", "내과", "외과", "안과", "제도", "제로", "시도", "용도", "온도", "속도", "정도"}
)
_ONE_PERSON = {
    "me": "i", "my": "i-own", "us": "we", "our": "we-own", "him": "he", "his": "he-own", "her": "she", "them": "they",
    "their": "they-own", "меня": "я", "мне": "я", "мной": "я", "제": "저", "내": "나",
}  # fmt: skip
"""Who is meant, whatever part they have."""
_ARTICLES = {
    "en": frozenset({"a", "an", "the", "do", "does", "did"}),
    "es": frozenset({"el", "la", "los", "las", "un", "una", "unos", "unas"}),
    "pt": frozenset({"o", "a", "os", "as", "um", "uma", "uns", "umas"}),
}
_NONE: frozenset[str] = frozenset()
_PERSONS = {"i": "speaker", "we": "speaker", "me": "speaker", "us": "speaker", "you": "other"}
_EMPTY_WORDS = frozenset(
    """
    a an the do does did is are am was were be been i we you me it its there of for will would please so just also
    el la los las un una unos unas o os um uma umas
    에서 에게 한테 으로 까지 부터 이 가 은 는 을 를 의 에 로 와 과 도
    """.split()  # noqa: SIM905  (a text is easier to read and to extend)
)


@dataclass(frozen=True, slots=True)
class Words:
    """What comparisons of wording go by.

    Args:
        text: The words of the text in lower case, in its order.
        content: Those that say something, Korean ones without their particle.
        order: The same in the order of the text, repeats kept; `sorted_order` are they sorted.
        key: The words of the key that say something, in its order; `key_set` each once.
        key_order: The same, Korean ones without their particle; `sorted_key_order` are they sorted.
        letters: Of a Korean key each two letters that follow one another: its nouns are written together, 쿠폰사용방법.
        persons: Who acts, in the order of the text; empty unless both speaker and other do.
        parts: The words without their endings and without articles, in the order of the text, Korean particles apart
            from what they stand behind (달러, -로); `sorted_parts` are they sorted.
    """

    text: tuple[str, ...]
    content: frozenset[str]
    order: tuple[str, ...]
    sorted_order: tuple[str, ...]
    key: tuple[str, ...]
    key_set: frozenset[str]
    key_order: tuple[str, ...]
    sorted_key_order: tuple[str, ...]
    letters: frozenset[str]
    persons: tuple[str, ...]
    parts: tuple[str, ...]
    sorted_parts: tuple[str, ...]


def words_of(lower: str, key: str, language: str) -> Words:
    """Read a question: its text in lower case, its key and its language."""
    text = tuple(_IN_TEXT.findall(lower))
    key_words = tuple(word for word in _IN_KEY.findall(_JOINED.sub(" ", key)) if word not in _EMPTY_WORDS)
    order, key_order = _bare(text), _bare(key_words)
    parts = _parts(text, language)
    return Words(
        text=text,
        content=frozenset(map(_without_particle, text)) - _EMPTY_WORDS,
        order=order,
        sorted_order=tuple(sorted(order)),
        key=key_words,
        key_set=frozenset(key_words),
        key_order=key_order,
        sorted_key_order=tuple(sorted(key_order)),
        letters=_letters(key) if language == "ko" else frozenset(),
        persons=_persons(text),
        parts=parts,
        sorted_parts=tuple(sorted(parts)),
    )


@lru_cache(_KEPT)
def _without_particle(word: str) -> str:
    return _PARTICLE.sub("", word)


def _bare(words: Iterable[str]) -> tuple[str, ...]:
    # In Korean the particle goes with the place: 한국어에서 영어로 and 영어에서 한국어로 share no whole word.
    return tuple([_without_particle(word) for word in words if word not in _EMPTY_WORDS])


def _parts(words: Iterable[str], language: str) -> tuple[str, ...]:
    if language == "ko":
        return tuple([part for word in words for part in _noun_and_particle(word)])
    articles = _ARTICLES.get(language, _NONE)
    said = (_ONE_PERSON.get(word, word) for word in words if word not in articles)
    return tuple([stem(word, language) for word in said])


@lru_cache(_KEPT)
def _noun_and_particle(word: str) -> tuple[str, ...]:
    found = None if word in _UNSPLIT else _WITH_PARTICLE.fullmatch(word)
    if found is None:
        return (_ONE_PERSON.get(word, word),)
    return _ONE_PERSON.get(found[1], found[1]), f"-{_ONE_PARTICLE.get(found[2], found[2])}"


def _letters(key: str) -> frozenset[str]:
    letters = "".join(_HANGUL.findall(key))
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def _persons(words: Iterable[str]) -> tuple[str, ...]:
    order = tuple([_PERSONS[word] for word in words if word in _PERSONS])
    return order if len(set(order)) > 1 else ()
