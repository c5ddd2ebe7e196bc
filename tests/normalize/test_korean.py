"""Korean speech levels, spacing and particles."""

import pytest

from normalize import Normalizer

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("길 알려주실래요?", "길 알려줘"),
        ("비밀번호를 초기화해 주시겠어요", "비밀번호 초기화해줘"),
        ("예약할수있나요?", "예약할 수 있어 ?"),
        ("예약 할 수가 있습니까?", "예약 할 수 있어 ?"),
        ("결제가 안되나요?", "결제가 안 돼 ?"),
        ("몇살이에요?", "몇 살이야"),
        ("현금인가요?", "현금이야 ?"),
        ("무료입니까?", "무료야 ?"),
        ("가입하려면 어떻게 해야 하나요?", "가입 방법 알려줘"),
        ("모를 때 연락할 곳을 알려줘", "모를 때 연락할 곳을 알려줘"),
        ("받을 수 있는 혜택을 알려줘", "받을 수 있는 혜택 알려줘"),
        ("사과 세개를 주세요", "사과 3개 줘"),
        ("좀 더 싼 요금제 추천 좀 해줘", "좀 더 싼 요금제 추천 해줘"),
        ("가격이 얼마예요ㅎㅎ", "가격 얼마야"),
        ("API는 무엇인가요", "api 뭐야"),
    ],
)
def test_every_level_comes_to_the_plain_one(text: str, key: str) -> None:
    assert NORMALIZER(text).key == key


@pytest.mark.parametrize("noun", ["고양이", "국가", "마을", "가을", "꽃노을", "필요"])
def test_a_noun_that_ends_like_a_particle_keeps_its_letters(noun: str) -> None:
    assert NORMALIZER(f"{noun} 알려줘").key == f"{noun} 알려줘"


@pytest.mark.parametrize("word", ["안내", "안전", "법", "수", "몇", "줘", "야"])
def test_short_and_lookalike_words_survive(word: str) -> None:
    assert NORMALIZER(word).key == word


def test_an_ending_that_only_questions_have_asks_without_a_mark() -> None:
    assert NORMALIZER("무료인가요").key == NORMALIZER("무료예요?").key != NORMALIZER("무료예요").key
