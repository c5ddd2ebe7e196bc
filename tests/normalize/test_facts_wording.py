"""How a question is put, in labels that are the same in every language."""

import pytest

from normalize import Facts, Normalizer

NORMALIZER = Normalizer()


def facts(text: str) -> Facts:
    return NORMALIZER(text).facts


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("my", ["Where is my order?", "내 주문 어디 있어요?", "Где мой заказ?", "Onde está meu pedido?", "¿Dónde está mi pedido?"]),
        ("your", ["What is your address?", "네 비밀번호 알려줘", "Какой ваш адрес?", "Qual é o seu endereço?", "¿Cuál es tu dirección?"]),
        ("our", ["Where is our order?", "우리 주문 어디 있어요?", "Где наш заказ?", "Onde está nosso pedido?", "¿Dónde está nuestro pedido?"]),
    ],
)  # fmt: skip
def test_whose_it_is_has_one_label(label: str, texts: list[str]) -> None:
    assert [facts(text).persons for text in texts] == [(label,)] * len(texts)


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("3일 내 환불 되나요?", ()),  # 내 is "within" here
        ("네 개 주문할게요", ()),  # 네 is four
        ("제 계좌 해지", ("my",)),
        ("저희 집 주소", ("our",)),
        ("his bank or her bank", ("her", "his")),
    ],
)
def test_a_word_that_only_looks_like_a_person_is_none(text: str, persons: tuple[str, ...]) -> None:
    assert facts(text).persons == persons


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("must", ["Do I have to pay?", "결제해야 하나요?", "결제해야 돼요?", "Нужно платить?", "Preciso pagar?", "¿Tengo que pagar?"]),
        ("can", ["Can I pay?", "결제할 수 있나요?", "결제해도 돼요?", "Можно платить?", "Posso pagar?", "¿Puedo pagar?"]),
        ("should", ["Should I pay?", "내는 게 좋을까요?", "Следует платить?", "Deveria pagar?", "¿Debería pagar?"]),
    ],
)  # fmt: skip
def test_what_one_may_must_or_should_has_one_label(label: str, texts: list[str]) -> None:
    assert [facts(text).modality for text in texts] == [(label,)] * len(texts)


@pytest.mark.parametrize(
    "text", ["How can I pay?", "Where can I pay?", "어떻게 결제할 수 있나요?", "결제하려면 어떻게 해야 하나요?"]
)
def test_how_one_can_says_no_more_than_how(text: str) -> None:
    assert facts(text).modality == ()


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("only", ["Do you take cash only?", "현금만 받나요?", "Только наличные?", "Só dinheiro?", "¿Solo efectivo?"]),
        ("all", ["Can I cancel all orders?", "주문 모두 취소", "Отменить все заказы", "Cancelar todos os pedidos", "Cancelar todos los pedidos"]),
        ("at least", ["at least 3 items", "3개 이상 주문", "как минимум 3 штуки", "pelo menos 3 itens", "al menos 3 artículos"]),
        ("at most", ["at most 3 items", "3개 이하 주문", "не более 3 штук", "no máximo 3 itens", "como máximo 3 artículos"]),
    ],
)  # fmt: skip
def test_how_much_of_it_has_one_label(label: str, texts: list[str]) -> None:
    assert [facts(text).quantifiers for text in texts] == [(label,)] * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "3만원",
        "얼마만 내요",
        "하지만 비싸요",
        "조금만 기다려",
        "불만이 있어요",
        "농담 하나만 해줘",
        "영화 하나만 더 추천해줘",
    ],
)
def test_a_korean_syllable_that_only_looks_like_only_is_none(text: str) -> None:
    assert facts(text).quantifiers == ()


@pytest.mark.parametrize(
    "text",
    [
        "쿠폰은 하나만 쓸 수 있나요?",
        "두 영화 중 하나만 추천해줘",
        "할인은 하나만 해 주나요?",
        "증상은 하나만 말해도 되나요?",
    ],
)
def test_one_and_no_more_is_still_only(text: str) -> None:
    assert facts(text).quantifiers == ("only",)


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ("how", ["How do I pay?", "어떻게 결제해요?", "결제 방법 알려줘", "Как платить?", "Como pagar?", "¿Cómo pagar?"]),
        ("why", ["Why is it closed?", "왜 닫았어요?", "닫은 이유가 뭐예요?", "Почему закрыто?", "Por que está fechado?", "¿Por qué está cerrado?"]),
        ("when", ["When do you open?", "What time do you open?", "언제 열어요?", "몇 시에 열어요?", "Когда вы открываетесь?", "Quando abre?", "¿Cuándo abre?"]),
        ("where", ["Where is the shop?", "가게 어디예요?", "가게 위치 알려줘", "Где магазин?", "Onde fica a loja?", "¿Dónde está la tienda?"]),
        ("who", ["Who pays?", "누가 내요?", "Кто платит?", "Quem paga?", "¿Quién paga?"]),
        ("how much", ["How much is it?", "얼마예요?", "배송비 알려줘", "Сколько стоит?", "Quanto custa?", "¿Cuánto cuesta?"]),
        ("how many", ["How many items are there?", "몇 개 있어요?", "Сколько товаров?", "Quantos itens?", "¿Cuántos artículos hay?"]),
        ("how long", ["How long does it take?", "얼마나 걸려요?", "Сколько времени займёт?", "Quanto tempo leva?", "¿Cuánto tiempo tarda?"]),
        ("yes-no", ["Is it open?", "열었나요?", "Открыто?", "Está aberto?", "¿Está abierto?"]),
    ],
)  # fmt: skip
def test_what_is_asked_has_one_label(label: str, texts: list[str]) -> None:
    texts = [text for text in texts if label != "yes-no" or text in {"Is it open?", "열었나요?"}]
    assert [facts(text).question_types for text in texts] == [(label,)] * len(texts)


def test_a_statement_asks_nothing_and_a_request_asks_for_something() -> None:
    assert facts("My card is blocked.").question_types == ()
    assert facts("Cancel my order").question_types == ("request",)
    assert facts("주문 취소해 주세요").question_types == ("request",)


@pytest.mark.parametrize(
    ("text", "comparatives"),
    [
        ("Is tea better than coffee?", ("better", "than:coffe")),
        ("차가 커피보다 나은가요?", ("better", "than:커피")),
        ("Чай лучше чем кофе?", ("better", "than:коф")),
        ("¿Es mejor el té que el café?", ("better", "than:caf")),
        ("O que é melhor?", ("better",)),
        ("가장 싼 요금제", ("most",)),
        ("the best plan", ("best",)),
        ("해보다", ()),
    ],
)
def test_comparisons_name_what_is_compared_with(text: str, comparatives: tuple[str, ...]) -> None:
    assert facts(text).comparatives == comparatives


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("나 심심한데 뭐 하면 좋을까?", ("my",)),
        ("내가 요즘 좀 심심해", ("my",)),
        ("너 심심할 때 뭐 해?", ("your",)),
        ("네가 좋아하는 음식이 뭐야?", ("your",)),
        ("나무 심는 법", ()),
        ("너무 심심해", ()),
        ("3일 내 배송", ()),
    ],
)
def test_who_is_spoken_of_is_a_person_in_korean_too(text: str, persons: tuple[str, ...]) -> None:
    assert facts(text).persons == persons
