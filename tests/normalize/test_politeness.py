"""Politeness goes where it says nothing and stays where it is the subject."""

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("hi hello, please how do I pay, thanks", "how to pay"),
        ("Hello how are you", "how are you"),
        ("hello world in python", "hello world in python"),
        ("Thank you letter", "thank you letter"),
        ("How do I say thank you", "how to say thank you"),
        ("how do I, please, pay", "how to pay"),
        ("Can you explain, please, why I pay?", "why do i pay"),
        ("recipe for a delicious cake", "recipe for cake"),
        ("why is no recipe delicious", "why is no recipe delicious"),
        ("delicious restaurants", "delicious restaurants"),
        ("What is the matter?", "what is the matter"),
        ("I cook a few eggs, and a lot", "i cook a few eggs and a lot"),
        ("eggs, milk and flour", "eggs , flour and milk"),
        ("Hi! I lost my card. How do I block it? Thanks!", "i lost my card . how to block it"),
        ("Скажите, пожалуйста, как мне оплатить?", "как оплатить"),
        ("Buenas, quisiera saber cómo pago, gracias", "como pagar"),
        ("Boa tarde! Gostaria de saber como faço para pagar. Obrigada!", "como pagar"),
    ],
)
def test_what_surrounds_a_question_is_dropped_and_the_rest_is_not(text: str, key: str) -> None:
    assert NORMALIZER(text).key == key


def test_a_frame_needs_a_question_inside_it() -> None:
    assert NORMALIZER("Tell me about pasta").key == "tell me about pasta"
    assert NORMALIZER("Tell me how pasta works").key == "how pasta works"
