import pytest
from hypothesis import given
from hypothesis import strategies as st

from semantic_cache.tuning import SHIPPED_PAIRS, EvidenceError, LabelledPair, read_pairs, split_by_group


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
