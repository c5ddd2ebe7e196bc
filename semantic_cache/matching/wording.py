"""When two questions share most of their words, what they do not share is what they are about. Pure.

"How much is shipping to Japan?" and "How much is shipping from Japan?" lie nearer to each other (cosine 0.99) than
most paraphrases do. Paraphrases that normalization did not already make equal differ in most of their words, so a
small difference in wording is a difference in meaning until something better than a cosine says otherwise.
"""

from __future__ import annotations

import re

__all__ = ["difference_in_wording"]

_SHARED_ENOUGH = 0.5
_WORD = re.compile(r"[^\s?.,!¿¡]+")
_PARTICLE = re.compile(r"(?<=[가-힣])(?:에서|에게|한테|으로|까지|부터|이|가|은|는|을|를|의|에|로|와|과|도|만)$")
_PERSONS = {"i": "speaker", "we": "speaker", "me": "speaker", "us": "speaker", "you": "other"}
_EMPTY_WORDS = frozenset(
    """
    a an the do does did is are am was were be been i we you me it its there of for will would please so just also
    el la los las un una unos unas o os um uma uns umas
    """.split()  # noqa: SIM905  (a text is easier to read and to extend)
)


def difference_in_wording(asked_key: str, stored_key: str) -> str | None:
    """Why two keys that share at least half of their words are not the same question, or None.

    Words are compared without articles, pronouns and auxiliaries. The same words in another order count as a
    difference: from A to B is not from B to A.
    """
    asked, stored = _words(asked_key), _words(stored_key)
    here, there = set(asked), set(stored)
    if here == there:
        if asked != stored:
            return "the same words stand in another order"
        return "other persons act" if _persons(asked_key) != _persons(stored_key) else None
    if _moved(asked, stored):
        return "the same words stand in another order"
    share = len(here & there) / max(len(here), len(there))
    if share < _SHARED_ENOUGH:
        return None
    return f"nearly the same words, but {_listed(here - there)} asked, {_listed(there - here)} stored"


def _moved(asked: list[str], stored: list[str]) -> bool:
    # In Korean the particle goes with the place: 한국어에서 영어로 and 영어에서 한국어로 share no whole word.
    here, there = ([_PARTICLE.sub("", word) for word in words] for words in (asked, stored))
    return here != there and sorted(here) == sorted(there)


def _persons(key: str) -> list[str]:
    # "Can I call you?" is not "Can you call me?": who comes first matters once all other words are equal.
    order = [_PERSONS[word] for word in _WORD.findall(key) if word in _PERSONS]
    return order if len(set(order)) > 1 else []


def _words(key: str) -> list[str]:
    return [word for word in _WORD.findall(key) if word not in _EMPTY_WORDS]


def _listed(words: set[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
