"""Letters: only what is known to be the same word is respelt."""

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("hooooow do I pay", "how to pay"),
        ("can you heeelp me pay this", "can you help me pay this"),
        ("why is it reallllly so", "why is it really so"),
        ("pleaaase cancel my order", "please cancel my order"),
        ("почему оплатааа не прошла", "почему оплата не прошла"),
        ("cómo pagooo mi pedido", "cómo pago mi pedido"),
        ("what is www and AAA", "what is aaa and www"),
        ("что ещё", "что еще"),
    ],
)
def test_long_letters_and_yo(text: str, key: str) -> None:
    assert NORMALIZER(text).key == NORMALIZER(key).key


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("is it tooo late", "tooo"),
        ("it was a goood day", "goood"),
        ("is size xxxl here", "xxxl"),
        ("when did henry viii die", "viii"),
        ("what is toool", "toool"),
        ("what is 1000000", "1000000"),
    ],
)
def test_what_two_words_could_have_been_lengthened_to_stays(text: str, word: str) -> None:
    assert word in NORMALIZER(text).key.split()


def test_a_name_in_capitals_is_not_shortened() -> None:
    assert "toool" in NORMALIZER("who runs Toool").key


def test_two_words_that_differ_in_yo_stay_two() -> None:
    assert NORMALIZER("что всё").key != NORMALIZER("что все").key


def test_a_respelling_is_a_step() -> None:
    assert "en.spelling: hooow → how" in [step.rule for step in NORMALIZER("hooow can I pay").steps]
