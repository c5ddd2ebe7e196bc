"""Guards: equal facts pass, any difference is refused with both sides named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sides import side

from normalize import Facts, Normalizer
from semantic_cache.matching import GUARDS, Compared, veto
from semantic_cache.matching.wording import difference_in_wording

NORMALIZER = Normalizer()
_FACTS = Facts(
    numbers=("3 day",), negations=("not",), times=("today",), dates=("monday",),
    quoted=("x",), identifiers=("a@b.c",), polarity=("open",),
)  # fmt: skip
_SAME = Compared(_FACTS, "the same key", "en")


def _compared(text: str) -> Compared:
    question = NORMALIZER(text)
    return Compared(question.facts, question.key, "und")


EQUAL = ("numbers", "times", "dates", "quoted", "identifiers")
DIFFERENT = [
    ("negations", "Which sauces contain nuts?", "Which sauces don't contain nuts?"),
    ("negations", "환불 되나요?", "환불 안 되나요?"),
    ("negations", "Можно вернуть товар?", "Нельзя вернуть товар?"),
    ("negations", "Posso pagar?", "Não posso pagar?"),
    ("negations", "¿Puedo pagar?", "¿No puedo pagar?"),
    ("negated", "I can pay but not ship?", "I can ship but not pay?"),
    ("opposites", "How do I enable roaming?", "How do I disable roaming?"),
    ("opposites", "계좌 개설 방법", "계좌 해지 방법"),
    ("opposites", "Как открыть счёт?", "Как закрыть счёт?"),
    ("opposites", "¿Cómo abrir una cuenta?", "¿Cómo cerrar una cuenta?"),
    ("opposites", "Como comprar?", "Como vender?"),
    ("quantifiers", "카드만 되나요?", "카드도 되나요?"),
    ("quantifiers", "Is at least 5 needed?", "Is at most 5 needed?"),
    ("quantifiers", "Только картой?", "Картой?"),
    ("quantifiers", "¿Solo tarjeta?", "¿Tarjeta?"),
    ("comparisons", "Is gold heavier than lead?", "Is lead heavier than gold?"),
    ("comparisons", "A가 B보다 커요?", "B가 A보다 커요?"),
    ("directions", "How do I get from Seoul to Busan?", "How do I get from Busan to Seoul?"),
    ("directions", "서울에서 부산까지 얼마나 걸려요?", "부산에서 서울까지 얼마나 걸려요?"),
    ("directions", "Как доехать из Москвы в Сочи?", "Как доехать из Сочи в Москву?"),
    ("directions", "¿Cómo voy de Madrid a Sevilla?", "¿Cómo voy de Sevilla a Madrid?"),
    ("directions", "Do you deliver to Norway?", "Do you deliver to Sweden?"),
    ("other directions", "서울까지 얼마예요?", "부산까지 얼마예요?"),
    ("with or without", "Fly with a dog", "Fly without a dog"),
    ("with or without", "¿Viajar con perro?", "¿Viajar sin perro?"),
    ("lone dates", "Is it open on Monday?", "Is it open?"),
    ("lone quotes", 'What does "lie" mean?', "What does it mean?"),
    ("lone identifiers", "How do I open a .csv file?", "How do I open a file?"),
    ("lone numbers", "Can I borrow 3 books?", "Can I borrow books?"),
    ("persons", "How do I reset my password?", "How do I reset his password?"),
    ("persons", "내 비밀번호 알려줘", "네 비밀번호 알려줘"),
    ("question types", "When does it arrive?", "Where does it arrive?"),
    ("question types", "언제 와요?", "왜 와요?"),
    ("question types", "Когда придёт заказ?", "Почему придёт заказ?"),
    ("question types", "¿Cuándo llega?", "¿Dónde llega?"),
    ("question types", "Quando chega?", "Onde chega?"),
    ("wording", "Vocês entregam em Portugal?", "Vocês entregam no Brasil?"),
    ("wording", "Доставляете в Казань?", "Доставляете в Москву?"),
    ("wording", "쿠폰은 어떻게 사용하나요?", "쿠폰은 어떻게 받나요?"),
]


@pytest.mark.parametrize("name", EQUAL)
def test_a_difference_in_what_must_be_equal_is_refused_in_both_directions(name: str) -> None:
    assert veto(_SAME, _SAME) is None
    for values in (("tuesday",) if name == "dates" else ("7 day",), ()):
        other = replace(_SAME, facts=replace(_FACTS, **{name: values}))
        for asked, stored in ((_SAME, other), (other, _SAME)):
            reason = veto(asked, stored) or ""
            assert "differ" in reason if values or name == "times" else "one side alone" in reason


@pytest.mark.parametrize(("name", "one", "other"), DIFFERENT)
def test_each_guard_refuses_its_kind_of_difference_in_both_directions(name: str, one: str, other: str) -> None:
    guard = next(guard for guard in GUARDS if guard.name == name)
    first, second = side(one), side(other)
    assert guard.reason(first, second) is not None
    assert guard.reason(second, first) is not None
    assert all(each.reason(first, first) is None for each in GUARDS)


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
        ("일요일에 배송 되나", "일요일에도 배송되나", True),
    ],
)
def test_a_small_difference_in_wording_is_refused_and_a_large_one_is_left_to_the_model(
    asked: str, stored: str, refused: bool
) -> None:
    language = "en" if asked.isascii() else "ko"
    one, other = Compared(Facts(), asked, language), Compared(Facts(), stored, language)
    assert (difference_in_wording(one, other) is not None) is refused
    assert (difference_in_wording(other, one) is not None) is refused


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can I return it within 7 days?", "How do I send back 7 items inside 3 days?"),
        ("Rent a car for 3 days", "What does it cost to hire 3 cars for 7 days?"),
        ("Сколько стоит 3 билета на 7 дней?", "Какая цена на 3 дня для 7 человек?"),
        ('What does "an" mean?', 'In which case would one write "a" here, and what is it for?'),
        ('O que quer dizer "si"?', 'Qual é o significado da palavra "que" em frases assim?'),
        ("How do I open a .csv file?", "Which program reads .xlsx tables?"),
        ("Is it open on 24 December?", "What are the hours for 31 December at your shop?"),
    ],
)
def test_what_both_sides_say_and_not_the_same_is_refused_in_any_words(one: str, other: str) -> None:
    assert veto(side(one), side(other), verified=True, read=True) is not None
    assert veto(side(other), side(one), verified=True, read=True) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('Compare "foo" with bar', 'How does foo differ from "bar"?'),
        ("Can I return it within 7 days?", "Do 7 days leave me the time to send it back?"),
        ("Is it open on Monday?", "What are your opening hours?"),
        ("What tyres do I need in winter?", "Which wheels go on when it snows?"),
        ("아침에 먹는 약인가요?", "이 약 언제 먹어요?"),
    ],
)
def test_what_one_side_alone_says_is_left_to_the_verifier(one: str, other: str) -> None:
    assert veto(side(one), side(other), verified=True) is None
    assert veto(side(other), side(one), verified=True) is None


def test_a_quoted_word_is_looked_for_among_whole_words() -> None:
    lone = next(guard for guard in GUARDS if guard.name == "lone quotes")
    assert lone.reason(side('What does "a" mean?'), side("What does that mean?")) is not None
    assert lone.reason(side('"미리"가 무슨 뜻인가요?'), side("미리는 무슨 뜻이에요?")) is None


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("Is drinking coffee with sugar good for me?", "Is coffee without sugar healthy?"),
        ("What is the way to set up Python on a computer?", "How do I install Python 3?"),
    ],
)
def test_what_will_be_served_without_a_verifier_must_agree_in_what_one_side_alone_says(asked: str, stored: str) -> None:
    assert veto(side(asked), side(stored), verified=True) is None
    assert veto(side(asked), side(stored), verified=True, taught=True) is not None
