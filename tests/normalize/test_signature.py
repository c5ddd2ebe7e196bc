"""The key says whether it asks only where no word says so."""

from normalize.lexicon import load
from normalize.signature import signature
from normalize.tokens import split


def key(text: str) -> str:
    return signature(split(text), load()["en"])


def test_a_question_word_makes_the_mark_needless() -> None:
    assert key("when will it come?") == key("when will it come")
    assert key("is it here?") == key("is it here")


def test_without_one_the_mark_stays() -> None:
    assert key("it is here?") == "it is here ?"
    assert key("it is here") == "it is here"


def test_sentences_stay_apart_and_in_order() -> None:
    assert key("It broke. Fix it!") == "it broke . fix it"
    assert key("Fix it! It broke.") == "fix it . it broke"
