"""Language by script and frequent words."""

from pathlib import Path

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I pay?", "en"),
        ("결제 방법 알려줘", "ko"),
        ("iPhone 15 Pro Max 가격", "ko"),
        ("Как оплатить заказ?", "ru"),
        ("Как настроить WiFi Router?", "ru"),
        ("Como faço para pagar meu pedido?", "pt"),
        ("Não recebi o cartão", "pt"),
        ("¿Cómo pago mi pedido?", "es"),
        ("donde está el paquete", "es"),
        ("Як оплатити замовлення і чому?", "und"),
        ("Comment puis-je payer ma commande dans le magasin ?", "und"),
        ("Wie kann ich meine Bestellung bezahlen?", "und"),
        ("支払い方法を教えて", "und"),
        ("What does 사랑 stand for?", "en"),
        ("weather tomorrow", "en"),
        ("12345", "und"),
        ("xyzzy", "und"),
        ("tenant, overdue payment once, consequence", "en"),
        ("arachnid or insect: spider", "en"),
        ("vehicle as thunderstorm shelter, physics", "en"),
        ("testigo presión aceite encendido circular sí o no", "es"),
        ("butaca desocupada, trasladarse, permitido o no", "es"),
        ("condutor extra na locadora", "pt"),
        ("bagagem de porão permitido", "pt"),
        ("jak zrestartować router", "und"),
        ("hur startar jag om routern", "und"),
        ("hi", "en"),
        ('What does "te quiero mucho mi amor" mean?', "en"),
        ("email juan.perez@correo.es bounced", "en"),
    ],
)
def test_it_names_the_language_or_admits_that_it_cannot(text: str, language: str) -> None:
    assert NORMALIZER(text).language == language


def test_no_rule_is_applied_to_a_language_without_lexicon() -> None:
    question = NORMALIZER("Wie kann ich bezahlen?")
    assert question.key == "wie kann ich bezahlen ?"
    assert question.steps == ()


def test_a_language_of_yours_that_no_word_list_has_is_told_by_its_words(tmp_path: Path) -> None:
    path = tmp_path / "eo.yaml"
    path.write_text("language: eo\nstopwords: [kiel, mi, la, mian, pagas]\n", "utf-8")
    read = Normalizer(lexicons=[path])
    assert read("Kiel mi pagas la fakturon?").language == "eo"
    assert read("How do I pay the invoice?").language == "en"
