"""Which numbers of two questions must agree, and how. Pure functions, symmetric.

A counted number (3, $5, 25도) or one inside a name (COVID-19, F-16) must agree where both sides have one of the same
thing: 3 days are not 7, F-16 is not F-35, and 2 weeks are 14 days. Of no unit may each side hold what the other does
not: 7 days are not 3 days for 7 people. A side without one may have said it otherwise, or left out what makes no
difference: in families of close questions a number on one side alone stands as often between wordings of one meaning
as between two, and so do numbers of different things.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Final

from semantic_cache.matching.compared import Compared

__all__ = ["lone_numbers", "numbers_differ"]

_COUNTED = re.compile(r"([-+]?)((?:us|ca|au|hk|r)?[$€£₩₽¥₹])?([-+]?\d[\d.,:]*)(.*)", re.IGNORECASE | re.DOTALL)
_ORDINALS = re.compile("st|nd|rd|th|[oaºª]")
_ORDINAL = "th"
"""The unit of every ordinal."""
_ABOUT = 0.1
"""How far apart the same time may be in days, weeks and months."""
_DAYS = frozenset({"day", "일", "week", "주"})
_MONTHS = frozenset({"month", "개월", "year", "년"})
_MOST_DIGITS = 16
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "time": {
        "second": 1, "sec": 1, "초": 1, "min": 60, "분": 60, "h": 3600, "hour": 3600, "시간": 3600,
        "day": 86_400, "일": 86_400, "week": 604_800, "주": 604_800,
        "month": 2_629_800, "개월": 2_629_800, "year": 31_557_600, "년": 31_557_600,
    },
    "length": {
        "mm": 0.001, "cm": 0.01, "m": 1, "km": 1000, "inch": 0.0254,
        "밀리미터": 0.001, "센티미터": 0.01, "센티": 0.01, "센치": 0.01, "미터": 1, "킬로미터": 1000,
    },
    "mass": {"mg": 0.001, "g": 1, "gram": 1, "kg": 1000, "밀리그램": 0.001, "그램": 1, "킬로그램": 1000},
    "volume": {"ml": 1, "liter": 1000, "밀리리터": 1, "리터": 1000},
    "data": {"kb": 0.001, "mb": 1, "gb": 1000, "tb": 1_000_000},
}  # fmt: skip
_MEASURES = {unit: (name, factor) for name, units in _UNITS.items() for unit, factor in units.items()}
"""Unit → what it measures, and how much of it."""
_HANGUL = re.compile("[가-힣]")
_KOREAN_UNIT = re.compile(
    "킬로미터|센티미터|밀리미터|밀리리터|킬로그램|밀리그램|센티|센치|미터|리터|그램|큰술|작은술|스푼|학년|학기|페이지|"
    "개월|주년|시간|퍼센트|프로|컵|사람|마리|켤레|살|년|월|주|일|분|초|명|개|번|달|잔|권|층|호|차|도|원|위|대|인|장|병|벌|세|박|평|점|회|통"
)
_PARTICLE = re.compile("에서|에게|으로|까지|부터|에|의|은|는|을|를|로|이|가|와|과|만")
_NAME_AND_PARTICLE = re.compile(rf"([^\W\d_].*\d)(?!만)(?:{_PARTICLE.pattern})$")  # 최대10만 is a hundred thousand
_MULTIPLIERS = {"천": 1000, "만": 10_000, "억": 100_000_000}
_ONE_UNIT = {"퍼센트": "%", "프로": "%", "세": "살", "인": "명", "사람": "명", "달": "개월", "주년": "년"}
_ONE = "1"
# Spanish and Portuguese keys hold no 1: it is their article.
_ONES = frozenset(["one", "один", "одна", "одно", "одну", "одного", "одной", "одному", "одним", "하나", "한"])
_TIMES = {"once": "1 time", "twice": "2 times", "thrice": "3 times", "дважды": "2 раза", "трижды": "3 раза"}
_KOREAN_COUNT = re.compile(r"([가-힣]+?)(\d+|하나|한)(?:개|명|장|대|잔|권|병|번|마리|벌)?(?:-.*)?")
_DATE = re.compile(r"(?:\d{4}|-)-\d{2}(?:-\d{2})?")
_LETTERS = re.compile(r"[\W\d_가-힣]+")
_NAMED = re.compile(r"[^\W\d_가-힣]")  # Korean writes words and numbers together: 이별6일차 is no name

Amount = tuple[str, str]
"""Digits with their sign, and the unit or money; an empty unit is one that normalization did not see."""


def numbers_differ(asked: Compared, stored: Compared) -> str | None:
    """Amounts of one thing on both sides of which some contradict, names whose numbers are others, or two numbers that
    change places: 3 adults and 2 children, 2 adults and 3 children."""
    here, there = _bare(asked.facts.numbers), _bare(stored.facts.numbers)
    if (here or there) and (crossed := _crossed(_counts(asked), _counts(stored))):
        return f"numbers differ: {crossed[0]} asked, {crossed[1]} stored"
    if here == there:
        return None
    if not _named_otherwise(here, there) and not _contradict(_amounts(here), _amounts(there)):
        return None
    return f"numbers differ: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"


def lone_numbers(asked: Compared, stored: Compared) -> str | None:
    """A number that does not stand on the other side: there is none, or they cannot be compared."""
    here, there = _bare(asked.facts.numbers), _bare(stored.facts.numbers)
    if here == there:
        return None
    left, right = _unmatched(*_unmatched(_amounts(here), _amounts(there), _are_equal), _says_less)
    if set(_named(here)) == set(_named(there)) and not left and not right:
        return None
    return f"a number stands on one side alone: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"


def _bare(numbers: Iterable[str]) -> list[str]:
    """Names with a number without the Korean particle behind it: PS5에, 정부24를."""
    return [one if _COUNTED.fullmatch(one) else _NAME_AND_PARTICLE.sub(r"\1", one) for one in numbers]


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


def _named_otherwise(here: Iterable[str], there: Iterable[str]) -> bool:
    """Whether of names on one side alone two differ in their numbers only: F-16 and F-35, but not PS5 and HDMI2."""
    mine, other = set(_named(here)), set(_named(there))
    letters = {_LETTERS.sub("", name) for name in mine - other}
    return any(_LETTERS.sub("", name) in letters for name in other - mine)


def _amounts(numbers: Iterable[str]) -> list[Amount]:
    return [_amount(one) for one in numbers if not _named((one,))]


def _unmatched(
    here: Sequence[Amount], there: Sequence[Amount], fits: Callable[[Amount, Amount], bool]
) -> tuple[list[Amount], list[Amount]]:
    """Of each side, the amounts that do not find their own on the other, those with a unit first."""
    left: list[Amount] = []
    right = list((Counter(there) - Counter(here)).elements())
    for one in sorted((Counter(here) - Counter(there)).elements(), key=lambda amount: not amount[1]):
        fitting = next((other for other in right if fits(one, other)), None)
        if fitting is None:
            left.append(one)
        else:
            right.remove(fitting)
    return left, right


def _contradict(here: Sequence[Amount], there: Sequence[Amount]) -> bool:
    """Whether two amounts measure one thing otherwise: 3 days and 7 days, the 2nd and the 3rd, 2 weeks and a year.
    Amounts of things that cannot be compared may be two ways to say one: a thousand bucks off, half of it."""
    left, right = _unmatched(here, there, _are_one)
    if any(one and other and _dimension(one) == _dimension(other) for _, one in left for _, other in right):
        return True
    left, right = _unmatched(left, right, _may_be_one)
    return bool(left) and len(left) == len(right) and not any(unit for _, unit in (*left, *right))


def _are_one(one: Amount, other: Amount) -> bool:
    return _are_equal(one, other) or _are_about_one(one, other)


def _are_equal(one: Amount, other: Amount) -> bool:
    (digits, unit), (others, another) = one, other
    if unit == another:
        return digits == others
    return _dimension(unit) == _dimension(another) and math.isclose(_measured(one), _measured(other))


def _are_about_one(one: Amount, other: Amount) -> bool:
    """4 weeks and a month, 15 days and 2 weeks; but not 11 months and a year."""
    units = {one[1], other[1]}
    calendar = len(units) > 1 and units <= _DAYS | _MONTHS and not units <= _MONTHS
    return calendar and math.isclose(_measured(one), _measured(other), rel_tol=_ABOUT)


def _says_less(one: Amount, other: Amount) -> bool:
    """A unit that is a word may have been missed on one side; a sign is never missed."""
    (digits, unit), (others, another) = one, other
    return digits == others and not (unit and another) and (unit + another).isalpha() and unit + another != _ORDINAL


def _may_be_one(one: Amount, other: Amount) -> bool:
    """£5 may be a 5; the second one is number two; and '21 is 2021."""
    (digits, unit), (others, another) = one, other
    if digits == others:
        return not (unit and another) or _ORDINAL in (unit, another)
    return not unit and not another and _one_year(digits, others)


def _one_year(one: str, other: str) -> bool:
    """2021 and 21."""
    short, long = sorted((one, other), key=len)
    return len(short) == len("21") and _YEAR.fullmatch(long) is not None and long.endswith(short)


def _dimension(unit: str) -> str:
    """What a unit measures: the time of days and weeks; of a unit without others the unit itself."""
    return _MEASURES[unit][0] if unit in _MEASURES else unit


def _measured(amount: Amount) -> float:
    digits, unit = amount
    try:
        return float(digits.replace(",", ".")) * _MEASURES[unit][1]
    except ValueError:  # 1.2.3
        return math.nan


def _amount(number: str) -> Amount:
    if _DATE.fullmatch(number):
        return number, "date"
    found = _COUNTED.fullmatch(number)
    sign, money, digits, rest = found.groups() if found is not None else ("", "", number, "")
    digits = digits.rstrip(".,:")
    if digits.isdecimal() and len(digits) < _MOST_DIGITS and rest[:1] in _MULTIPLIERS:
        digits, rest = str(int(digits) * _MULTIPLIERS[rest[0]]), rest[1:]
    if _ORDINALS.fullmatch(rest):
        return sign + digits, _ORDINAL
    return sign + digits, (money or "").lower() + _unit(rest)


def _unit(rest: str) -> str:
    """What follows the digits, of Korean only the unit: 25도로 and 25도 are one, and 2400에서 has a particle alone."""
    latin = _HANGUL.split(rest, maxsplit=1)[0]
    hangul = rest[len(latin) :]
    unit = _KOREAN_UNIT.match(hangul)
    if latin or _PARTICLE.match(hangul):
        return latin if unit is None or latin else _ONE_UNIT.get(unit[0], unit[0])
    return _ONE_UNIT.get(unit[0], unit[0]) if unit is not None else hangul
