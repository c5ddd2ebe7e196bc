"""What is kept longest, and how much of a run is loaded: against sums written out."""

from __future__ import annotations

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.tiers.worth import quickest, rank, use

_HALF_LIFE = 100.0


def _uses_at(now: float, times: list[float]) -> float:
    return sum(2 ** ((time - now) / _HALF_LIFE) for time in times)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=8), st.floats(1000, 2000))
def test_one_number_stands_for_all_uses_and_their_age(times: list[float], now: float) -> None:
    used = None
    for time in times:
        used = use(used, time, _HALF_LIFE)
    assert used is not None
    assert 2 ** ((used - now) / _HALF_LIFE) == pytest.approx(_uses_at(now, times))


@given(
    st.lists(
        st.tuples(st.floats(0.001, 10), st.integers(1, 10**9), st.lists(st.floats(0, 500), min_size=1, max_size=4)),
        min_size=2,
        max_size=6,
    )
)
def test_ranks_order_blocks_by_seconds_saved_times_expected_uses_per_byte(
    blocks: list[tuple[float, int, list[float]]],
) -> None:
    ranks = []
    worths = []
    for seconds, size, times in blocks:
        used = None
        for time in times:
            used = use(used, time, _HALF_LIFE)
        assert used is not None
        ranks.append(rank(seconds, size, used, _HALF_LIFE))
        worths.append(math.log2(seconds * _uses_at(600, times) / size))
    shift = ranks[0] - worths[0]
    assert ranks == pytest.approx([worth + shift for worth in worths], abs=1e-6)


def test_a_block_that_took_no_time_has_a_rank_below_all_others() -> None:
    assert rank(0.0, 1, 0.0, _HALF_LIFE) < rank(1e-6, 1, 0.0, _HALF_LIFE)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), max_size=8))
def test_what_is_loaded_of_a_run_saves_at_least_as_much_as_any_other_part(costs: list[tuple[float, float]]) -> None:
    saved = [0.0, *accumulate(compute - load for compute, load in costs)]
    count = quickest(costs)
    assert saved[count] == max(saved)


def test_one_slow_block_does_not_keep_quick_ones_behind_it_from_being_loaded() -> None:
    assert quickest([(1.0, 1.5), (1.0, 0.1), (1.0, 5.0)]) == 2
    assert quickest([(1.0, 1.5), (1.0, 0.9)]) == 0
    assert quickest([]) == 0
