import math

import pytest

from semantic_cache.tuning.errors import EvidenceError
from semantic_cache.tuning.evidence import check_share, served_needed, upper_bound


def chance_of_at_most(wrong: int, served: int, share: float) -> float:
    return sum(math.comb(served, k) * share**k * (1 - share) ** (served - k) for k in range(wrong + 1))


@pytest.mark.parametrize(("wrong", "served"), [(0, 1), (0, 149), (1, 10), (3, 200), (40, 60), (9, 10)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_at_the_bound_so_few_wrong_hits_have_exactly_the_chance_left_over(
    wrong: int, served: int, confidence: float
) -> None:
    bound = float(upper_bound(wrong, served, confidence))
    assert wrong / served < bound < 1
    assert chance_of_at_most(wrong, served, bound) == pytest.approx(1 - confidence, rel=1e-6)


def test_nothing_served_and_everything_wrong_prove_nothing() -> None:
    assert upper_bound(0, 0, 0.95) == 1.0
    assert upper_bound(7, 7, 0.95) == 1.0


def test_without_a_wrong_hit_two_percent_takes_149_served_pairs() -> None:
    assert served_needed(0.0, 0.02, 0.95) == 149
    assert upper_bound(0, 149, 0.95) <= 0.02 < upper_bound(0, 148, 0.95)


@pytest.mark.parametrize("share", [0.001, 0.005, 0.01, 0.015])
def test_the_number_needed_is_enough_and_one_less_is_not(share: float) -> None:
    needed = served_needed(share, 0.02, 0.95)
    assert needed is not None
    assert upper_bound(share * needed, needed, 0.95) <= 0.02 < upper_bound(share * (needed - 1), needed - 1, 0.95)


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0, 0.0199999999])
def test_a_share_at_or_above_the_budget_is_never_proved(share: float) -> None:
    assert served_needed(share, 0.02, 0.95) is None


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1, 2.0, math.nan])
def test_a_share_outside_0_and_1_is_refused_by_name_and_value(value: float) -> None:
    with pytest.raises(EvidenceError, match=f"wrong_hits={value}"):
        check_share("wrong_hits", value)
