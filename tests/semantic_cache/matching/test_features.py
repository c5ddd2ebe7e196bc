"""The numbers that a pair is judged by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize import NormalizeError, Normalizer
from semantic_cache.matching import GUARDS, Compared
from semantic_cache.matching.features import FEATURES, Alignment, features

_NORMALIZE = Normalizer()
_EVEN = Alignment(0.5, 0.2)


def _compared(text: str) -> Compared:
    seen = _NORMALIZE(text)
    return Compared(seen.facts, seen.key, seen.language, seen.text)


def _numbers(one: str, other: str, cosine: float = 0.9) -> dict[str, float]:
    return dict(zip(FEATURES, features(_compared(one), _compared(other), cosine, _EVEN).tolist(), strict=True))


def test_there_is_one_number_a_guard() -> None:
    assert [name for name in FEATURES if name.startswith("guard_")] == [f"guard_{guard.name}" for guard in GUARDS]
    assert len(set(FEATURES)) == len(FEATURES)


def test_equal_questions_share_everything() -> None:
    numbers = _numbers("How do I cancel an order?", "How do I cancel an order?", 1.0)
    assert numbers["shared"] == numbers["held"] == numbers["key_ratio"] == numbers["text_ratio"] == 1.0
    assert numbers["only"] == numbers["rarest"] == 0.0
    assert not any(value for name, value in numbers.items() if name.startswith("guard_"))


def test_a_rare_word_on_one_side_weighs_more_than_a_common_one() -> None:
    rare = _numbers("How do I clean a saxophone?", "How do I clean a thing?")
    common = _numbers("How do I clean a house?", "How do I clean a thing?")
    assert rare["rarest"] > common["rarest"] > 0
    assert rare["only"] == common["only"] == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I clean a saxophone?", "What is a good way of cleaning this thing?"),
        ("환불은 언제 되나요?", "반품 방법"),
        ("How do I get from Seoul to Busan?", "How far is it to Seoul?"),
    ],
)
def test_it_makes_no_difference_which_side_was_asked(one: str, other: str) -> None:
    assert _numbers(one, other) == pytest.approx(_numbers(other, one))


@pytest.mark.parametrize(
    ("one", "other", "guard"),
    [
        ("How do I return it within 3 days?", "How do I return it within 7 days?", "numbers"),
        ("How do I open an account?", "How do I close an account?", "opposites"),
        ("서울에서 부산까지 얼마나 걸려요?", "부산에서 서울까지 얼마나 걸려요?", "directions"),
        ("When does the pool open?", "Where is the pool?", "question types"),
    ],
)
def test_guards_are_among_the_features(one: str, other: str, guard: str) -> None:
    assert _numbers(one, other)[f"guard_{guard}"] == 1.0


def test_question_words_on_both_sides_are_compared() -> None:
    assert _numbers("When is the pool open?", "When do you open?")["same_question_word"] == 1.0
    assert _numbers("When is the pool open?", "Where is the pool?")["same_question_word"] == 0.0


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60), st.floats(-1, 1))
def test_whatever_is_asked_the_numbers_are_finite_and_in_range(one: str, other: str, cosine: float) -> None:
    try:
        here, there = _compared(one), _compared(other)
    except NormalizeError:
        return
    values = features(here, there, cosine, _EVEN)
    assert values.shape == (len(FEATURES),)
    assert np.isfinite(values).all()
    assert values.min() >= -1.0
    assert values.max() <= 1.0


def test_what_is_said_anew_is_told_from_one_word_for_another() -> None:
    anew = _numbers("How do I clean a saxophone?", "What gets the dirt out of brass instruments?")
    one_word = _numbers("How do I clean a saxophone?", "How do I clean the trumpet?")
    more = _numbers("How do I clean a saxophone?", "How do I clean a saxophone at home?")
    moved = _numbers("In Rome, how do I pay?", "How do I pay in Rome?")
    assert anew["changed"] > 0.7 > one_word["changed"] > moved["changed"] == 0.0
    assert one_word["one_for_one"] == 1.0
    assert anew["one_for_one"] == more["one_for_one"] == moved["one_for_one"] == 0.0
