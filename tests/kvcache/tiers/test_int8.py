"""Rounding to 8 bits: how far off it may be, and what it never does."""

from __future__ import annotations

import pytest
import torch

from kvcache.tiers.int8 import from_int8, to_int8


def _states(seed: int = 0) -> torch.Tensor:
    """Three layers, one batch, two heads, five tokens, eight channels, one of which is large."""
    states = torch.randn(3, 1, 2, 5, 8, generator=torch.Generator().manual_seed(seed))
    states[..., 3] *= 50
    return states


@pytest.mark.parametrize("over", [-1, -2])
def test_each_number_is_off_by_half_a_step_of_its_own_scale_at_most(over: int) -> None:
    states = _states()
    rounded, scales = to_int8(states, over=over) or pytest.fail("not rounded")
    assert rounded.dtype == torch.int8
    assert scales.shape[over] == 1
    off = (from_int8(rounded, scales, torch.float32) - states).abs()
    assert bool((off <= scales / 2 * 1.0001).all())
    assert float(off.max()) > 0


def test_a_large_channel_does_not_cost_the_others_their_precision() -> None:
    states = _states()
    by_channel = to_int8(states, over=-2) or pytest.fail("not rounded")
    by_token = to_int8(states, over=-1) or pytest.fail("not rounded")
    small = [index for index in range(8) if index != 3]
    off = [(from_int8(*one, torch.float32) - states)[..., small].abs().mean() for one in (by_channel, by_token)]
    assert float(off[0]) * 10 < float(off[1])


def test_zeros_stay_zeros_and_the_type_comes_back() -> None:
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        rounded, scales = to_int8(torch.zeros(1, 2, 3, 4, dtype=dtype), over=-1) or pytest.fail("not rounded")
        back = from_int8(rounded, scales, dtype)
        assert back.dtype == dtype
        assert not back.any()


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_no_scale_can_hold_is_not_rounded(value: float) -> None:
    states = _states()
    states[0, 0, 0, 0, 0] = value
    assert to_int8(states, over=-1) is None
