"""What the last turn of a conversation asks, and the key of what was said before."""

import pytest

from normalize import EmptyTextError, Message, Normalizer, context_key
from normalize.conversation import Conversation, resolve

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


def conversation(*said: str) -> list[Message]:
    """Users' turns, each but the last answered."""
    *before, last = said
    turns = [turn for text in before for turn in (Message("user", text), Message("assistant", "Here you are."))]
    return [*turns, Message("user", last)]


READ = Conversation(NORMALIZER)


def test_a_question_without_a_conversation_is_itself() -> None:
    found = READ([Message("user", "How much is it?")])
    assert (found.standalone, found.context, found.steps) == (True, "", ())
    assert found.question == NORMALIZER("How much is it?")


def test_chatter_before_a_question_leaves_it_without_a_context() -> None:
    found = READ(conversation("Hello!", "How much is it?"))
    assert (found.standalone, found.context) == (True, "")


def test_a_question_that_stands_alone_has_no_context_and_says_why() -> None:
    found = READ(conversation("How do vaccines work?", "What are your opening hours?"))
    assert (found.standalone, found.context) == (True, "")
    assert found.question.key == NORMALIZER("What are your opening hours?").key
    assert found.steps[0].rule == "en.conversation: stands alone (operator)"


def test_a_question_that_points_back_keeps_its_whole_context() -> None:
    messages = conversation("How do vaccines work?", "What are they made of?")
    found = READ(messages)
    assert (found.standalone, found.context) == (False, context_key(messages[:-1], NORMALIZER))
    assert found.question == NORMALIZER("What are they made of?")
    assert found.steps[0].rule == "en.pointers: they"


def test_what_the_system_says_holds_for_a_question_that_stands_alone_too() -> None:
    system = Message("system", "Answer in French.")
    found = READ([system, *conversation("How do vaccines work?", "What are your opening hours?")])
    assert found.standalone
    assert found.context == context_key([system], NORMALIZER)


@pytest.mark.parametrize(
    "said",
    [
        "I live in Norway.",
        "I'm under 18, can I swim?",
        "Assume that I am a student.",
        "From now on answer in French.",
        "Could you speak Korean?",
        "You are a pirate.",
        "Do you have a branch in Busan?",
        "How big is the Oslo one?",
        "Are you open on Monday?",
        "How much for two people?",
        "Do you ship abroad?",
        "Is your office closed when it snows?",
        "yes",
        "def f():\n    return 1",
        "x" * 40_000,
        "저는 부산에 살아요.",
        "Я живу в Москве.",
    ],
)
def test_a_turn_that_sets_a_condition_makes_every_later_question_depend(said: str) -> None:
    assert not READ(conversation(said, "What are your opening hours?")).standalone
    assert not READ(conversation(said, "How do vaccines work?", "What are your opening hours?")).standalone


def test_a_question_about_what_was_asked_before_depends() -> None:
    assert not READ(conversation("How do I return shoes?", "What is your return policy?")).standalone


def test_a_password_may_be_that_of_the_thing_just_spoken_of() -> None:
    assert not READ(conversation("How do I connect a kindle?", "How do I reset my password?")).standalone
    assert READ(conversation("What are your opening hours?", "How do I reset my password?")).standalone


def test_a_greeting_of_the_assistant_does_not_make_a_full_question_depend() -> None:
    greeting = Message("assistant", "Welcome! How can I help?")
    assert READ([greeting, Message("user", "What are your opening hours?")]).standalone
    assert not READ([greeting, Message("user", "How much is it?")]).standalone
    assert not READ([greeting, Message("user", "How do I reset my password?")]).standalone


def test_a_follow_up_is_completed_from_the_last_whole_question() -> None:
    said = ("What is the price of the Basic plan?", "and the Pro plan?")
    found = READ(conversation(*said))
    assert (found.standalone, found.question.text) == (True, "What is the price of the Pro plan?")
    assert found.question.key == NORMALIZER("What is the price of the Pro plan?").key
    assert found.steps[0].rule == "en.follow_ups: and: the Basic plan → the Pro plan"
    third = READ(conversation(*said, "thanks!", "what about the Team plan?"))
    assert third.question.text == "What is the price of the Team plan?"


def test_no_follow_up_is_completed_after_a_question_back() -> None:
    asked_back = Message("assistant", "A year or a month?")
    messages = [Message("user", "How much is the red shirt?"), asked_back, Message("user", "and the blue shirt?")]
    assert not READ(messages).standalone


def test_no_follow_up_is_completed_after_a_turn_that_depends() -> None:
    said = ("How do I plant tomatoes in summer?", "Is it hard?", "what about in winter?")
    assert not READ(conversation(*said)).standalone


@pytest.mark.parametrize("said", ["I live in Norway.", "x" * 40_000, "\ud800", "sjdhf kjsdhf"])
def test_no_follow_up_is_completed_where_something_was_said_before_its_question(said: str) -> None:
    later = ("What is the price of the Basic plan?", "and the Pro plan?")
    assert not READ(conversation(said, *later)).standalone
    assert not READ([Message("user", said), *conversation(*later)]).standalone


def test_no_follow_up_is_completed_from_a_question_of_several_sentences() -> None:
    assert not READ(conversation("I have a garden. Do you deliver on Sundays?", "and on Mondays?")).standalone


def test_a_conversation_without_messages_asks_nothing() -> None:
    with pytest.raises(EmptyTextError):
        READ([])


def test_the_convenience_reads_as_the_class_does() -> None:
    messages = conversation("How do vaccines work?", "What are your opening hours?")
    assert resolve(messages, NORMALIZER) == READ(messages)


@pytest.mark.parametrize(
    "text", ["?!a", "¿", "İ", "ㅋㅋ", "a" * 500, "👍", "und und", "and", "what about", "그럼", "는", "the"]
)
def test_no_text_makes_reading_fail(text: str) -> None:
    for messages in (conversation(text, "What are your opening hours?"), conversation("How do I pay?", text)):
        try:
            READ(messages)
        except EmptyTextError:
            assert not any(c.isalnum() for c in messages[-1].content)
