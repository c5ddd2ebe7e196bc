"""Evidence is counted by what was asked, not by how a set is split."""

from __future__ import annotations

from training.examples import Example, grouped
from training.meanings import meanings


def _pair(
    one: str, other: str, *, same: bool, source: str = "parakqc_pairs", group: str = "", kind: str = ""
) -> Example:
    return Example(one, other, same, source, group, "ko", kind)


def test_pairs_that_differ_join_no_meanings_though_they_join_what_is_split() -> None:
    pairs = [
        _pair("a", "b", same=True),
        _pair("b", "c", same=False),
        _pair("c", "d", same=True),
        _pair("c", "e", same=True),
    ]
    assert len({one.group for one in grouped(pairs)}) == 1
    first, between, third, fourth = meanings(list(grouped(pairs)))
    assert first == between
    assert third == fourth
    assert first != third


def test_pairs_of_one_template_stand_together_whatever_their_texts() -> None:
    pairs = [
        _pair("a", "b", same=True, source="contrast_en", group="refund"),
        _pair("c", "d", same=False, source="contrast_en", group="refund"),
        _pair("e", "f", same=False, source="contrast_en", group="delivery"),
    ]
    one, same, other = meanings(pairs)
    assert one == same != other


def test_the_same_words_in_two_sets_are_two_groups() -> None:
    assert len(set(meanings([_pair("a", "b", same=True), _pair("a", "b", same=True, source="kor_qpair")]))) == 2
