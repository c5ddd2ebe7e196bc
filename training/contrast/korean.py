"""Korean particles, whose form depends on whether the word before them ends in a consonant.

Templates write both forms, ``{card}을/를``; :func:`settle_particles` keeps the right one.
"""

from __future__ import annotations

import re

# The Korean names of digits and Latin letters: what the particle follows when the word is read aloud.
_DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_LETTERS = {"l": "엘", "m": "엠", "n": "엔", "r": "알"}
_WORDS = {"git": "깃", "excel": "셀", "word": "드", "wifi": "이", "usb": "비", "pdf": "프", "iphone": "폰"}
_PAIRS = (
    "은/는",
    "이/가",
    "을/를",
    "과/와",
    "으로/로",
    "이나/나",
    "이랑/랑",
    "이에요/예요",
    "이야/야",
    "이라/라",
    "아/야",
)
_MARK = re.compile(r"(\S)(" + "|".join(sorted(_PAIRS, key=len, reverse=True)) + ")")
_LATIN_TAIL = re.compile(r"[A-Za-z]+$")
_HANGUL = range(0xAC00, 0xD7A4)
_RIEUL = 8


def final_consonant(word: str) -> int:
    """The index of the last syllable's final consonant as it is read in Korean; 0 where it ends in a vowel."""
    latin = _LATIN_TAIL.search(word)
    if latin:
        return _latin_final(latin.group())
    last = _DIGITS.get(word[-1], word[-1])
    return (ord(last) - _HANGUL.start) % 28 if ord(last) in _HANGUL else 0


def _latin_final(word: str) -> int:
    lower = word.lower()
    if lower in _WORDS:
        return final_consonant(_WORDS[lower])
    last = lower[-1]
    if word.isupper():
        return final_consonant(_LETTERS[last]) if last in _LETTERS else 0
    return {"l": _RIEUL, "m": 16, "n": 4, "k": 1, "p": 17, "b": 17, "g": 21}.get(last, 0)


def with_particle(word: str, particle: str) -> str:
    """``word`` with the right half of a particle pair such as ``은/는``."""
    closed, opened = particle.split("/")
    final = final_consonant(word)
    if particle == "으로/로" and final == _RIEUL:
        return word + opened
    return word + (closed if final else opened)


def settle_particles(text: str) -> str:
    """``text`` with each pair of forms replaced by the form that fits the word before it."""
    while match := _MARK.search(text):
        head = text[: match.start(2)]
        word = re.split(r"\s", head)[-1]
        text = head + with_particle(word, match.group(2))[len(word) :] + text[match.end() :]
    return text
