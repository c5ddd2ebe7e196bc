"""Which numbers of two questions must agree, and how. Pure functions, symmetric.

A counted number (3, $5, 25도) or one inside a name (COVID-19, F-16) must agree where both sides have one: 3 days are
not 7, F-16 is not F-35. Of the side that has fewer, each must stand on the other, and of no unit may each side hold
what the other does not: 7 days are not 3 days for 7 people. A side without one may have said it otherwise, or left out
what makes no difference: in families of close questions a number on one side alone stands as often between wordings of
one meaning as between two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

from semantic_cache.matching.compared import Compared

__all__ = ["lone_numbers", "numbers_differ"]

_COUNTED = re.compile(r"([-+]?)((?:us|ca|au|hk|r)?[$€£₩₽¥₹])?([-+]?\d[\d.,:]*)(.*)", re.IGNORECASE | re.DOTALL)
_ORDINAL = re.compile("st|nd|rd|th")
_HANGUL = re.compile("[가-힣]")
_KOREAN_UNIT = re.compile(
    "개월|시간|퍼센트|프로|사람|마리|켤레|살|년|월|주|일|분|초|명|개|번|달|잔|권|층|호|차|도|원|위|대|인|장|병|벌|세|박|평|점|회|통"
)
_PARTICLE = re.compile("에서|에게|으로|까지|부터|에|의|은|는|을|를|로|이|가|와|과|만")
_MULTIPLIERS = {"천": 1000, "만": 10_000, "억": 100_000_000}
_ONE_UNIT = {"퍼센트": "%", "프로": "%", "세": "살", "인": "명", "사람": "명", "달": "개월"}
_ONE = "1"
# Spanish and Portuguese keys hold no 1: it is their article.
_ONES = frozenset(["one", "один", "одна", "одно", "одну", "одного", "одной", "одному", "одним", "하나", "한"])
_TIMES = {"once": "1 time", "twice": "2 times", "thrice": "3 times", "дважды": "2 раза", "трижды": "3 раза"}
_KOREAN_COUNT = re.compile(r"([가-힣]+?)(\d+|하나|한)(?:개|명|장|대|잔|권|병|번|마리|벌)?(?:-.*)?")
_NAMED = re.compile(r"[^\W\d_가-힣]")  # Korean writes words and numbers together: 이별6일차 is no name

Amount = tuple[str, str]
"""Digits with their sign, and the unit or money; an empty unit is one that normalization did not see."""


def numbers_differ(asked: Compared, stored: Compared) -> str | None:
    """Counted numbers on both sides of which some contradict, names whose numbers are others, or two numbers that
    change places: 3 adults and 2 children, 2 adults and 3 children."""
    here, there = asked.facts.numbers, stored.facts.numbers
    if (here or there) and (crossed := _crossed(_counts(asked), _counts(stored))):
        return f"numbers differ: {crossed[0]} asked, {crossed[1]} stored"
    if here == there:
        return None
    mine, other = set(_named(here)), set(_named(there))
    named_otherwise = mine and other and not (mine <= other or other <= mine)
    if not named_otherwise and _held(*sorted((_amounts(here), _amounts(there)), key=len)):
        return None
    return f"numbers differ: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"


def lone_numbers(asked: Compared, stored: Compared) -> str | None:
    """Numbers on one side alone."""
    here, there = asked.facts.numbers, stored.facts.numbers
    if here == there:
        return None
    if set(_named(here)) == set(_named(there)) and len(_amounts(here)) == len(_amounts(there)):
        return None
    return f"a number stands on one side alone: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"


def _counts(side: Compared) -> list[tuple[str, str]]:
    """Numbers with the word that they count: the one behind them, in Korean the one before."""
    words = re.split(r"[\s+]+", side.key)
    if side.language == "ko":
        found = [match for word in words if (match := _KOREAN_COUNT.fullmatch(word))]
        return [(_ONE if match[2] in _ONES else match[2], match[1]) for match in found]
    said = (part for word in words for part in _TIMES.get(word, word).split())
    numbers = [_ONE if word in _ONES else word for word in said]
    return [(one, word) for one, word in pairwise(numbers) if one.isdecimal() and not word.isdecimal()]


def _crossed(here: Sequence[tuple[str, str]], there: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Two counts of which the other side has each number with the other's word."""
    for (one, word), (other, another) in combinations(here, 2):
        if one == other or _alike(word, another):
            continue
        first = any(number == other and _alike(word, said) for number, said in there)
        second = any(number == one and _alike(another, said) for number, said in there)
        if first and second:
            return f"{one} {word}, {other} {another}", f"{other} {word}, {one} {another}"
    return None


def _alike(one: str, other: str) -> bool:
    # Inflections differ at the end: купон, купона; заказу, заказам.
    return one[:4] == other[:4]


def _named(numbers: Iterable[str]) -> list[str]:
    return [one for one in numbers if _NAMED.match(one) and _COUNTED.fullmatch(one) is None]


def _amounts(numbers: Iterable[str]) -> list[Amount]:
    return [_amount(one) for one in numbers if not _named((one,))]


def _held(fewer: Sequence[Amount], more: Sequence[Amount]) -> bool:
    """Whether each amount finds its own on the other side, those with a unit first, and no unit is left on both."""
    units = [{unit for _, unit in Counter(one) - Counter(other)} for one, other in ((fewer, more), (more, fewer))]
    if (units[0] & units[1]) - {""}:
        return False
    left = list(more)
    for digits, unit in sorted(fewer, key=lambda one: not one[1]):
        fitting = [one for one in left if one[0] == digits and _fit(one[1], unit)]
        if not fitting:
            return False
        left.remove(min(fitting, key=lambda one: one[1] != unit))
    return True


def _fit(one: str, other: str) -> bool:
    # A unit that is a word may have been missed on one side; a sign is never missed.
    return one == other or (not (one and other) and (one + other).isalpha())


def _amount(number: str) -> Amount:
    found = _COUNTED.fullmatch(number)
    sign, money, digits, rest = found.groups() if found is not None else ("", "", number, "")
    digits = digits.rstrip(".,:")
    if digits.isdecimal() and rest[:1] in _MULTIPLIERS:
        digits, rest = str(int(digits) * _MULTIPLIERS[rest[0]]), rest[1:]
    if _ORDINAL.fullmatch(rest):
        return sign + digits + rest, ""
    return sign + digits, (money or "").lower() + _unit(rest)


def _unit(rest: str) -> str:
    """What follows the digits, of Korean only the unit: 25도로 and 25도 are one, and 2400에서 has a particle alone."""
    latin = _HANGUL.split(rest, maxsplit=1)[0]
    hangul = rest[len(latin) :]
    unit = _KOREAN_UNIT.match(hangul)
    if latin or _PARTICLE.match(hangul):
        return latin if unit is None or latin else _ONE_UNIT.get(unit[0], unit[0])
    return _ONE_UNIT.get(unit[0], unit[0]) if unit is not None else hangul
