"""Which days, months and times of day of two questions must agree, and how. Pure functions, symmetric.

What is of one kind must agree where both sides say it: Monday is not Tuesday, May is not June. A time of day may be
said without its half of the day (7:00, 19:00). The weekend is neither Saturday nor another day: questions of one
meaning say the one for the other as often as questions of two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

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
    for kind in (_MONTHS, _DAYS, _PARTS_OF_WEEK):
        if _differ(here & kind, there & kind):
            return f"dates differ: {_listed(asked)} asked, {_listed(stored)} stored"
    one, other = ({_of_half_a_day(minutes) for minutes in _times(side).values()} for side in (here, there))
    if _differ(one, other) or _differ(_others(here), _others(there)):
        return f"dates differ: {_listed(asked)} asked, {_listed(stored)} stored"
    return None


def lone_dates(asked: Compared, stored: Compared) -> str | None:
    """One that does not stand on the other side, a time of day in the same half of the day."""
    here, there = ({_times([one]).get(one, one) for one in side.facts.dates} for side in (asked, stored))
    if here == there:
        return None
    return f"dates on one side alone: {_listed(asked)} asked, {_listed(stored)} stored"


def _differ(one: Set[object], other: Set[object]) -> bool:
    return bool(one - other and other - one)


def _times(dates: Iterable[str]) -> dict[str, int]:
    """Those that are times of day, in minutes since midnight."""
    clocks = {one: found for one in dates if (found := _CLOCK.fullmatch(one))}
    named = {one: _NAMED_TIMES[one] for one in dates if one in _NAMED_TIMES}
    return {one: (60 * int(found[1]) + int(found[2])) % (2 * _HALF_DAY) for one, found in clocks.items()} | named


def _of_half_a_day(minutes: int) -> int:
    # Midnight is no noon, though 12 o'clock may be either.
    return minutes % _HALF_DAY if minutes else _MIDNIGHT


def _others(dates: Set[str]) -> Set[str]:
    return dates - _MONTHS - _DAYS - _PARTS_OF_WEEK - _times(dates).keys()


def _listed(side: Compared) -> str:
    return ", ".join(side.facts.dates) or "none"
