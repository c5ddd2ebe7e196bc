import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantic_cache.tuning import Curve, EvidenceError, hit_curve

# Few distinct values, so that ties are the rule; -inf is a vetoed pair.
SIMILARITIES = st.sampled_from([-1.0, -0.25, 0.0, 0.5, 0.75, 0.9, 1.0, -math.inf])
PAIRS = st.lists(st.tuples(SIMILARITIES, st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: {same for _, same in pairs} == {True, False}
)


def curve_of(pairs: list[tuple[float, bool]]) -> Curve:
    return hit_curve([similarity for similarity, _ in pairs], [same for _, same in pairs])


@given(PAIRS, st.sampled_from([-1.0, -0.5, 0.0, 0.5, 0.6, 0.9, 1.0, 1.5]))
def test_every_threshold_agrees_with_counting_pair_by_pair(pairs: list[tuple[float, bool]], threshold: float) -> None:
    point = curve_of(pairs).at(threshold)
    served = [same for similarity, same in pairs if similarity >= threshold]
    assert point.served == len(served)
    assert point.wrong_served == served.count(False)
    assert point.hits == pytest.approx(served.count(True) / [same for _, same in pairs].count(True))
    assert point.wrong == pytest.approx(served.count(False) / len(served) if served else 0.0)
    assert point.wrong < point.wrong_upper <= 1.0 or point.wrong == point.wrong_upper == 1.0


@given(PAIRS)
def test_there_is_one_point_for_each_similarity_that_can_be_served(pairs: list[tuple[float, bool]]) -> None:
    curve = curve_of(pairs)
    assert curve.thresholds.tolist() == sorted({similarity for similarity, _ in pairs if math.isfinite(similarity)})
    assert [curve.point(i) for i in range(len(curve))] == [curve.at(value) for value in curve.thresholds.tolist()]


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(pairs: list[tuple[float, bool]], random: Random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    one, other = (curve_of(some) for some in (pairs, shuffled))
    assert np.array_equal(one.served, other.served)
    assert np.array_equal(one.wrong_served, other.wrong_served)


def test_pairs_of_equal_similarity_are_served_together() -> None:
    curve = hit_curve([0.9, 0.9, 0.9, 0.5], [True, False, True, True])
    assert curve.served.tolist() == [4, 3]
    assert curve.at(0.9).wrong == pytest.approx(1 / 3)


def test_above_every_similarity_nothing_is_served_and_nothing_is_proved() -> None:
    point = hit_curve([0.9, 0.5], [True, False]).at(0.95)
    assert (point.served, point.hits, point.wrong, point.wrong_upper) == (0, 0.0, 0.0, 1.0)


def test_when_everything_is_vetoed_the_curve_is_empty() -> None:
    curve = hit_curve([-math.inf, -math.inf], [True, False])
    assert len(curve) == 0
    assert curve.at(-1.0).served == 0


def test_the_arrays_of_a_curve_cannot_be_changed() -> None:
    curve = hit_curve([0.9, 0.5], [True, False])
    with pytest.raises(ValueError, match="read-only"):
        curve.hits[0] = 1.0


@pytest.mark.parametrize(
    ("similarities", "same", "confidence", "said"),
    [
        ([0.5], [True, False], 0.95, "one label for each"),
        ([0.5, 0.6], [True, True], 0.95, "All 2 labels are alike"),
        ([], [], 0.95, "All 0 labels are alike"),
        ([0.5, math.nan], [True, False], 0.95, "nan is not in"),
        ([0.5, 1.01], [True, False], 0.95, "1.01 is not in"),
        ([0.5, math.inf], [True, False], 0.95, "inf is not in"),
        ([0.5, 0.6], [True, False], 1.0, "confidence=1.0"),
    ],
)
def test_wrong_input_is_refused_with_its_value(
    similarities: list[float], same: list[bool], confidence: float, said: str
) -> None:
    with pytest.raises(EvidenceError, match=said):
        hit_curve(similarities, same, confidence)


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(EvidenceError, match="nan"):
        hit_curve([0.9, 0.5], [True, False]).at(math.nan)
