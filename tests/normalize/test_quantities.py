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
        ("one hundred and ninety-six", "196"),
        ("two thousand and fifteen dollars", "$2015"),
        ("two thousand five hundred and one", "2501"),
        ("two hundred and fifty thousand", "250000"),
        ("between two thousand and three thousand", "between 2000 and 3000"),
        ("from one hundred and fifty to two hundred", "from 150 to 200"),
        ("one hundred two hundred", "100 200"),
        ("three million four thousand", "3004000"),
        ("a hundred and twenty", "120"),
        ("a thousand thanks", "a thousand thanks"),
        ("a thousand dollars", "$1000"),
        ("hundred and fifty", "150"),
        ("hundred and", "hundred and"),
        ("$2 million", "$2000000"),
        ("one thousand thousand", "one thousand thousand"),
        ("two hundred hundred", "two hundred hundred"),
        ("two and three", "2 and 3"),
        ("one million two hundred and thirty four thousand five hundred and sixty seven", "1234567"),
        ("2.5 million dollars", "2.5 million dollars"),
        ("8 000", "8000"),
        ("1234 000", "1234 000"),
        ("1 500 000", "1 500 000"),
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
        ("ciento cincuenta y dos", "es", "152"),
        ("setecientos y cincuenta", "es", "700 y 50"),
        ("dos mil quince", "es", "2015"),
        ("con dos mil una familia", "es", "con 2000 una familia"),
        ("treinta y uno", "es", "31"),
        ("subir el precio a mil euros", "es", "subir el precio a €1000"),
        ("el uno por ciento", "es", "el uno por ciento"),
        ("um por cento", "pt", "um por cento"),
        ("mil millones", "es", "1000000000"),
        ("mil gracias", "es", "mil gracias"),
        ("un millón de euros", "es", "1000000 de euros"),
        ("dois mil e quinze", "pt", "2015"),
        ("cento e vinte e um", "pt", "121"),
        ("R$20 mil", "pt", "R$20000"),
        ("сто сорок и шестьдесят", "ru", "140 и 60"),
        ("две тысячи двести пятьдесят рублей", "ru", "₽2250"),
        ("1 000 000 рублей", "ru", "₽1000000"),
    ],
)
def test_other_languages(text: str, language: str, expected: str) -> None:
    assert counted(text, language) == expected


def test_a_change_leaves_a_step_and_no_change_leaves_none() -> None:
    steps: list[Step] = []
    quantities(["three"], load()["en"], steps)
    quantities(["tree"], load()["en"], steps)
    assert steps == [Step("en.number", "three", "3")]
