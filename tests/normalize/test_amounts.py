"""Amounts, times of day and dates: one form for one value, two for two."""

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can I send 12.5k?", "Can I send 12,500?"),
        ("Is it $3k?", "is it $3000"),
        ("Is it 1.2 million?", "is it 1,200,000"),
        ("Do I get a dozen eggs?", "Do I get 12 eggs?"),
        ("Do I get half a dozen eggs?", "Do I get 6 eggs?"),
        ("Can I pay 50 USD?", "Can I pay USD 50?"),
        ("Can I pay 20 EUR?", "Can I pay 20 euros?"),
        ("Do you open at 3 pm?", "Do you open at 15:00?"),
        ("Do you open at 3:30 p.m.?", "Do you open at 15:30"),
        ("오후 3시에 여나요?", "15시에 여나요?"),
        ("Are you open on March 3rd, 2025?", "are you open on 3 March 2025"),
        ("Are you open on March 3, 2025?", "are you open on 2025-03-03"),
        ("Are you open on the 4th of July?", "are you open on July 4"),
        ("¿Abren el 20 de marzo de 2025?", "¿abren el 20/03/2025?"),
        ("Вы работаете 8 марта 2025 года?", "вы работаете 08.03.2025?"),
        ("三十日間ですか", "30日間ですか"),
        ("二十五人", "25人"),
    ],
)
def test_one_value_has_one_form(one: str, other: str) -> None:
    assert NORMALIZER(one).key == NORMALIZER(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can I send 12.5k?", "Can I send 125k?"),
        ("Can I pay 50 USD?", "Can I pay 50 EUR?"),
        ("Can I pay 50 USD?", "Can I pay $50?"),  # it may be another dollar
        ("Do you open at 3 pm?", "Do you open at 3 am?"),
        ("Do you open at 12 pm?", "Do you open at 12 am?"),
        ("오전 3시에 여나요?", "오후 3시에 여나요?"),
        ("Are you open on March 3?", "Are you open on May 3?"),
        ("Are you open on 03/04/2025?", "Are you open on 04/03/2025?"),
        ("Are you open on March 3, 2025?", "Are you open on March 3, 2026?"),
        ("Is it 1.2 million?", "Is it 1.2 thousand?"),
        ("二百五", "二百五十"),
        ("Can I march 3 km?", "Can I run 3 km?"),
    ],
)
def test_two_values_have_two_forms(one: str, other: str) -> None:
    assert NORMALIZER(one).key != NORMALIZER(other).key


def test_a_date_is_a_step() -> None:
    assert "en.date" in [step.rule for step in NORMALIZER("open on March 3, 2025?").steps]
