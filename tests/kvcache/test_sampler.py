"""Tokens drawn from logits, against the probabilities they should follow."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from kvcache import Sampling
from kvcache.sampler import Sampler

_LOGITS = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))


def _drawn(sampling: Sampling, times: int = 4000) -> Counter[int]:
    sampler = Sampler(sampling)
    return Counter(sampler.pick(_LOGITS) for _ in range(times))


def test_temperature_zero_takes_the_likeliest_token() -> None:
    assert set(_drawn(Sampling(temperature=0, top_p=0.1), 5)) == {0}


def test_the_same_seed_draws_the_same_tokens_and_another_seed_others() -> None:
    def draw(seed: int) -> list[int]:
        sampler = Sampler(Sampling(temperature=1, seed=seed))
        return [sampler.pick(_LOGITS) for _ in range(50)]

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


def test_without_a_seed_answers_differ() -> None:
    samplers = [Sampler(Sampling(temperature=1)) for _ in range(2)]
    first, second = ([sampler.pick(_LOGITS) for _ in range(60)] for sampler in samplers)
    assert first != second


def test_frequencies_follow_the_softmax() -> None:
    counts = _drawn(Sampling(temperature=1, seed=1))
    for token, share in enumerate((0.5, 0.3, 0.15, 0.05)):
        assert counts[token] / 4000 == pytest.approx(share, abs=0.03)


def test_a_low_temperature_sharpens() -> None:
    assert _drawn(Sampling(temperature=0.5, seed=1))[0] / 4000 == pytest.approx(0.25 / 0.365, abs=0.03)


@pytest.mark.parametrize(("top_p", "kept"), [(0.4, {0}), (0.6, {0, 1}), (0.9, {0, 1, 2}), (1.0, {0, 1, 2, 3})])
def test_top_p_keeps_the_fewest_tokens_that_reach_it(top_p: float, kept: set[int]) -> None:
    assert set(_drawn(Sampling(temperature=1, top_p=top_p, seed=1))) == kept


def test_a_tiny_temperature_does_not_overflow() -> None:
    assert Sampler(Sampling(temperature=1e-310, seed=0)).pick(torch.tensor([1.0, 50.0, 49.9])) == 1
