"""Two things that change places while all other words stay have each other's part in the question."""

from __future__ import annotations

import pytest
from sides import side

from semantic_cache.matching import veto
from semantic_cache.matching.exchanged import exchanged


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 40k gross to net?", "What is 40k net to gross?"),
        ("How should a manager mentor a young employee?", "How should a young employee mentor a manager?"),
        ("What do I say when I catch my son smoking?", "What do I say when my son catches me smoking?"),
        ("Stop the e-mails but keep the text messages", "Stop the text messages but keep the e-mails"),
        ("Is Kevin lying to Isabella?", "Is Isabella lying to Kevin?"),
        ("물 타입은 불꽃 타입한테 강해?", "불꽃 타입은 물 타입한테 강해?"),
        ("폰에 있는 사진을 컴퓨터로 옮기려면?", "컴퓨터에 있는 사진을 폰으로 옮기려면?"),
        ("원화를 엔화로 바꾸고 싶어요", "엔화를 원화로 바꾸고 싶어요"),
        ("노트북은 되는데 태블릿만 안 돼요", "태블릿은 되는데 노트북만 안 돼요"),
        ("¿Puedo dar barniz sobre aceite?", "¿Puedo dar aceite sobre barniz?"),
        ("Um professor pode gravar um aluno?", "Um aluno pode gravar um professor?"),
        ("Does Kevin love Anna or not?", "Does Anna love Kevin or not?"),
        ("Can I replace butter with oil?", "Can I replace oil with butter?"),
        ("Does LA beat Boston in size?", "Does Boston beat LA in size?"),
        ("Can he call her?", "Can she call him?"),
        ("적금 통장으로 청약 통장 돈을 보내는 방법 알려 주세요", "적금 통장에서 청약 통장으로 송금하는 법"),
        ("달러를 사려고 원화로 얼마 내요?", "원화를 내면 달러로 얼마 받아요?"),
        ("철수가 얼마나 영희를 좋아해?", "영희가 얼마나 철수를 좋아해?"),
        ("Правда ли, что Сатурн больше чем Юпитер?", "Правда ли, что Юпитер больше чем Сатурн?"),
    ],
)
def test_each_has_the_other_ones_part_whichever_side_was_asked(one: str, other: str) -> None:
    for asked, stored in ((side(one), side(other)), (side(other), side(one))):
        assert "places differ" in (exchanged(asked, stored) or "")
        assert veto(asked, stored, verified=True, read=True) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How can I find documents in MongoDB?", "In MongoDB, how can I find documents?"),
        ("After 6 pm, which bus is the last?", "Which bus is the last after 6 pm?"),
        ("Is it free on Mondays for children?", "Is it free for children on Mondays?"),
        ("Do tea and coffee keep me awake?", "Do coffee and tea keep me awake?"),
        ("Is butter the same as margarine?", "Is margarine the same as butter?"),
        ("Is tea free?", "Is tea free?"),
        ("서울에서 짐을 보내나요?", "짐을 서울에서 보내나요?"),
        ("카드로 버스 요금을 낼 수 있나요?", "버스 요금은 카드로 내도 되나요?"),
        ("앱에서 카드로 결제하나요?", "카드로 결제하는 앱인가요?"),
        ("녹차는 홍차와 같은가요?", "홍차는 녹차와 같은가요?"),
        ("¿Por qué no florece mi orquídea?", "Mi orquídea no florece, ¿por qué?"),
        ("Quantos blocos dura uma picareta?", "Uma picareta dura quantos blocos?"),
        ("Сколько действует справка взрослому?", "Взрослому справка сколько действует?"),
        ("How do I pay?", "¿Cómo pago?"),
        ("¿Hoy abre el banco?", "¿El banco abre hoy?"),
        ("¿La tienda abre los domingos?", "¿Los domingos abre la tienda?"),
        ("donde esta mi pedido", "mi pedido esta donde"),
        ("¿A Madrid llega mañana?", "¿Mañana llega a Madrid?"),
        ("Amanhã chega o pedido?", "O pedido chega amanhã?"),
        ("Seoul weather today", "today weather Seoul"),
        ("Is the hotel near the airport?", "Is the airport near the hotel?"),
        ("Can I mix milk with tea?", "Can I mix tea with milk?"),
        ("Paris is the capital of France?", "The capital of France is Paris?"),
        ("3시에 집에 기사님이 물건을 가져오나요?", "집에 3시에 기사님이 물건을 가져오나요?"),
    ],
)
def test_what_people_move_and_mean_the_same_is_not_refused(one: str, other: str) -> None:
    assert exchanged(side(one), side(other)) is None
    assert exchanged(side(other), side(one)) is None
