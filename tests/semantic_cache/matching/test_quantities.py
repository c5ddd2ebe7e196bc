"""Numbers that two questions must share, and numbers inside names, which a paraphrase may leave out."""

from __future__ import annotations

import pytest
from sides import side

from normalize import Facts
from semantic_cache.matching import Compared, veto
from semantic_cache.matching.quantities import lone_numbers, numbers_differ


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can I borrow 3 books?", "Can I borrow 5 books?"),
        ("How much is the iPhone 15?", "How much is the iPhone 14?"),
        ("How far can the F-16 fly?", "What is the range of the F-35?"),
        ("Is GPT-4 free?", "Does GPT-3 cost anything?"),
        ("Is it open on 24 December?", "What are the hours for 31 December?"),
        ("Which bus takes the 2nd stop?", "Which bus takes the 3rd stop?"),
        ("Can I keep it for 2 weeks?", "Is it mine for 3 months?"),
        ("Is a bag of 20 kg free?", "Does one of 900 grams cost nothing?"),
        ("Qual loja fica no segundo andar?", "O que tem no 3º andar?"),
        ("parking for 3h price", "What does it cost to leave my car there 5 hours?"),
        ("Can I plank for 30 seconds?", "Is a plank of 30 minutes healthy?"),
        ("Таймер на 30 секунд", "поставь таймер на 30 минут"),
        ("Can a baby of 11 months fly?", "Is a child of 1 year allowed aboard?"),
        ("Can I bring 1 liter?", "Is a bottle of 1100 ml let through?"),
        ("two hundred and fifty euros, how?", "¿Cómo pago ciento cincuenta euros?"),
        ("How do I treat COVID-19 within 5 days?", "How is the coronavirus treated within 7 days?"),
        ("보증 기간이 1년인가요?", "보증 기간이 2년인가요?"),
        ("3일 뒤에 취소할 수 있나요?", "3주 뒤에 취소할 수 있나요?"),
    ],
)
def test_another_number_is_refused_whichever_side_was_asked(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is not None
    assert numbers_differ(side(other), side(one)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can I borrow 3 books?", "Can I borrow books?"),
        ("How much is the iPhone 15?", "What does the iPhone cost?"),
        ("Can 2 people share 3 books?", "Can two of us share the books?"),
        ("보증 기간이 1년인가요?", "보증 기간이 끝나면 수리비가 얼마인가요?"),
    ],
)
def test_a_number_on_one_side_alone_contradicts_nothing_and_is_said_to_stand_alone(one: str, other: str) -> None:
    for asked, stored in ((side(one), side(other)), (side(other), side(one))):
        assert numbers_differ(asked, stored) is None
        assert "one side alone" in (lone_numbers(asked, stored) or "")


def test_where_nearly_all_other_words_are_the_same_a_number_was_left_out_on_purpose() -> None:
    three, some = side("Can I borrow 3 books?"), side("Can I borrow books?")
    assert veto(three, some, verified=True) is not None
    assert veto(three, some, verified=True, read=True) is None
    assert veto(three, some, verified=True, taught=True) is not None
    one, other = (side(f"How many meals does an 8-{unit}-old puppy need?") for unit in ("week", "month"))
    assert veto(one, other, verified=True) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("200의 30%는 얼마야?", "200에서 30퍼센트를 구하면 얼마가 되나요?"),
        ("에어컨 온도를 25도로 맞춰줘", "25도 에어컨 설정"),
        ("100만 원을 유로로 환전하면?", "1,000,000원 유로 환전"),
        ("2명 예약할게요", "2인 예약 부탁드려요"),
        ("Perder 7 kilos consejos", "Deseo bajar 7 kg de peso"),
        ("Do I pay tax after two years?", "I held it for 24 months. Does the office want a share?"),
        ("Posso esperar duas semanas?", "Minha consulta é só em 15 dias"),
        ("한 달 안에 살을 빼려면", "4주 안에 감량 식단"),
        ("Who won most races in the 2023 season?", "F1 season '23, most wins"),
        ("Os eventos de 2015", "o que houve em dois mil e quinze"),
        ("부모님께 5천만 원 받으면", "증여 50,000,000원"),
    ],
)
def test_one_number_written_in_two_ways_is_the_same(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is None
    assert numbers_differ(side(other), side(one)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is there a discount of 40%?", "Is there a discount of 40?"),
        ("Is the fee $5?", "Is the fee 5?"),
        ("Where is the 2nd floor?", "Where are the 2 floors?"),
        ("Which mains cost less than 15 pounds?", "mains < £15"),
        ("15분 넘는 영상은 못 올리죠?", "영상 1개 업로드 한도"),
    ],
)
def test_numbers_that_cannot_be_compared_are_weighed_by_the_verifier(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is None
    assert lone_numbers(side(one), side(other)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is there a discount of 40%?", "Is there a discount of 40?"),
        ("Is the fee $5?", "Is the fee 5?"),
    ],
)
def test_in_the_same_words_they_are_refused_where_no_pair_model_reads_them(one: str, other: str) -> None:
    assert veto(side(one), side(other), verified=True) is not None
    assert veto(side(other), side(one), verified=True) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is a bag of 23 kg free?", "Is a bag of 25000 grams free?"),
        ("Is it free for 4 weeks?", "Is it free for a trial of 1 month?"),
        ("축의금 5만 10만 원 중 뭐가 적당해요?", "축의금 15만 원 적당해요?"),
    ],
)
def test_about_the_same_is_not_the_same(one: str, other: str) -> None:
    assert lone_numbers(side(one), side(other)) is not None
    assert lone_numbers(side(other), side(one)) is not None


def test_which_side_was_asked_makes_no_difference_where_one_amount_may_be_two_others() -> None:
    one, other = side("Does 1 month mean 28 days?"), side("Is it 28 days or 31 days?")
    assert numbers_differ(one, other) is numbers_differ(other, one) is None


def test_a_number_inside_a_name_may_be_left_out_but_not_where_nearly_all_other_words_are_the_same() -> None:
    named = side("Who might suffer a severe illness from COVID-19?")
    assert veto(named, side("Is the coronavirus worse for old people?"), verified=True) is None
    assert veto(named, side("Who might suffer a severe illness from measles?"), verified=True) is not None


def test_without_a_verifier_a_number_inside_a_name_must_be_on_both_sides() -> None:
    named, other = side("who gets ill from covid-19?"), side("is the coronavirus worse for old people?")
    assert lone_numbers(named, other) is not None
    assert lone_numbers(named, named) is None
    assert veto(named, other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Do 3 adults and 2 children fit?", "Is there room for 2 adults and 3 children?"),
        ("Can I use one email for two accounts?", "Can I use two emails for one account?"),
        ("Why was I billed twice for one parcel?", "Why was I billed once for two parcels?"),
        ("Можно применить два купона к одному заказу?", "Можно применить один купон к двум заказам?"),
        ("¿Caben tres adultos y dos niños?", "¿Hay sitio para dos adultos y tres niños?"),
        ("Cabem 3 adultos e 2 crianças?", "Há lugar para 2 adultos e 3 crianças?"),
        ("이메일 하나로 계정 두 개 만들 수 있나요?", "이메일 두 개로 계정 하나 만들 수 있나요?"),
    ],
)
def test_two_numbers_that_change_places_contradict(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is not None
    assert numbers_differ(side(other), side(one)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Do 3 adults and 2 children fit?", "Is there room for 2 children and 3 adults?"),
        ("Why was I billed twice for one parcel?", "Why was I billed two times for one parcel?"),
        ("Can I use one email for two accounts?", "May two accounts share one email?"),
        ("이메일 하나로 계정 두 개 만들 수 있나요?", "계정 두 개를 이메일 하나로 만들어도 돼요?"),
    ],
)
def test_the_same_counts_in_another_order_do_not(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is None


def test_a_run_of_thousands_of_digits_is_compared_as_it_is() -> None:
    long = Compared(Facts(numbers=("9" * 5000 + "만",)), "long", "ko", "long")
    assert lone_numbers(long, side("3만 원이면 되나요?")) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PS5에 패드를 연결하는 방법", "PS5 패드 연결하기"),
        ("정부24를 휴대폰에서 켜는 법", "정부24 휴대폰 사용법"),
        ("결혼 10주년 선물 추천", "결혼한 지 10년 된 기념 선물"),
        ("두 컵 반이면 몇 ml?", "2.5컵은 몇 밀리리터인가요?"),
        ("키가 180센티인 사람", "180cm 키"),
    ],
)
def test_one_number_written_otherwise_contradicts_nothing(one: str, other: str) -> None:
    assert numbers_differ(side(one), side(other)) is None
    assert numbers_differ(side(other), side(one)) is None


def test_another_console_is_another_one_whatever_particle_follows() -> None:
    assert numbers_differ(side("PS5에 패드를 연결하는 방법"), side("PS4에 패드를 연결하는 방법")) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("두 시간 반 주차 요금", "두 시간 주차 요금"),
        ("최대10만 결제 가능한가요?", "최대10 결제 가능한가요?"),
        ("파스타 3인분 재료 알려줘", "파스타 4명이 먹을 재료 알려줘"),
        ("US$5만 송금 수수료는?", "US$5 송금 수수료는?"),
    ],
)
def test_half_more_or_ten_thousand_times_as_much_is_another_number(one: str, other: str) -> None:
    assert veto(side(one), side(other), verified=True, read=True) is not None
