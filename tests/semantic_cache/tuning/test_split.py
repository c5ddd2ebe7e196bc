import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantic_cache.tuning import (
    SHIPPED_PAIRS,
    EvidenceError,
    LabelledPair,
    read_pairs,
    split,
    split_by_group,
    split_by_time,
)


def pair(question: str, other: str, same: bool, group: str = "") -> LabelledPair:
    return LabelledPair(question, other, same, group=group)


@given(st.integers(0, 50))
def test_the_halves_share_no_topic_and_hold_every_pair_once(seed: int) -> None:
    pairs = [pair(f"q{i}", f"o{i}", i % 2 == 0, group=f"g{i // 4}") for i in range(40)]
    halves = split_by_group(pairs, seed)
    left, right = ({pairs[i].group for i in side} for side in (halves.tuning, halves.held_out))
    assert not left & right
    assert sorted(halves.tuning + halves.held_out) == list(range(40))
    assert halves.blocks == 10


def test_the_shipped_pairs_fall_into_halves_of_nearly_one_size() -> None:
    halves = split_by_group(read_pairs(SHIPPED_PAIRS))
    assert abs(len(halves.tuning) - len(halves.held_out)) <= 30


def test_pairs_that_share_a_text_stay_together_across_groups_and_without_any() -> None:
    pairs = [
        pair("a", "b", True, "x"),
        pair("b", "c", False, "y"),
        pair("c", "d", True),
        pair("e", "f", True),
        pair("f", "g", False),
    ]
    halves = split_by_group(pairs)
    assert {halves.tuning, halves.held_out} == {(0, 1, 2), (3, 4)}


def test_another_seed_deals_other_halves_and_the_same_seed_the_same() -> None:
    pairs = read_pairs(SHIPPED_PAIRS)
    assert split_by_group(pairs, 1) == split_by_group(pairs, 1)
    assert split_by_group(pairs, 1) != split_by_group(pairs, 2)


def test_pairs_of_one_topic_cannot_be_halved() -> None:
    with pytest.raises(EvidenceError, match=r"2 pairs in 1 separate topic\(s\)"):
        split_by_group([pair("a", "b", True, "x"), pair("c", "d", False, "x")])


def test_a_half_without_one_of_the_labels_is_refused() -> None:
    with pytest.raises(EvidenceError, match="both labels"):
        split_by_group([pair("a", "b", True, "x"), pair("c", "d", False, "y")])


def _at(group: str, same: bool, at: float) -> LabelledPair:
    return LabelledPair(f"{group} {at} a", f"{group} {at} b", same, group=group, at=at)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 1000)), min_size=2, max_size=60))
def test_by_time_one_side_is_before_the_other_and_no_topic_is_on_both(rows: list[tuple[int, bool, int]]) -> None:
    pairs = [_at(f"g{group}", same, float(at)) for group, same, at in rows]
    try:
        halves = split_by_time(pairs)
    except EvidenceError:
        return
    assert halves.since is not None
    assert all(pairs[place].at < halves.since for place in halves.tuning)  # type: ignore[operator]
    assert all(pairs[place].at >= halves.since for place in halves.held_out)  # type: ignore[operator]
    left, right = ({pairs[place].group for place in side} for side in (halves.tuning, halves.held_out))
    assert not left & right
    assert {pairs[place].same for place in halves.tuning} == {True, False}
    assert {pairs[place].same for place in halves.held_out} == {True, False}


def test_later_pairs_of_an_earlier_topic_are_on_neither_side() -> None:
    pairs = [_at("a", True, 1), _at("a", False, 9), _at("b", False, 2), _at("c", True, 5), _at("c", False, 6)]
    assert split_by_time(pairs) == split(pairs)
    assert (split(pairs).tuning, split(pairs).held_out, split(pairs).since) == ((0, 2), (3, 4), 5.0)


def test_without_times_topics_are_dealt_at_random_and_too_few_moments_are_refused() -> None:
    pairs = read_pairs(SHIPPED_PAIRS)
    assert split(pairs, 3) == split_by_group(pairs, 3)
    with pytest.raises(EvidenceError, match="no moment"):
        split_by_time([_at("a", True, 1), _at("b", False, 2)])
    with pytest.raises(EvidenceError, match="has no time"):
        split_by_time(pairs)
