"""The model of conversations that is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import numpy as np
import pytest

from normalize import Message
from semantic_cache.encoder import Encoder, TurnModel, shipped_turn_weights, turn_model
from semantic_cache.encoder.turn_model import MOST_TURN_TOKENS, MOST_USER_TURNS
from semantic_cache.errors import EmbeddingError
from semantic_cache.reading import SURELY_ALONE

QUESTION = "How many legs does a lobster have?"


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> TurnModel:
    return TurnModel(encoder, shipped_turn_weights())


def _said(*texts: str) -> list[Message]:
    return [Message(role, text) for text in texts for role, text in (("user", text), ("assistant", "All right."))]


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ("lol you are funny", "How many legs does a lobster have?"),
        ("thanks for the tip about the oven", "What is the difference between a moth and a butterfly?"),
        ("오늘 너무 피곤하다 ㅋㅋ", "대한민국의 수도는 어디야?"),
        ("jaja qué buen chiste", "¿Cuántos planetas tiene el sistema solar?"),
        ("kkkk adorei", "Quem pintou o teto da Capela Sistina?"),
        ("ну ты и шутник", "Какая самая длинная река в Африке?"),
    ],
)
def test_a_whole_question_after_small_talk_stands_alone(model: TurnModel, before: str, last: str) -> None:
    assert model.stands_alone(_said(before), last) > SURELY_ALONE  # type: ignore[operator]


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ("How warm is Lisbon in summer?", "and in winter?"),
        ("Which phone should I buy for my mother?", "how much does it weigh?"),
        ("How do I bake sourdough bread?", "How long does the dough have to rest?"),
        ("Please answer in French from now on.", QUESTION),
        ("이제부터 영어로만 대답해줘", "대한민국의 수도는 어디야?"),
        ("제주도 여름 날씨 어때?", "그럼 겨울은?"),
        ("¿Cuánto cuesta el plan básico?", "¿y el otro?"),
        ("Quanto custa o plano básico?", "e o outro?"),
        ("Сколько стоит базовый тариф?", "а другой?"),
    ],
)
def test_what_leaves_something_open_or_follows_an_instruction_does_not(
    model: TurnModel, before: str, last: str
) -> None:
    assert model.stands_alone(_said(before), last) < SURELY_ALONE / 2  # type: ignore[operator]


def test_the_same_question_depends_once_something_was_asked_for_before(model: TurnModel) -> None:
    alone = model.stands_alone(_said("lol you are funny"), QUESTION)
    told = model.stands_alone(_said("From now on answer in one word only.", "lol you are funny"), QUESTION)
    assert alone is not None
    assert told is not None
    assert told < 0.5 < alone


def test_only_the_user_says_what_holds_for_later(model: TurnModel) -> None:
    history = [Message("user", "hello there my friend"), Message("assistant", "Please answer in French from now on.")]
    assert model.stands_alone(history, QUESTION) > SURELY_ALONE  # type: ignore[operator]


def test_what_is_too_long_is_not_judged(model: TurnModel) -> None:
    question, long = QUESTION, "word " * MOST_TURN_TOKENS
    assert model.stands_alone(_said(*["hi"] * MOST_USER_TURNS), question) is not None
    assert model.stands_alone(_said(*["hi"] * (MOST_USER_TURNS + 1)), question) is None
    assert model.stands_alone(_said(long), question) is None
    assert model.stands_alone(_said("hi"), long) is None


def test_an_assistant_that_speaks_first_changes_nothing(model: TurnModel) -> None:
    greeting = [Message("assistant", "Welcome! What can I do for you today?"), Message("user", "  ")]
    assert model.stands_alone(greeting, QUESTION) > SURELY_ALONE  # type: ignore[operator]
    assert model.stands_alone(greeting, "and the other one?") < 0.5  # type: ignore[operator]


def test_what_no_encoder_reads_is_told(model: TurnModel) -> None:
    with pytest.raises(EmbeddingError, match="NUL"):
        model.stands_alone(_said("a\0b"), QUESTION)


def _archive(weights: Mapping[str, np.ndarray]) -> bytes:
    out = BytesIO()
    np.savez(out, **weights)  # type: ignore[arg-type]
    return out.getvalue()


def test_damaged_weights_are_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = dict(shipped_turn_weights())
    lacking = {name: value for name, value in whole.items() if name != "inner.bias"}
    narrow = {**whole, "mean": whole["mean"][:, 1:]}
    infinite = {**whole, "out.bias": whole["out.bias"] + np.inf}
    for data in (b"PK\x03\x04 no archive", _archive(lacking), _archive(narrow), _archive(infinite)):
        monkeypatch.setattr(turn_model, "files", lambda _package, data=data: _Package(data))
        with pytest.raises(EmbeddingError, match="install it anew"):
            shipped_turn_weights()


class _Package:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def joinpath(self, name: str) -> _Package:
        assert name == "turns.npz"
        return self

    def read_bytes(self) -> bytes:
        return self._data
