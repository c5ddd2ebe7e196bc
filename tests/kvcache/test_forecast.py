"""What will be used next, on days and prefixes that nothing was tuned on."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache import ConfigError
from kvcache.forecast import Use, expected_uses, predict

_HOUR, _DAY = 3600.0, 86400.0
_PREFIXES = [f"p{index}" for index in range(30)]
_ROOM = 5  # prefixes of one byte


def _days(seed: int, days: int) -> list[Use]:
    """Two weeks of an office: each prefix has an hour of its own, a popularity, and some uses at any time."""
    draw = random.Random(seed)
    peaks = {name: draw.uniform(0, 24) for name in _PREFIXES}
    log = []
    for day in range(days):
        for rank, name in enumerate(_PREFIXES, start=1):
            for _ in range(round(draw.expovariate(rank / 60))):
                hour = draw.gauss(peaks[name], 1.5) if draw.random() < 0.8 else draw.uniform(0, 24)
                log.append(Use(day * _DAY + hour % 24 * _HOUR, name))
    return log


def _shares(seed: int) -> tuple[float, float, float]:
    """Of the uses in each hour of the fifteenth day: the share predicted, had by popularity alone, and had at best."""
    log, first = _days(seed, 15), 14 * _DAY
    sizes = dict.fromkeys(_PREFIXES, 1)
    hits = [0, 0, 0]
    total = 0
    for hour in range(24):
        now = first + hour * _HOUR
        seen = [use for use in log if use.at < now]
        coming = Counter(use.prefix for use in log if now <= use.at < now + _HOUR)
        most_used = [name for name, _ in Counter(use.prefix for use in seen).most_common(_ROOM)]
        best = [name for name, _ in coming.most_common(_ROOM)]
        for index, chosen in enumerate((predict(seen, sizes, max_bytes=_ROOM, now=now), most_used, best)):
            hits[index] += sum(coming[name] for name in chosen)
        total += coming.total()
    return hits[0] / total, hits[1] / total, hits[2] / total


def test_the_time_of_day_foretells_more_than_popularity_alone() -> None:
    shares = [_shares(seed) for seed in range(8)]
    predicted, popular, best = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    assert popular + 0.1 < predicted < best
    assert all(mine > theirs for mine, theirs, _ in shares)


def test_what_is_used_every_morning_is_expected_in_the_morning_and_not_at_night() -> None:
    morning = [Use(day * _DAY + 9 * _HOUR + 60 * minute, "report") for day in range(5) for minute in range(3)]
    always = [Use(day * _DAY + hour * _HOUR, "help") for day in range(5) for hour in range(0, 24, 2)]
    sizes = {"report": 1, "help": 1}
    assert predict([*morning, *always], sizes, max_bytes=1, now=5 * _DAY + 9 * _HOUR) == ["report"]
    assert predict([*morning, *always], sizes, max_bytes=1, now=5 * _DAY + 21 * _HOUR) == ["help"]


def test_midnight_is_near_both_its_sides() -> None:
    late = [Use(day * _DAY + 23.75 * _HOUR, "late") for day in range(3)]
    expected = [expected_uses(late, 3 * _DAY + hour * _HOUR)["late"] for hour in (0.25, 12)]
    assert expected[0] > 5 * expected[1]


def test_uses_fade_and_those_to_come_do_not_count() -> None:
    old, new = Use(0.0, "old"), Use(14 * _DAY, "new")
    expected = expected_uses([old, new, Use(99 * _DAY, "later")], 14 * _DAY)
    assert set(expected) == {"old", "new"}
    assert expected["new"] / expected["old"] == pytest.approx(4.0)


@given(
    st.lists(st.tuples(st.floats(0, 30 * _DAY), st.sampled_from(_PREFIXES)), max_size=40),
    st.dictionaries(st.sampled_from(_PREFIXES), st.integers(1, 50), max_size=20),
    st.integers(0, 200),
)
def test_the_chosen_fit_are_known_and_nothing_that_fits_was_left_for_less(
    uses: list[tuple[float, str]], sizes: dict[str, int], max_bytes: int
) -> None:
    log = [Use(at, name) for at, name in uses]
    chosen = predict(log, sizes, max_bytes=max_bytes, now=31 * _DAY)
    expected = expected_uses(log, 31 * _DAY)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= sizes.keys() & expected.keys()
    assert sum(sizes[name] for name in chosen) <= max_bytes
    assert [expected[name] for name in chosen] == sorted((expected[name] for name in chosen), reverse=True)
    free = max_bytes - sum(sizes[name] for name in chosen)
    left = (expected.keys() & sizes.keys()) - set(chosen)
    assert all(sizes[name] > free for name in left)


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="size of 'a' is 0"):
        predict([Use(0.0, "a")], {"a": 0}, max_bytes=1, now=math.pi)
