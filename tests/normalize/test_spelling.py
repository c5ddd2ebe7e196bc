"""Letters: only what is known to be the same word is respelt."""

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("hooooow do I pay", "how to pay"),
        ("what is the coooool thing", "what is the coooool thing"),
        ("what is www and AAA", "what is aaa and www"),
        ("what is 1000000", "what is 1000000"),
        ("что всё ещё", "что всё еще"),
    ],
)
def test_long_letters_and_yo(text: str, key: str) -> None:
    assert NORMALIZER(text).key == key


def test_a_respelling_is_a_step() -> None:
    assert "en.spelling: hooow → how" in [step.rule for step in NORMALIZER("hooow can I pay").steps]
