"""Facts: what two wordings must share exactly."""

import pytest

from normalize import Facts, Normalizer

NORMALIZER = Normalizer()


def facts(text: str) -> Facts:
    return NORMALIZER(text).facts


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("three cards and 3 cards", ("3", "3")),
        ("twenty one cards", ("21",)),
        ("5 thousand people", ("5000",)),
        ("1,000 dollars or 50 percent", ("$1000", "50%")),
        ("$5 and 5$ and 5 dollars", ("$5", "$5", "$5")),
        ("-5 degrees", ("-5",)),
        ("python 3.11", ("3.11",)),
        ("the first and the 1st", ("1st", "1st", "1st")),
        ("10 km and 10km", ("10km", "10km")),
        ("covid-19", ("covid-19",)),
        ("3만 5천원 말고 3만5천원", ("35000원", "3만", "5000원")),
        ("사과 두 개", ("2개",)),
        ("한 달이나 됐어", ("1달",)),
        ("세 개까지 되나요", ("3개",)),
        ("두 시간 반 걸려", ("2.5시간",)),
        ("세 개 반찬", ("3개",)),
        ("3주 반도체 교육 과정", ("3주",)),
        ("두 시간 반의반", ("2시간",)),
        ("열대에서 자라는 나무", ()),
        ("MZ 세대에서 유행하는 것", ()),
        ("décimo terceiro salário", ("13th",)),
        ("две карты", ("2",)),
        ("tenho três cartões e 5 reais", ("3", "R$5")),
        ("tengo dos tarjetas y 5 euros", ("2", "€5")),
    ],
)
def test_numbers_have_one_form(text: str, numbers: tuple[str, ...]) -> None:
    assert facts(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "negations"),
    [
        ("Why can't I pay?", ("not",)),
        ("Why can I not pay?", ("not",)),
        ("Why am I unable to pay?", ("not",)),
        ("I never pay without a card", ("never", "without")),
        ("Why can I pay?", ()),
        ("왜 결제가 안 되나요?", ("not",)),
        ("왜 결제 안돼요?", ("not",)),
        ("왜 결제되지 않나요?", ("not",)),
        ("설탕 없이 만들기", ("without",)),
        ("카드 말고 현금", ("without",)),
        ("안내 전화 번호 알려줘", ()),
        ("가방 안 물건 알려줘", ()),
        ("할까 말까 고민이야", ()),
        ("갈지 말지 고민이야", ()),
        ("가지 말지 그랬어", ("not",)),
        ("그만둘까", ("not",)),
        ("그만두는 게 나을까", ("not",)),
        ("그만큼 좋아", ()),
        ("그만한 가치가 있나요", ()),
        ("블로그만으로 돈을 벌 수 있나요", ()),
        ("그 주식은 팔지 말지 그랬어", ("not",)),
        ("Почему не работает без карты?", ("not", "without")),
        ("Por que não funciona sem cartão?", ("not", "without")),
        ("¿Por qué nunca funciona sin tarjeta?", ("never", "without")),
    ],
)
def test_negations_are_counted_by_kind(text: str, negations: tuple[str, ...]) -> None:
    assert facts(text).negations == negations


@pytest.mark.parametrize(
    "text", ["weather tomorrow", "내일 날씨", "погода завтра", "qual é o tempo amanhã", "qué tiempo hace mañana"]
)
def test_relative_times_have_one_label_in_every_language(text: str) -> None:
    assert facts(text).times == ("tomorrow",)


def test_calendar_dates_are_apart_from_relative_times() -> None:
    found = facts("Are you open on Monday 2024-01-05 at 10:30 or now?")
    assert found.dates == ("10:30", "2024-01-05", "monday")
    assert found.times == ("now",)


def test_quoted_text_code_and_addresses_are_literal() -> None:
    found = facts('Why does `Foo` in "Bar Baz" at https://X.com or me@X.com call run_all()?')
    assert found.quoted == ("Bar Baz", "Foo")
    assert found.identifiers == ("https://X.com", "me@X.com", "run_all()")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I enable it?", "How do I disable it?"),
        ("환불 방법 알려줘", "교환 방법 알려줘"),
        ("Как открыть счёт?", "Как закрыть счёт?"),
        ("Como comprar bitcoin?", "Como vender bitcoin?"),
        ("¿Cómo bloquear mi tarjeta?", "¿Cómo desbloquear mi tarjeta?"),
        ("전기 요금이 올랐나요?", "전기 요금이 내렸나요?"),
        ("입원할 때 뭐가 필요해요?", "퇴원할 때 뭐가 필요해요?"),
        ("What does the first aid course check-in need?", "What does the first aid course check-out need?"),
        ("When does the semester that starts in May meet?", "When does the semester that ends in May meet?"),
        ("¿Por qué aumenta la factura de la luz?", "¿Por qué disminuye la factura de la luz?"),
        ("O avião decola às oito?", "O avião pousa às oito?"),
        ("Когда начнётся отпуск?", "Когда закончится отпуск?"),
    ],
)
def test_opposites_have_opposite_polarity(one: str, other: str) -> None:
    assert facts(one).polarity
    assert facts(one).polarity != facts(other).polarity
    assert set(facts(one).opposites) & set(facts(other).polarity)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I open a zip file on a Mac?", "How do I unzip a file on a Mac?"),
        ("Does tuition rise this autumn?", "Does tuition go up in the fall?"),
        ("이사하면 들어갈 비용이 얼마예요?", "이사하면 나갈 비용이 얼마예요?"),
        ("오른 무릎 통증 없애는 법", "오른쪽 무릎 통증 줄이는 법"),
    ],
)
def test_words_of_other_senses_are_no_opposites(one: str, other: str) -> None:
    assert not set(facts(one).opposites) & set(facts(other).polarity)


def test_a_text_whose_language_is_a_guess_hides_no_fact() -> None:
    assert facts("comprar bitcoin sem cartão").polarity == ("buy", "without")
    assert facts("bitcoin verkaufen today").times == ("today",)


def test_synonyms_of_one_side_have_one_polarity() -> None:
    assert facts("How do I turn off alerts?").polarity == facts("How do I disable alerts?").polarity == ("disable",)
