"""Which prefixes will be used next: those used most, lately, and at this time of day. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvcache.errors import ConfigError

__all__ = ["Use", "expected_uses", "predict"]

_HOUR = 3600.0
_DAY = 24 * _HOUR
#: A use of a week ago says half as much as one of today.
_HALF_LIFE = 7 * _DAY
#: How far around the hour in question a use on another day still speaks for it.
_SPREAD = 1.0 * _HOUR
#: The share of expectation that follows no time of day: what is used at all hours, or too rarely to show any.
_ANY_TIME = 0.1


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a prefix, at so many seconds since 1970."""

    at: float
    prefix: str


def expected_uses(log: Sequence[Use], now: float) -> dict[str, float]:
    """For each prefix in the log, a number that rises with the uses to be expected in the hour that begins now.

    Args:
        log: Uses in any order; those after `now` are passed over.
        now: Seconds since 1970.
    """
    weights = defaultdict[str, float](float)
    middle = now + _HOUR / 2
    for use in log:
        age = now - use.at
        if age < 0:
            continue
        away = abs((middle - use.at + _DAY / 2) % _DAY - _DAY / 2)  # on the clock's face, at most half a day
        at_this_time = math.exp(-0.5 * (away / _SPREAD) ** 2)
        weights[use.prefix] += 0.5 ** (age / _HALF_LIFE) * (_ANY_TIME + (1 - _ANY_TIME) * at_this_time)
    return dict(weights)


def predict(log: Sequence[Use], sizes: Mapping[str, int], *, max_bytes: int, now: float) -> list[str]:
    """The prefixes to have ready for the next hour, the most expected first.

    The time that a kept prefix saves grows with its size as what it takes does, so that the uses to be expected alone
    decide; one that does not fit any more is passed over for the next.

    Args:
        log: When which prefix was used.
        sizes: Bytes of each prefix that can be had; others are not chosen.
        max_bytes: What the chosen may take together.
        now: Seconds since 1970.

    Raises:
        ConfigError: A size is not positive.
    """
    wrong = next((name for name, size in sizes.items() if size <= 0), None)
    if wrong is not None:
        raise ConfigError(f"The size of {wrong!r} is {sizes[wrong]}; it must be at least 1 byte.")
    expected = expected_uses(log, now)
    chosen, left = list[str](), max_bytes
    for name in sorted(expected.keys() & sizes.keys(), key=lambda name: (-expected[name], name)):
        if sizes[name] <= left:
            chosen.append(name)
            left -= sizes[name]
    return chosen
