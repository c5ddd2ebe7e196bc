"""The alarm: its bound is exact, it is rarely false, it comes when hits are wrong, and it goes again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

from semantic_cache.learning import Drift, Judged


def _tail(wrong: int, of: int, share: float) -> float:
    """P(at least `wrong` of `of`) where each is wrong with that share, by summing."""
    return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(wrong, of + 1))


@pytest.mark.parametrize("confidence", [0.9, 0.995])
@pytest.mark.parametrize("of", [1, 2, 7, 40])
def test_the_bound_is_the_share_at_which_so_many_wrong_ones_are_just_too_unlikely(of: int, confidence: float) -> None:
    for wrong in range(1, of + 1):
        bound = Drift(confidence=confidence).lower_bound(Judged(wrong, of))
        assert _tail(wrong, of, bound) == pytest.approx(1 - confidence, rel=1e-6)


@pytest.mark.parametrize("of", [0, 1, 500])
def test_without_a_wrong_hit_there_is_no_alarm(of: int) -> None:
    assert Drift().lower_bound(Judged(0, of)) == 0.0
    assert Drift().tightening(("hits", Judged(0, of))).offset == 0.0


def test_more_wrong_hits_tighten_more_and_more_right_ones_less() -> None:
    drift = Drift(budget=0.02)
    by_wrong = [drift.tightening(("hits", Judged(wrong, 200))).offset for wrong in range(40)]
    assert by_wrong == sorted(by_wrong)
    assert by_wrong[4] == 0.0 < by_wrong[20]
    by_right = [drift.tightening(("hits", Judged(5, of))).offset for of in range(5, 500)]
    assert by_right == sorted(by_right, reverse=True)
    assert by_right[0] > 0.0 == by_right[-1]


def test_the_offset_turns_odds_of_the_bound_into_those_of_the_budget() -> None:
    drift = Drift(budget=0.01, most=100.0)
    judged = Judged(30, 300)
    least, offset = drift.lower_bound(judged), drift.tightening(("hits", judged)).offset
    odds = least / (1 - least) * math.exp(-offset)
    assert odds / (1 + odds) == pytest.approx(0.01)


def test_the_offset_is_bounded_and_the_reason_says_the_figures() -> None:
    tightening = Drift(most=1.5).tightening(("checked hits", Judged(500, 500)), ("served hits", Judged(1, 5000)))
    assert tightening.offset == 1.5
    assert "500 of 500 checked hits were wrong" in (tightening.reason or "")
    assert "budget of 1.0%" in (tightening.reason or "")


def test_of_two_samples_the_stricter_one_counts() -> None:
    drift, few, many = Drift(), ("checked", Judged(3, 20)), ("served", Judged(90, 500))
    both = drift.tightening(few, many)
    assert both == max(drift.tightening(few), drift.tightening(many), key=lambda one: one.offset)
    assert drift.tightening() == drift.tightening(("none", Judged()))


@pytest.mark.parametrize(
    "given", [{"budget": 0.0}, {"budget": 1.0}, {"confidence": 1.0}, {"most": -1.0}, {"most": math.nan}]
)
def test_a_value_out_of_range_is_refused_by_name(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Drift(**given)


class TestOverTime:
    """Windows of 500 over simulated hits, asked after every one of them."""

    @staticmethod
    def _alarms(shares: Iterable[float], seed: int) -> list[bool]:
        drift = Drift(budget=0.01)
        alarm = cache(lambda wrong, of: drift.tightening(("hits", Judged(wrong, of))).offset > 0.0)
        shares = np.fromiter(shares, float)
        total = np.concatenate([[0], np.cumsum(np.random.default_rng(seed).random(shares.size) < shares)])
        ends = range(1, shares.size + 1)
        return [alarm(int(total[end] - total[max(0, end - 500)]), min(end, 500)) for end in ends]

    def test_hits_that_keep_the_budget_rarely_raise_it(self) -> None:
        runs = 60
        false = sum(any(self._alarms([0.01] * 2000, seed)) for seed in range(runs))
        assert false / runs <= 0.1

    def test_hits_that_are_wrong_three_times_as_often_raise_it_within_a_thousand(self) -> None:
        assert all(any(self._alarms([0.03] * 1000, seed)) for seed in range(20))

    def test_it_goes_when_the_budget_is_kept_again(self) -> None:
        alarms = self._alarms([0.05] * 500 + [0.005] * 1500, 1)
        assert alarms[499]
        assert not any(alarms[-500:])
