"""A pronoun is put right where one thing alone can be meant, and is left to its conversation everywhere else."""

import pytest

from normalize import Message, Normalizer, resolve

NORMALIZER = Normalizer()


def talk(*turns: str) -> list[Message]:
    """Turns of user and assistant, the user first; an empty assistant's turn is left out."""
    roles = ("user", "assistant")
    return [Message(roles[at % 2], turn) for at, turn in enumerate(turns) if turn]


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        (("아이폰 케이스 있나요?", "네, 있습니다.", "그건 얼마야?"), "아이폰 케이스 얼마야?"),
        (("텀블러 파나요?", "", "그거 얼마예요?"), "텀블러 얼마예요?"),
        (("Do you have a travel adapter?", "Yes, we do.", "How much is it?"), "How much is travel adapter?"),
        (("Do you sell gift cards?", "Sure!", "How much are they?"), "How much are gift cards?"),
        (("Do you offer a breakfast buffet?", "Yes.", "what does it cost?"), "How much is breakfast buffet?"),
    ],
)
def test_the_price_of_the_one_thing_that_was_asked_for(turns: tuple[str, ...], whole: str) -> None:
    resolved = resolve(talk(*turns), NORMALIZER)
    assert resolved.standalone
    assert resolved.question.key == NORMALIZER(whole).key
    assert "pronouns" in resolved.steps[0].rule


@pytest.mark.parametrize(
    "turns",
    [
        ("How do I return the shoes?", "", "How long does it take?"),
        ("Do you have a pool and a spa?", "Yes.", "How much is it?"),
        ("Do you have rooms in Busan?", "Yes.", "How much is it?"),
        ("Do you have a spa?", "Yes, a spa and a sauna with a steam room for every guest.", "How much is it?"),
        ("Do you have a spa?", "No, but there is a sauna.", "How much is it?"),
        ("Do you have a spa?", "Yes.", "Where is it?"),
        ("서울에 호텔 있나요?", "네", "그건 얼마야?"),
        ("파스타 레시피 알려줘", "네", "그건 얼마야?"),
        ("그건 얼마야?", "네", "그건 얼마야?"),
    ],
)
def test_everything_else_stays_in_its_conversation(turns: tuple[str, ...]) -> None:
    assert not resolve(talk(*turns), NORMALIZER).standalone
