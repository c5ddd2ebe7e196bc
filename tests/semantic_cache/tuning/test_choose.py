import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantic_cache.tuning import Choice, EvidenceError, Reason, Refusal, choose_by_bound, choose_by_estimate, hit_curve
from semantic_cache.tuning.curve import Curve

PAIRS = st.lists(st.tuples(st.integers(-10, 10), st.booleans()), min_size=2, max_size=40).filter(
    lambda pairs: {same for _, same in pairs} == {True, False}
)


def separated(right: int, wrong: int) -> Curve:
    """All right pairs above all wrong ones, every similarity its own."""
    count = right + wrong
    return hit_curve([1 - i / count for i in range(count)], [True] * right + [False] * wrong)


@given(PAIRS, st.sampled_from([0.05, 0.2, 0.5, 0.9]))
def test_both_choices_are_the_smallest_threshold_within_the_budget(
    pairs: list[tuple[int, bool]], budget: float
) -> None:
    curve = hit_curve([value / 10 for value, _ in pairs], [same for _, same in pairs])
    points = [curve.point(i) for i in range(len(curve))]
    for choose, share in ((choose_by_estimate, "wrong"), (choose_by_bound, "wrong_upper")):
        kept = [point for point in points if getattr(point, share) <= budget]
        found = choose(curve, budget)
        assert (found.point if isinstance(found, Choice) else None) == min(
            kept, key=lambda point: point.threshold, default=None
        )


def test_149_right_pairs_carry_two_percent_and_148_do_not() -> None:
    assert isinstance(choose_by_bound(separated(149, 50), 0.02), Choice)
    refusal = choose_by_bound(separated(148, 50), 0.02)
    assert refusal == Refusal(Reason.TOO_FEW_LABELS, missing_labels=2)


def test_the_missing_labels_are_enough_when_the_new_pairs_are_like_the_old() -> None:
    refusal = choose_by_bound(separated(50, 50), 0.02)
    assert isinstance(refusal, Refusal)
    each = -(-(100 + refusal.missing_labels) // 2)
    assert isinstance(choose_by_bound(separated(each, each), 0.02), Choice)
    assert isinstance(choose_by_bound(separated(each - 1, each - 1), 0.02), Refusal)


def test_the_estimate_takes_what_the_bound_refuses() -> None:
    choice = choose_by_estimate(separated(3, 3), 0.02)
    assert isinstance(choice, Choice)
    assert (choice.point.served, choice.point.wrong) == (3, 0.0)


@pytest.mark.parametrize("choose", [choose_by_estimate, choose_by_bound])
def test_when_the_most_alike_pair_is_wrong_more_labels_do_not_help(choose: object) -> None:
    curve = hit_curve([0.9, 0.8], [False, True])
    assert choose(curve, 0.02) == Refusal(Reason.TOO_MANY_WRONG, missing_labels=0)  # type: ignore[operator]


@pytest.mark.parametrize("choose", [choose_by_estimate, choose_by_bound])
def test_a_budget_that_is_no_share_is_refused(choose: object) -> None:
    with pytest.raises(EvidenceError, match=r"wrong_hits=2\.0"):
        choose(separated(2, 2), 2.0)  # type: ignore[operator]
