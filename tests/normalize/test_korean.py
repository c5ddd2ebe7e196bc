"""Korean: what the key of a question says, and what its steps tell of the way there."""

import threading

import pytest

from normalize import Normalizer
from normalize.morphology.kiwi import Kiwi
from normalize.morphology.korean_numbers import sino
from normalize.order.korean import arrange

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("길 알려주실래요?", "길 알려줘"),
        ("비밀번호를 초기화해 주시겠어요", "비밀번호초기화 해줘"),
        ("예약할수있나요?", "예약 하다 -수있 ?"),
        ("결제가 안되나요?", "결제 안 되다 ?"),
        ("가입하려면 어떻게 해야 하나요?", "가입방법 알려줘"),
        ("무료입니다", "무료 이다"),
        ("무료입니까?", "무료 ?"),
        ("서울에서 부산까지 얼마나 걸려요?", "부산-까지 서울-에서 얼마나 걸리다"),
        ("취소하지 마세요", "취소 하다 -지 말다 -하라"),
        ("같이 갑시다", "같이 가다 -하자"),
    ],
)
def test_a_key_says_what_is_asked_in_plain_words(text: str, key: str) -> None:
    assert NORMALIZER(text).key == key


@pytest.mark.parametrize("noun", ["고양이", "국가", "마을", "가을", "꽃노을", "필요", "아이", "휴가"])
def test_a_noun_that_ends_like_a_particle_keeps_its_letters(noun: str) -> None:
    assert noun in NORMALIZER(f"{noun} 사진 보여줘").key


@pytest.mark.parametrize("text", ["줘", "좀", "왜", "ㅋㅋ", "요", "뭐?", "안", "응", "는", "...네"])
def test_short_and_odd_texts_have_a_key(text: str) -> None:
    assert NORMALIZER(text).key


def test_quotes_addresses_and_code_are_kept_letter_by_letter() -> None:
    key = NORMALIZER('"Foo Bar"가 https://a.kr/B?x=1 에서 `ls -A` 로 되나요?').key
    assert all(literal in key for literal in ('"Foo Bar"', "https://a.kr/B?x=1", "`ls -A`"))


def test_steps_name_the_line_of_the_lexicon_and_the_rule_of_grammar() -> None:
    rules = [step.rule for step in NORMALIZER("휴대폰이 되지 않나요?").steps]
    assert "ko.abbreviation: 휴대폰 → 핸드폰" in rules
    assert "ko.grammar: not" in rules


def test_a_question_about_words_keeps_its_words() -> None:
    assert NORMALIZER("비번의 뜻이 뭐야?").key != NORMALIZER("비밀번호의 뜻이 뭐야?").key


def test_two_sentences_stay_two() -> None:
    assert " . " in NORMALIZER("환불하고 싶어요. 배송비는 누가 내나요?").key


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("삼십", 30),
        ("이천이십오", 2025),
        ("3만5천", 35000),
        ("백이십", 120),
        ("만", 10_000),
        ("공일공", None),
        ("3억2천만", 320_000_000),
        ("5만10만", None),
        ("2천3천", None),
        ("1억2억", None),
        ("가나", None),
    ],
)
def test_sino_korean_numbers_have_a_value(written: str, value: int | None) -> None:
    assert sino(written) == value


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5천만 원 대출", ("50000000원",)),
        ("5,000만 원 대출", ("50000000원",)),
        ("2만 5천 원", ("25000원",)),
        ("만 이천 원", ("12000원",)),
        ("3억 2천만 원", ("320000000원",)),
        ("축의금 5만 10만 원 중", ("10만", "5만")),
        ("천장이 높아요", ()),
    ],
)
def test_amounts_are_read_whole(text: str, numbers: tuple[str, ...]) -> None:
    assert NORMALIZER(text).facts.numbers == numbers


def test_long_runs_of_digits_and_units_are_read_in_time_and_without_an_error() -> None:
    for text in ("천만 " * 2000, "9" * 5000 + "만 원 얼마", "1만 " * 2000):
        assert NORMALIZER(text).language == "ko"


def test_units_before_the_verb_have_one_order_and_the_object_stands_last() -> None:
    assert arrange(" 서울/N 에서/JKB 빵/N 를/JO 오늘/N 먹/VV ") == arrange(" 오늘/N 빵/N 를/JO 서울/N 에서/JKB 먹/VV ")
    assert arrange(" 빵/N 를/JO 내/N 가/JS 먹/VV ") == ["내-가", "빵", "먹다"]


def test_what_stands_before_a_describing_verb_stays_with_it() -> None:
    one = arrange(" 서울/N 에서/JKB 사/VV ㄴ/ETM 빵/N 먹/VV ")
    other = arrange(" 사/VV ㄴ/ETM 빵/N 서울/N 에서/JKB 먹/VV ")
    assert one != other


def test_threads_share_one_analyser() -> None:
    kiwi, found = Kiwi(), []
    threads = [threading.Thread(target=lambda: found.append(tuple(kiwi.morphemes("환불 되나요")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
