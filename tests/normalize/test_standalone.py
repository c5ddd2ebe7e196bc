"""Which turns stand alone, and which follow-ups can be completed: every doubt is decided against it."""

import pytest

from normalize import Message, Normalizer
from normalize.conversation import Conversation, Resolved

READ = Conversation(Normalizer())


def read(*said: str) -> Resolved:
    *before, last = said
    turns = [turn for text in before for turn in (Message("user", text), Message("assistant", "Here you are."))]
    return READ([*turns, Message("user", last)])


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("How do vaccines work?", "What are your opening hours?"),
        ("How do I return shoes?", "Where is your office?"),
        ("How do vaccines work?", "Thanks! What's your phone number?"),
        ("How do vaccines work?", "Hi, what is your return policy"),
        ("Who wrote Hamlet?", "What is the capital of France?"),
        ("What is the capital of France?", "Who is the CEO of Apple?"),
        ("How do vaccines work?", "How tall is Mount Everest?"),
        ("What are your opening hours?", "How can I close my account?"),
        ("What are your opening hours?", "Do you accept credit cards?"),
        ("What are your opening hours?", "Do You Accept Credit Cards?"),
        ("What are your opening hours?", "DO YOU ACCEPT CREDIT CARDS?"),
        ("회원가입은 어떻게 하나요?", "영업시간이 어떻게 되나요?"),
        ("회원가입은 어떻게 하나요?", "본사는 어디예요?"),
        ("회원가입은 어떻게 하나요?", "프랑스의 수도는 어디야?"),
        ("Как оплатить?", "Где ваш офис?"),
        ("¿Cómo puedo pagar?", "¿Cuál es tu horario?"),
        ("Quais são os preços?", "Qual é o vosso horário?"),
    ],
)
def test_a_full_question_tied_to_no_earlier_turn_stands_alone(before: str, text: str) -> None:
    found = read(before, text)
    assert (found.standalone, found.context) == (True, "")


@pytest.mark.parametrize(
    "text",
    [
        "Where is it?",
        "When do you open there?",
        "Who are they?",
        "Is your shop near here?",
        "Do you have the same in red?",
        "Where is your other office?",
        "the blue one",
        "the second one",
        "cheaper?",
        "Which is better?",
        "Why?",
        "yes",
        "two",
        "Germany?",
        "for two people?",
        "and on Sundays?",
        "So where is your office?",
        "What is the price?",
        "Where is the pool?",
        "What are your prices?",
        "What is your answer?",
        "What is my name?",
        "Are you sure?",
        "How do you know?",
        "Can you explain?",
        "Tell me more",
        "Do you accept the card?",
        "Give me an example",
        "How do I cancel?",
        "What documents do I need?",
        "Is breakfast included?",
        "How long does delivery take?",
        "How many people died in Russia?",
        "When did Germany surrender?",
        "Who Is The Captain?",
        "I want to see your office.",
        "Where is your office? I am in Oslo.",
    ],
)
def test_an_english_turn_that_leaves_something_to_be_filled_in_depends(text: str) -> None:
    assert not read("What are your opening times?", text).standalone


@pytest.mark.parametrize(
    "text",
    [
        "그건 얼마야?",
        "거기 영업시간이 어떻게 되나요?",
        "그럼 영업시간이 어떻게 되나요?",
        "다른 본사는 어디예요?",
        "가격은?",
        "영업시간은?",
        "얼마야?",
        "왜?",
        "네",
        "두 개",
        "두번째 거",
        "더 싼 건?",
        "취소하려면 어떻게 해요?",
        "비밀번호는 어떻게 바꿔요?",
        "그 사람 누구야?",
    ],
)
def test_a_korean_turn_that_leaves_something_to_be_filled_in_depends(text: str) -> None:
    assert not read("회원가입은 어떻게 하나요?", text).standalone


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("Как оплатить?", "Где он?"),
        ("Как оплатить?", "А в Москве?"),
        ("Как оплатить?", "Сколько это стоит?"),
        ("Как оплатить?", "Почему?"),
        ("Quais são os preços?", "Onde fica isso?"),
        ("Quais são os preços?", "E no domingo?"),
        ("Quais são os preços?", "Qual é o vosso horário lá?"),
        ("¿Cómo puedo pagar?", "¿Y los domingos?"),
        ("¿Cómo puedo pagar?", "¿Cuánto cuesta eso?"),
        ("¿Cómo puedo pagar?", "¿Cuál es su horario?"),
        ("¿Cómo puedo pagar?", "¿Cuál es tu horario allí?"),
    ],
)
def test_pointers_and_remnants_depend_in_every_language(before: str, text: str) -> None:
    assert not read(before, text).standalone


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        ("What is the price of the Basic plan?", "and the Pro plan?", "What is the price of the Pro plan?"),
        ("How much is the red shirt?", "what about the blue shirt?", "How much is the blue shirt?"),
        ("How much is a single room?", "and a double room?", "How much is a double room?"),
        ("How do I plant tomatoes in summer?", "what about in winter?", "How do I plant tomatoes in winter?"),
        (
            "What are your opening hours on Sundays?",
            "And on Mondays?",
            "What are your opening hours on Mondays?",
        ),
        ("What is the capital of France?", "and Germany?", "What is the capital of Germany?"),
        ("What is the capital of France?", "how about of Germany?", "What is the capital of Germany?"),
        ("Who is the CEO of Apple?", "and Microsoft?", "Who is the CEO of Microsoft?"),
        ("How much is a room for 2 people?", "and for 3 people?", "How much is a room for 3 people?"),
        ("여름에 토마토를 어떻게 심어?", "겨울에는?", "겨울에 토마토를 어떻게 심어?"),
        ("기본 요금제 가격은 얼마야?", "프로 요금제는?", "프로 요금제 가격은 얼마야?"),
        ("한국의 인구는 얼마야?", "그럼 일본은?", "일본의 인구는 얼마야?"),
        ("서울은 어떤 도시야?", "제주도는?", "제주도는 어떤 도시야?"),
    ],
)
def test_a_follow_up_takes_the_place_of_the_one_part_that_is_like_it(before: str, text: str, whole: str) -> None:
    found = read(before, text)
    assert (found.standalone, found.question.text, found.context) == (True, whole, "")


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("How do I plant tomatoes in Norway?", "what about in winter?"),
        ("When does Netflix launch?", "and Germany?"),
        ("What is the capital of France?", "and Berlin?"),
        ("What is the weather in Oslo?", "and in Bergen?"),
        ("What is the weather in Oslo?", "and near Rome?"),
        ("What is the capital of France?", "and Apple?"),
        ("When does France play Spain?", "and Italy?"),
        ("한국이 일본을 이겼어?", "중국은?"),
        ("How far is Berlin from France?", "and Germany?"),
        ("Do you ship to France or Spain?", "and Italy?"),
        ("Can I upgrade from the Basic plan?", "and the Pro plan?"),
        ("Is the Basic plan cheaper than the Pro plan?", "and the Team plan?"),
        ("How much is the red shirt?", "and the cheaper shirt?"),
        ("How much is the red shirt?", "and the blue one?"),
        ("How much is the red shirt?", "what about blue?"),
        ("How much is the red shirt?", "and a blue shirt?"),
        ("How much is the red shirt?", "and the shirt?"),
        ("How much is the red shirt?", "and is the blue shirt nice?"),
        ("How much is it in summer?", "and in winter?"),
        ("How much is a room for 2 people?", "and for 3 nights?"),
        ("How much is a room for 2 people and 1 dog?", "and for 3 people?"),
        ("Red or white in summer?", "in winter?"),
        ("서울에서 부산까지 얼마나 걸려?", "대구는?"),
        ("서울에서 얼마나 걸려?", "부산은?"),
        ("서울 날씨 어때?", "겨울은?"),
        ("어떤 요금제가 있어?", "프로 요금제는?"),
        ("여름에 서울에서 뭐 입어?", "부산에는?"),
        ("기본 요금제와 프로 요금제 가격은 얼마야?", "팀 요금제는?"),
    ],
)
def test_a_follow_up_that_may_mean_another_part_is_left_as_it_is(before: str, text: str) -> None:
    found = read(before, text)
    assert (found.standalone, found.question.text) == (False, text)


def test_a_completed_question_sets_its_condition_for_later_ones() -> None:
    said = ("What are your opening hours on Sundays?", "and on Mondays?", "Where is your office?")
    assert not read(*said).standalone
