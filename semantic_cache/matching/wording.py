"""When two questions share most of their words, what they do not share is what they are about. Pure.

"How much is shipping to Japan?" and "How much is shipping from Japan?" lie nearer to each other (cosine 0.99) than
most paraphrases do. Paraphrases that normalization did not already make equal differ in most of their words, so a
small difference in wording is a difference in meaning until something better than a cosine says otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from semantic_cache.matching.compared import Compared

__all__ = ["content_words", "difference_in_wording"]

_SHARED_ENOUGH = 0.5
_WORD = re.compile(r"[^\s?.,!¿¡]+")
_JOINED = re.compile(r"(?<=[^\W\d_])[+:](?=[^\W\d_])")  # Russian keys join what belongs together: в+москва
_HANGUL = re.compile("[가-힣]+")
_PARTICLE = re.compile(r"(?<=[가-힣])(?:에서|에게|한테|으로|까지|부터|이|가|은|는|을|를|의|에|로|와|과|도|만)$")
_PERSONS = {"i": "speaker", "we": "speaker", "me": "speaker", "us": "speaker", "you": "other"}
_EMPTY_WORDS = frozenset(
    """
    a an the do does did is are am was were be been i we you me it its there of for will would please so just also
    el la los las un una unos unas o os um uma umas
    에서 에게 한테 으로 까지 부터 이 가 은 는 을 를 의 에 로 와 과 도
    """.split()  # noqa: SIM905  (a text is easier to read and to extend)
)


def difference_in_wording(asked: Compared, stored: Compared) -> str | None:
    """Why two questions whose keys share at least half of their words are not the same, or None.

    Words are compared without articles, pronouns and auxiliaries. The same words in another order count as a
    difference: from A to B is not from B to A. The order is that of the key, where free order is gone, and that of the
    text, where a key may have lost it.
    """
    mine, other = _words(asked.key), _words(stored.key)
    here, there = set(mine), set(other)
    if (here == there and mine != other) or _moved(asked.words, stored.words) or _moved(mine, other):
        return "the same words stand in another order"
    if here == there:
        return "other persons act" if _persons(asked.words) != _persons(stored.words) else None
    if (
        max(_share(here, there), _share(*_spoken(asked, stored)), _share(_pairs(asked), _pairs(stored)))
        < _SHARED_ENOUGH
    ):
        return None
    return f"nearly the same words, but {_listed(here - there)} asked, {_listed(there - here)} stored"


def content_words(side: Compared) -> Set[str]:
    """The words as they were typed, without those that say little, Korean ones without their particle."""
    return {_PARTICLE.sub("", word) for word in side.words} - _EMPTY_WORDS


def _share(here: Set[str], there: Set[str]) -> float:
    return len(here & there) / max(len(here), len(there), 1)


def _spoken(asked: Compared, stored: Compared) -> tuple[Set[str], Set[str]]:
    return content_words(asked), content_words(stored)


def _pairs(one: Compared) -> Set[str]:
    """Of a Korean key each two letters that follow one another: its nouns are written together, 쿠폰사용방법."""
    letters = "".join(_HANGUL.findall(one.key)) if one.language == "ko" else ""
    return {letters[at : at + 2] for at in range(len(letters) - 1)}


def _moved(asked: Iterable[str], stored: Iterable[str]) -> bool:
    # In Korean the particle goes with the place: 한국어에서 영어로 and 영어에서 한국어로 share no whole word.
    here, there = ([_PARTICLE.sub("", word) for word in words if word not in _EMPTY_WORDS] for words in (asked, stored))
    return here != there and sorted(here) == sorted(there)


def _persons(words: Iterable[str]) -> list[str]:
    # "Can I call you?" is not "Can you call me?": who comes first matters once all other words are equal.
    order = [_PERSONS[word] for word in words if word in _PERSONS]
    return order if len(set(order)) > 1 else []


def _words(key: str) -> list[str]:
    return [word for word in _WORD.findall(_JOINED.sub(" ", key)) if word not in _EMPTY_WORDS]


def _listed(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
