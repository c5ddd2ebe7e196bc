"""Terms are the words of a question and its key; of scripts that glue words together, pairs of letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import terms
from storage.terms import term_number


@pytest.mark.parametrize(
    ("key", "question", "expected"),
    [
        ("how to reset password", "How do I reset my Password?", ("how", "to", "reset", "password", "do", "i", "my")),
        ("계좌해지방법 알려줘", "계좌를 어떻게 해지하나요?", ("계좌", "좌해", "해지", "지방", "방법", "알려", "려줘")),
        ("kt요금제 바꿔줘 5g", "", ("kt", "요금", "금제", "바꿔", "꿔줘", "5g")),
        ("나 왜", "나는 왜", ("나", "왜")),
        ("パスワード忘れた", "", ("パス", "スワ", "ワー", "ード", "ド忘", "忘れ", "れた")),
        ("как сбросить пароль", "Пароль?", ("как", "сбросить", "пароль")),
        ("ｗｉｆｉ", "ﬁle", ("wifi", "file")),
        ("", "", ()),
        ("?! … 🙂 \x00", '"*', ()),
    ],
)
def test_terms_of_a_question(key: str, question: str, expected: tuple[str, ...]) -> None:
    assert terms(key, question) == expected


def test_words_that_are_glued_share_terms_with_the_same_words_apart() -> None:
    assert set(terms("계좌 해지 방법", "")) <= set(terms("계좌해지방법", ""))


def test_a_long_text_has_256_terms() -> None:
    assert terms(" ".join(str(number) for number in range(1000)), "end") == tuple(str(number) for number in range(256))
    assert len(terms("".join(chr(0xAC00 + number) for number in range(1000)), "")) == 256


@given(st.text(), st.text())
def test_any_text_has_terms_once_each_that_are_not_empty(key: str, question: str) -> None:
    found = terms(key, question)
    assert len(set(found)) == len(found)
    assert all(found)


@given(st.text(), st.text(), st.text(), st.text())
def test_a_number_is_of_one_scope_and_one_term_and_fits_a_column(one: str, two: str, first: str, second: str) -> None:
    assert (term_number(one, first) == term_number(two, second)) == ((one, first) == (two, second))
    assert -(2**63) <= term_number(one, first) < 2**63
