"""Positions, times and lookback of breakpoints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache import Breakpoint, Breakpoints, PromptError

_POSITIONS = st.lists(st.integers(1, 60), unique=True, max_size=12).map(sorted).map(tuple)


@given(marks=_POSITIONS, ends=_POSITIONS, lookback=st.integers(1, 8))
def test_each_breakpoint_walks_back_over_so_many_content_blocks_its_own_counted(
    marks: tuple[int, ...], ends: tuple[int, ...], lookback: int
) -> None:
    points = Breakpoints(tuple(map(Breakpoint, marks)), ends)
    expected = set(marks)
    for mark in marks:
        expected |= set([end for end in ends if end < mark][::-1][: lookback - 1])
    assert points.within_lookback(lookback) == expected
    assert points.cuts == tuple(sorted({*marks, *ends}))


def test_a_block_stays_as_long_as_the_longest_breakpoint_at_or_behind_it_says() -> None:
    points = Breakpoints((Breakpoint(10, 3600.0), Breakpoint(20)))
    assert [points.idle_seconds(end, 300.0) for end in (5, 10, 11, 20, 21)] == [3600.0, 3600.0, 300.0, 300.0, 300.0]
    assert points.idle_seconds(11, None) is None


@pytest.mark.parametrize("positions", [(0,), (5, 5), (7, 3), (True,), (1.5,)])
def test_positions_that_do_not_ascend_are_refused(positions: tuple[int, ...]) -> None:
    with pytest.raises(PromptError, match="whole number"):
        Breakpoints(tuple(map(Breakpoint, positions)))
    with pytest.raises(PromptError, match="ascending whole numbers"):
        Breakpoints(content_ends=positions)


@pytest.mark.parametrize("seconds", [0, -1.0, float("inf"), float("nan"), 1e10, 10**400, "5m", True])
def test_a_time_that_is_no_length_is_refused_by_place_and_value(seconds: float) -> None:
    with pytest.raises(PromptError, match=rf"breakpoint at 5 is to stay {seconds!r} seconds; give a number above 0"):
        Breakpoint(5, seconds)


@pytest.mark.parametrize("tokens", [True, 0, 1.5, "5", None])
def test_a_breakpoint_at_no_number_of_tokens_is_refused_by_itself(tokens: int) -> None:
    with pytest.raises(PromptError, match=rf"A breakpoint is at {tokens!r}; give a whole number"):
        Breakpoint(tokens)


def test_what_is_no_tuple_of_breakpoints_is_refused() -> None:
    for marks in (5, None, (5,), [Breakpoint(5)]):
        with pytest.raises(PromptError, match="give a tuple of Breakpoint"):
            Breakpoints(marks)  # type: ignore[arg-type]
    with pytest.raises(PromptError, match="content_ends are 5; give a tuple"):
        Breakpoints(content_ends=5)  # type: ignore[arg-type]


def test_a_time_of_nothing_and_a_position_behind_the_prompt_are_refused() -> None:
    with pytest.raises(PromptError, match="breakpoint at 3 is to stay 0 seconds"):
        Breakpoints((Breakpoint(3, 0),))
    Breakpoints((Breakpoint(3),)).check_fits(3)
    with pytest.raises(PromptError, match="at 4, but the prompt has 3 tokens"):
        Breakpoints((Breakpoint(3),), (4,)).check_fits(3)
