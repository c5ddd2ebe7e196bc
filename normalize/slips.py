"""Slips of the finger: how one word becomes another by one wrong touch of the keyboard. Pure."""

from typing import Final

_VOWELS: Final = frozenset("aeiouáéíóúâêôãõаеиоуыэюя")
_KEYS: Final = ("qwertyuiop", "asdfghjklñç", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_CLIPPED: Final = ("er", "ed", "el", "en")  # names are made so: flickr, tumblr, wickd
_FIXED: Final = 2  # letters at the beginning
_LONG_ENOUGH: Final = 6
_LONG: Final = 7


def is_swap(typed: str, word: str) -> bool:
    """Whether two letters beside each other have changed places: delviery, delivery."""
    if len(typed) != len(word) or typed == word:
        return False
    at = next(i for i, (a, b) in enumerate(zip(typed, word, strict=True)) if a != b)
    return typed[at : at + 2] == word[at : at + 2][::-1] and typed[at + 2 :] == word[at + 2 :]


def is_doubling(typed: str, word: str) -> bool:
    """Whether one letter was typed twice, or one of two equal letters once: delivvery, adress."""
    longer, shorter = (typed, word) if len(typed) > len(word) else (word, typed)
    if len(longer) != len(shorter) + 1:
        return False
    at = _first_difference(longer, shorter)
    return at > 1 and longer[at] == longer[at - 1] and longer[at + 1 :] == shorter[at:]


def is_slip(typed: str, word: str) -> bool:
    """Whether a finger slipped from `word` to `typed`, which differ in one edit.

    Two letters have changed places, one is missing or doubled, a vowel or a neighbour on the keyboard stands for
    another. But for swaps only in long words, and not at their ends: there other words and names are made (studio and
    stdio, scan and scanf, plasma and plasmo, flicker and flickr).
    """
    if is_swap(typed, word) or (len(typed) >= _LONG_ENOUGH and is_doubling(typed, word)):
        return True
    at = _first_difference(typed, word)
    if at < _FIXED or len(typed) < _LONG or at >= len(word) - (len(typed) <= len(word)):
        return False
    if len(typed) < len(word):
        return len(word) > _LONG and not (word.endswith(_CLIPPED) and at == len(word) - 2)
    if len(typed) > len(word):
        return _are_neighbours(typed[at], typed[at - 1] + typed[at + 1])
    return {typed[at], word[at]} <= _VOWELS or _are_neighbours(typed[at], word[at])


def _first_difference(a: str, b: str) -> int:
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _are_neighbours(letter: str, others: str) -> bool:
    return any(
        letter in row and other in row and abs(row.index(letter) - row.index(other)) == 1
        for row in _KEYS
        for other in others
    )
