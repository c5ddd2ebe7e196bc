"""The context key: what was said before, as far as it changes what a question means."""

import pytest

from normalize import Message, Normalizer, context_key

NORMALIZER = Normalizer()


def key(*turns: tuple[str, str]) -> str:
    return context_key([Message(role, content) for role, content in turns], NORMALIZER)


def test_no_history_is_no_context() -> None:
    assert key() == ""


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello!",
        "thanks a lot!",
        "안녕하세요",
        "고마워요",
        "Спасибо!",
        "Привет, спасибо",
        "obrigado",
        "¡Muchas gracias!",
    ],
)
def test_chatter_and_the_reply_to_it_are_no_context(text: str) -> None:
    assert key(("user", text), ("assistant", "You are welcome. What else?")) == ""


def test_a_question_and_its_answer_are_context() -> None:
    found = key(("user", "How do I pay?"), ("assistant", "By card."))
    assert len(found) == 64
    assert found != key(("user", "How do I pay?"), ("assistant", "In cash."))
    assert found != key(("user", "How do I pay?"))


def test_two_wordings_of_the_history_are_one_context() -> None:
    assert key(("user", "Hi, how can I pay?")) == key(
        ("user", "how to pay"), ("user", "thanks"), ("assistant", "Sure!")
    )


def test_yes_and_no_are_no_chatter() -> None:
    asked = (("user", "Shall I pay?"), ("assistant", "Do you have a card?"))
    assert len({key(*asked), key(*asked, ("user", "yes")), key(*asked, ("user", "no"))}) == 3


def test_a_system_turn_is_context() -> None:
    assert key(("system", "Answer in French.")) not in {"", key(("user", "Answer in French."))}


def test_a_turn_that_is_no_question_is_context_word_for_word() -> None:
    long = "word " * 10_000
    assert key(("user", long)) not in {"", key(("user", long + "more"))}
    assert key(("user", "\ud800")) != key(("user", "\ud801"))


def test_an_empty_turn_says_nothing() -> None:
    assert key(("user", "  ")) == ""


def test_where_a_turn_ends_matters() -> None:
    assert key(("user", "pay"), ("user", "now")) != key(("user", "pay now"))
