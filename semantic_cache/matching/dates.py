"""Which days, months and times of day of two questions must agree, and how. Pure functions, symmetric.

What is of one kind must agree where both sides say it: Monday is not Tuesday, May is not June. A time of day may be
said without its half of the day (7:00, 19:00). The weekend is neither Saturday nor another day: questions of one
meaning say the one for the other as often as questions of two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from semantic_cache.matching.compared import Compared

__all__ = ["dates_differ", "lone_dates"]

_MONTHS = frozenset(
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())  # noqa: SIM905
_PARTS_OF_WEEK = frozenset({"weekend", "weekday"})
_NAMED_TIMES = {"noon": 12 * 60, "midnight": 0}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_HALF_DAY = 12 * 60
_MIDNIGHT = -1


def dates_differ(asked: Compared, stored: Compared) -> str | None:
    """Of one kind each side has one that the other has not: two months, days of the week, times of day, dates."""
    here, there = set(asked.facts.dates), set(stored.facts.dates)
    if not here or not there or here == there:
        return None
    if not any(one - other and other - one for one, other in zip(_kinds(here), _kinds(there), strict=True)):
        return None
    return f"dates differ: {_listed(asked)} asked, {_listed(stored)} stored"


def lone_dates(asked: Compared, stored: Compared) -> str | None:
    """One that does not stand on the other side, a time of day in the same half of the day."""
    if _said(asked.facts.dates) == _said(stored.facts.dates):
        return None
    return f"dates on one side alone: {_listed(asked)} asked, {_listed(stored)} stored"


def two_dates(asked: Compared, stored: Compared) -> str | None:
    """One on either side that the other does not say: at 7 am, at 7 pm; on Saturday, at the weekend."""
    here, there = _said(asked.facts.dates), _said(stored.facts.dates)
    return lone_dates(asked, stored) if here - there and there - here else None


def _said(dates: Iterable[str]) -> Set[str | int]:
    """Each, times of day in minutes: 7:00 and 07:00, noon and 12:00 are one."""
    times = _times(dates)
    return {times.get(one, one) for one in dates}


def _kinds(dates: Set[str]) -> Iterator[Set[str | int]]:
    """What can be compared: months, days, parts of the week, times of either half of the day, and all others."""
    times = _times(dates)
    yield from (dates & kind for kind in (_MONTHS, _DAYS, _PARTS_OF_WEEK))
    yield {_of_half_a_day(minutes) for minutes in times.values()}
    yield dates - _MONTHS - _DAYS - _PARTS_OF_WEEK - times.keys()


def _times(dates: Iterable[str]) -> dict[str, int]:
    """Those that are times of day, in minutes since midnight."""
    clocks = {one: found for one in dates if (found := _CLOCK.fullmatch(one))}
    named = {one: _NAMED_TIMES[one] for one in dates if one in _NAMED_TIMES}
    return {one: (60 * int(found[1]) + int(found[2])) % (2 * _HALF_DAY) for one, found in clocks.items()} | named


def _of_half_a_day(minutes: int) -> int:
    # Midnight is no noon, though 12 o'clock may be either.
    return minutes % _HALF_DAY if minutes else _MIDNIGHT


def _listed(side: Compared) -> str:
    return ", ".join(side.facts.dates) or "none"
