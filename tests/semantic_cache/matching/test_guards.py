"""Guards: equal facts pass, any difference is refused with both sides named."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from normalize import Facts, Normalizer
from semantic_cache.matching import GUARDS, Compared, veto
from semantic_cache.matching.wording import difference_in_wording

_FACTS = Facts(
    numbers=("3 day",), negations=("not",), times=("today",), dates=("monday",),
    quoted=("x",), identifiers=("a@b.c",), polarity=("open",),
)  # fmt: skip
_SAME = Compared(_FACTS, "the same key", "en")


def _compared(text: str) -> Compared:
    question = Normalizer()(text)
    return Compared(question.facts, question.key, "und")


def test_every_fact_is_guarded() -> None:
    assert {field.name for field in fields(Facts)} - {"times", "quoted", "polarity"} <= {guard.name for guard in GUARDS}
    assert len(GUARDS) == len(fields(Facts)) + 2


@pytest.mark.parametrize("name", [field.name for field in fields(Facts)])
def test_a_difference_in_one_fact_is_refused_in_both_directions(name: str) -> None:
    other = replace(_SAME, facts=replace(_FACTS, **{name: ("something else",)}))
    empty = replace(_SAME, facts=replace(_FACTS, **{name: ()}))
    assert veto(_SAME, _SAME) is None
    for asked, stored in ((_SAME, other), (other, _SAME)):
        assert "differ" in (veto(asked, stored) or "")
    for asked, stored in ((_SAME, empty), (empty, _SAME)):
        # A word with an opposite may be said in another way on the other side; every other fact must be there.
        assert (veto(asked, stored) is None) is (name == "polarity")


def test_an_answer_in_another_language_is_refused() -> None:
    assert "languages" in (veto(_SAME, replace(_SAME, language="ko")) or "")
    assert veto(_SAME, replace(_SAME, language="und")) is None


@pytest.mark.parametrize(
    ("asked", "stored", "refused"),
    [
        ("how much is shipping to japan", "how much is shipping from japan", True),
        ("how much is the monthly plan", "how much is the yearly plan", True),
        ("seoul to busan train", "busan to seoul train", True),
        ("a refund", "a refund for fresh food", False),
        ("get a refund for food", "get a refund for fresh food", True),
        ("is the pool open", "are pool open", False),
        ("forgot my password what now", "how to reset my password", False),
        ("월 구독료 얼마", "연 구독료 얼마", True),
        ("can i call you", "can you call me", True),
        ("can we call you", "can i call you", False),
        ("한국어에서 영어로 바꾸기", "영어에서 한국어로 바꾸기", True),
        ("일요일에 배송 되나", "일요일에도 배송되나", False),
    ],
)
def test_a_small_difference_in_wording_is_refused_and_a_large_one_is_left_to_the_model(
    asked: str, stored: str, refused: bool
) -> None:
    assert (difference_in_wording(asked, stored) is not None) is refused
    assert (difference_in_wording(stored, asked) is not None) is refused


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("Can I return it within 7 days?", "Can I return it within 14 days?"),
        ("How much is 5 kg?", "How much is 5 g?"),
        ("Is it 50% off?", "Is it 50 won off?"),
        ("Does Python 3.11 work?", "Does Python 3.12 work?"),
        ("Which sauces contain nuts?", "Which sauces don't contain nuts?"),
        ("Can I return it with a receipt?", "Can I return it without a receipt?"),
        ("How do I open an account?", "How do I close an account?"),
        ("우유가 들어간 제품", "우유가 안 들어간 제품"),
        ("3일 식단은 얼마예요?", "7일 식단은 얼마예요?"),
        ("Как включить уведомления?", "Как не включить уведомления?"),
        ("Como pagar com cartão?", "Como pagar sem cartão?"),
        ("¿Puedo pagar con tarjeta?", "¿Puedo pagar sin tarjeta?"),
        ("Is the shop open today?", "Is the shop open tomorrow?"),
        ("What is `sed -i`?", "What is `sed -n`?"),
    ],
)
def test_real_near_misses_are_refused(asked: str, stored: str) -> None:
    assert veto(_compared(asked), _compared(stored)) is not None


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("Can I return it within seven days?", "Can I return it within 7 days?"),
        ("Which sauces do not contain nuts?", "Which sauces don't contain nuts?"),
        ("I can't sign in", "I cannot sign in"),
        ("Is the shop open?", "Is shop open?"),
    ],
)
def test_the_same_in_other_words_passes(asked: str, stored: str) -> None:
    assert veto(_compared(asked), _compared(stored)) is None
