"""What is denied, where things go, and what is named."""

import pytest

from normalize import Facts, Normalizer
from normalize.facts.naming import names
from normalize.lexicon import load

NORMALIZER = Normalizer()


def facts(text: str) -> Facts:
    return NORMALIZER(text).facts


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Can I not get a refund?", ("not:get",)),
        ("It works on my laptop but not my phone", ("not:phon",)),
        ("not before 5", ("not:befor",)),
        ("before 5 not", ("not:5",)),
        ("pasta without cream", ("without:cream",)),
        ("환불이 안 되나요?", ("not:환불",)),
        ("환불 안돼요?", ("not:환불",)),
        ("환불되지 않습니까?", ("not:환불",)),
        ("환불받을 수 없나요?", ("not:환불",)),
        ("현금 말고 카드", ("without:현금",)),
        ("끄지 말고 켜 두세요", ()),
        ("паста без сыра", ("without:сыр",)),
        ("Карта не работает", ("not:работа",)),
        ("massa sem queijo", ("without:queij",)),
        ("pasta sin queso", ("without:ques",)),
    ],
)
def test_a_negation_names_what_it_denies(text: str, negated: tuple[str, ...]) -> None:
    found = facts(text).negated
    assert [value.partition(":")[0] for value in found] == [value.partition(":")[0] for value in negated]
    assert all(here.startswith(there) or there.startswith(here) for here, there in zip(found, negated, strict=True))


@pytest.mark.parametrize(
    ("text", "negations"),
    [
        ("Не могу не спросить", ("not", "not")),
        ("No he recibido nada", ("not",)),
        ("Não recebi nada", ("not",)),
        ("Никто не отвечает", ("not",)),
        ("nada", ("not",)),
        ("아니면 카드로 되나요?", ()),
        ("포인트는 언제 없어져요?", ()),
        ("얼룩 없애는 방법", ()),
        ("결제하지 마세요", ("not",)),
        ("사용 금지인가요?", ("not",)),
        ("송금하려면 어떻게 해요?", ()),
        ("요금이 궁금합니다", ()),
        ("언제 되는지 말해줘", ()),
        ("로그인이 안됩니다", ("not",)),
    ],
)
def test_each_negation_counts_once_and_what_only_looks_like_one_does_not(text: str, negations: tuple[str, ...]) -> None:
    assert facts(text).negations == negations


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        ("How do I fly from Rome to Paris?", ("from:rom", "to:pari")),
        ("Shipping to Japan", ("to:japan",)),
        ("서울에서 부산까지 얼마예요?", ("from:서울", "to:부산")),
        ("서울에서 부산으로 가는 방법", ("from:서울", "to:부산")),
        ("Как доехать из Москвы в Казань?", ("from:москв", "to:казан")),
        ("Como eu vou de Lisboa para o Porto?", ("from:lisbo", "to:port")),
        ("¿Cómo voy de Madrid a Sevilla?", ("from:madrid", "to:sevill")),
        ("How to pay", ()),
        ("I am married to Ann", ()),
        ("카드로 결제", ()),
        ("바로 가는 방법", ()),
        ("la casa de Ana", ()),
        ("Живу в Москве", ()),
        ("before the train", ("before:train",)),
        ("cash instead of a card", ("instead of:card",)),
    ],
)
def test_places_have_a_role_where_something_goes_from_one_to_another(text: str, directions: tuple[str, ...]) -> None:
    assert facts(text).directions == directions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Can I connect Spotify to my phone?", {"spotify"}),
        ("Spotify does not play", set()),  # a capital at the beginning says nothing
        ("iPhone or PayPal", {"iphone", "paypal"}),
        ("How do I file a VAT return with HMRC?", {"vat", "hmrc"}),
        ("How Do I Reset My Old Password", set()),
        ("HOW DO I RESET MY PASSWORD", set()),
        ("Where do I go? Then I pay.", set()),
        ("Are you open on Monday?", set()),
        ("Is `Foo` in \"Bar Baz\" or at https://X.com?", set()),
        ("갤럭시에서 netflix 앱 설치하는 법", {"netflix"}),
        ("KTX로 가는 방법", {"ktx"}),
        ("Как подключить Netflix в Тинькофф?", {"netflix", "тинькофф"}),
        ("Доставка в Москву", {"москв"}),
        ("Entregam em Portugal?", {"portugal"}),
        ("¿Envían a España?", {"españa"}),
    ],
)  # fmt: skip
def test_names_are_told_by_their_capitals_or_their_script(text: str, found: set[str]) -> None:
    assert names(text, load()[NORMALIZER(text).language]) == found


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("at 3pm", ("15:00",)),
        ("at 12am", ("0:00",)),
        ("오후 3시", ("15:00",)),
        ("오후 세 시 반", ("15:30",)),
        ("오전 9시 30분", ("9:30",)),
        ("15:00", ("15:00",)),
        ("체스를 두시나요?", ()),
        ("두 시간 걸려요", ()),
    ],
)
def test_times_of_day_have_one_form(text: str, dates: tuple[str, ...]) -> None:
    assert facts(text).dates == dates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("삼십 분 걸려요?", "30분 걸려요?"),
        ("이번 주에 되나요?", "이번주에 되나요?"),
        ("회원가입", "회원 가입"),
        ("6마리를 키워요", "6마리 키워요"),
    ],
)
def test_korean_spacing_and_numerals_change_no_fact(one: str, other: str) -> None:
    assert facts(one) == facts(other)


def test_a_hyphen_after_a_number_is_no_option_of_a_command() -> None:
    assert facts("Which 400 -level courses are there?").identifiers == ()
    assert facts("What does tar -xzf do?").identifiers == ("-xzf",)
