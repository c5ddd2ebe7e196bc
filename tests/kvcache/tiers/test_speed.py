"""The measured speed of a tier: it finds a line through what was measured and follows it when that changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.tiers.speed import Speed


def test_nothing_is_known_before_the_first_load() -> None:
    assert Speed().seconds(100) is None
    assert Speed().bytes_per_second is None


@given(
    st.floats(1e-5, 1e-2),
    st.floats(1e-10, 1e-7),
    st.lists(st.integers(1000, 10**7), min_size=2, max_size=20, unique=True),
)
def test_a_time_for_each_block_and_one_for_each_byte_are_told_apart(
    per_block: float, per_byte: float, sizes: list[int]
) -> None:
    speed = Speed()
    for size in (1000, 10**7, *sizes):
        speed.add(size, per_block + size * per_byte)
    assert speed.seconds(5 * 10**6) == pytest.approx(per_block + 5 * 10**6 * per_byte, rel=1e-3)


def test_loads_of_one_size_only_give_a_time_for_each_byte() -> None:
    speed = Speed()
    for _ in range(3):
        speed.add(1000, 0.5)
    assert speed.seconds(2000) == pytest.approx(1.0)
    assert speed.bytes_per_second == pytest.approx(2000.0)


def test_a_small_block_that_took_longer_than_a_large_one_never_makes_a_time_below_nothing() -> None:
    speed = Speed()
    speed.add(1000, 1.0)
    speed.add(10**6, 0.001)
    assert all((speed.seconds(size) or 0) > 0 for size in (1, 1000, 10**6, 10**9))


def test_it_follows_a_disk_that_becomes_slower() -> None:
    speed = Speed()
    for seconds in (1.0, 10.0):
        for _ in range(100):
            speed.add(10**6, seconds)
    assert speed.seconds(10**6) == pytest.approx(10.0, rel=0.1)
