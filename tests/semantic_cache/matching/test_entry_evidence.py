"""What feedback said of an entry moves it, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semantic_cache.matching.entry_evidence import offset
from storage import Evidence

_COUNTS = st.integers(0, 100_000)


def test_nothing_known_moves_nothing() -> None:
    assert offset(Evidence(0, 0))[1] == 0.0


@given(_COUNTS, _COUNTS)
def test_one_more_wrong_hit_always_makes_it_harder(right: int, wrong: int) -> None:
    assert offset(Evidence(right, wrong + 1))[1] < offset(Evidence(right, wrong))[1]


@given(_COUNTS, _COUNTS)
def test_one_more_right_hit_never_makes_it_harder(right: int, wrong: int) -> None:
    assert offset(Evidence(right + 1, wrong))[1] >= offset(Evidence(right, wrong))[1]


@given(_COUNTS)
def test_no_number_of_right_hits_makes_up_for_a_wrong_one(right: int) -> None:
    assert offset(Evidence(right, 1))[1] < 0
    assert offset(Evidence(right, 0))[1] <= 1.0


def test_the_words_say_the_counts() -> None:
    assert offset(Evidence(3, 1))[0] == "3 of the entry's judged hits were right, 1 wrong"
