"""Numbers, money and units in one form."""

import pytest

from normalize.lexicon import load
from normalize.quantities import quantities
from normalize.question import Step
from normalize.tokens import split


def counted(text: str, language: str = "en") -> str:
    steps: list[Step] = []
    return " ".join(quantities(split(text)[0].tokens, load()[language], steps))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("three", "3"),
        ("one", "one"),
        ("forty two", "42"),
        ("forty-two", "42"),
        ("twenty one", "21"),
        ("forty forty", "40 40"),
        ("two three", "2 3"),
        ("two-three", "two-three"),
        ("five hundred thousand", "500000"),
        ("1,234,567.5", "1234567.5"),
        ("1,2", "1,2"),
        ("12,34", "12,34"),
        ("5 dollars", "$5"),
        ("5$ or -5 dollars", "$5 or $-5"),
        ("50 percent", "50%"),
        ("5 gb", "5gb"),
        ("5 g", "5 g"),
        ("3 pm", "3pm"),
        ("3-day", "3day"),
        ("5-star", "5-star"),
        ("9" * 40 + " thousand", "9" * 40 + " thousand"),
    ],
)
def test_english(text: str, expected: str) -> None:
    assert counted(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3만5천원", "ko", "35000원"),
        ("2억원을", "ko", "200000000원을"),
        ("1.000 reais", "pt", "R$1.000"),
        ("1.000", "es", "1.000"),
        ("1,000", "es", "1,000"),
        ("пять рублей", "ru", "₽5"),
        ("veinte por ciento", "es", "20%"),
    ],
)
def test_other_languages(text: str, language: str, expected: str) -> None:
    assert counted(text, language) == expected


def test_a_change_leaves_a_step_and_no_change_leaves_none() -> None:
    steps: list[Step] = []
    quantities(["three"], load()["en"], steps)
    quantities(["tree"], load()["en"], steps)
    assert steps == [Step("en.number", "three", "3")]
