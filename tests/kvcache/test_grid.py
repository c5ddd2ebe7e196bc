"""Cuts: what they join to, how long blocks are, and that nothing later moves them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.grid import Grid

_OPENING = (1, 2, 3)
_IDS = st.lists(st.sampled_from([1, 2, 3, 7, 8]), max_size=60).map(tuple)
_GRIDS = st.builds(Grid, st.integers(1, 9), st.sampled_from([(), (1,), _OPENING]))


def _ends(blocks: tuple[tuple[int, ...], ...]) -> list[int]:
    ends, end = [], 0
    for block in blocks:
        end += len(block)
        ends.append(end)
    return ends


@given(grid=_GRIDS, ids=_IDS)
def test_blocks_joined_are_the_prompt_and_none_is_empty_or_too_long(grid: Grid, ids: tuple[int, ...]) -> None:
    blocks = grid.cut(ids)
    assert tuple(token for block in blocks for token in block) == ids
    assert all(1 <= len(block) <= grid.block_tokens for block in blocks)


@given(grid=_GRIDS, ids=_IDS, later=_IDS)
def test_what_comes_later_never_moves_an_earlier_whole_block(
    grid: Grid, ids: tuple[int, ...], later: tuple[int, ...]
) -> None:
    alone, longer = grid.cut(ids), grid.cut(ids + later)
    kept = next((index for index, pair in enumerate(zip(alone, longer, strict=False)) if pair[0] != pair[1]), None)
    # Only the last block may differ: where the prompt ended, or where an opening was still incomplete.
    open_end = len(ids) - len(_OPENING)
    assert kept is None or _ends(alone)[kept] > min(len(ids) - 1, open_end)


@given(ids=_IDS, turn=st.lists(st.sampled_from([7, 8]), max_size=20).map(tuple), size=st.integers(1, 9))
def test_a_prompt_that_ends_with_the_opening_of_an_answer_is_a_beginning_of_the_next_ones_blocks(
    ids: tuple[int, ...], turn: tuple[int, ...], size: int
) -> None:
    grid, prompt = Grid(size, _OPENING), (*ids, *_OPENING)
    cut = grid.cut(prompt)
    assert grid.cut((*prompt, *turn, 1, 8, *_OPENING))[: len(cut)] == cut


@pytest.mark.parametrize(
    ("ids", "ends"),
    [
        ((1, 7, 7, 7, 7, 1, 8), [4, 5, 7]),
        ((1, 7, 1, 8, *_OPENING), [2, 6, 7]),
        ((1, 8, *_OPENING, 7, 7, 1, 8, *_OPENING), [4, 5, 7, 11, 12]),
        ((7, 7, 7, 7, 7), [4, 5]),
    ],
)
def test_turns_end_before_the_next_but_after_the_opening_of_an_answer(ids: tuple[int, ...], ends: list[int]) -> None:
    assert _ends(Grid(4, _OPENING).cut(ids)) == ends


def test_without_a_template_only_the_block_size_cuts() -> None:
    assert _ends(Grid(4).cut((1, 2, 3, 1, 2, 3))) == [4, 6]
