"""Two wordings of one question share a key."""

import pytest

from normalize import Normalizer

SAME = [
    # English
    ("How do I reset my password?", "hi, could you please tell me how to reset my password"),
    ("How can I reset my password", "What's the way to reset my password?"),
    ("how do i open an account", "How to open account?"),
    ("How do I log in?", "How do I sign in?"),
    ("What's the price of a passport renewal?", "How much does a passport renewal cost?"),
    ("Can I change my delivery address?", "Am I allowed to change my delivery address?"),
    ("I'd like to close my account", "I want to close my account."),
    ("Thanks! How do I track my order?", "how can I track my order, please?"),
    ("How do I cook rice?", "how do you cook rice"),
    ("What is the difference between tea and coffee?", "What is the difference between coffee and tea?"),
    ("What is the border between Spain and France?", "What is the border between France and Spain?"),
    ("오늘 저는 언제 택배를 받나요?", "저는 오늘 언제 택배를 받나요?"),
    ("3시에 집에 기사님이 물건을 가져오나요?", "집에 3시에 기사님이 물건을 가져오나요?"),
    ("Можно оплатить заказ потом?", "Потом можно оплатить заказ?"),
    ("How long is the last tour?", "how long's the last tour"),
    ("When will the bus arrive?", "when'll the bus arrive?"),
    ("Do you know how to boil an egg?", "How do I boil an egg???"),
    ("Why can't I log in?", "why cant i log in"),
    ("What’s “Apple Pay”?", 'What is "Apple Pay"?'),
    ("How do I enable wi-fi?", "how to enable WiFi"),
    ("Where do I find my IBAN?", "Where can I find my IBAN?"),
    ("How do I transfer $50?", "how to transfer 50 dollars"),
    ("Can I pay 1,000 dollars?", "can i pay $1000"),
    ("Can I get a 20 percent discount?", "can I get a 20% discount?"),
    ("How do I add three users?", "How can I add 3 users"),
    ("What is in the 3-day plan?", "what is in the three days plan"),
    ("Explain how to install Python 3.11", "how do I install python 3.11"),
    ("PLEASE HELP ME CANCEL MY ORDER", "Can you help me cancel my order?"),
    ("Tell me what my balance is", "what is my balance?"),
    ("How do I delete my account? Thanks in advance!", "how to delete my account"),
    ("What colour is it?", "what color is it"),
    ("Ｈｏｗ do I pay？", "How do I pay?"),
    ("How do I pay\u200b by card?", "How do I pay by card?"),
    ("pleaseeee how do I pay?", "how do I pay"),
    ("delicious pasta recipe", "Pasta recipe please"),
    ("Is my card blocked?", "is my card blocked"),
    ("How long is delivery to the U.S.A.?", "how long is delivery to USA"),
    # Korean
    ("맛있는 파스타 레시피 알려줘", "파스타 레시피 좀 알려주세요"),
    ("파스타 레시피 알려 주실래요?", "파스타 레시피를 가르쳐줘"),
    ("파스타 레시피 알려주실 수 있나요?", "파스타 레시피 설명해 주세요"),
    ("파스타 조리법이 궁금해요", "파스타 레시피 알려줘"),
    ("안녕하세요! 배송비는 얼마인가요?", "배송비가 얼마예요?"),
    ("배송비 얼마야", "배송비는 얼마입니까"),
    ("환불 어떻게 하나요?", "환불 방법 알려주세요"),
    ("환불은 어떻게 해요?", "환불 방법이 뭐예요?"),
    ("비번 변경하는 방법 알려줘", "비밀번호 변경 방법을 알려주세요"),
    ("계좌를 해지하려면 어떻게 해야 하나요?", "계좌 해지하는 방법 알려줘"),
    ("주문을 취소할 수 있나요?", "주문 취소할수있어요?"),
    ("카드 결제 되나요?", "카드 결제 됩니까?"),
    ("김치볶음밥 만드는 법 좀 알려줘요", "김치볶음밥 만드는 방법 알려주시겠어요?"),
    ("영업시간이 언제예요?", "영업시간이 언제인가요"),
    ("주문 취소해 주세요", "주문 취소해줘"),
    ("혹시 무료인가요?", "무료예요?"),
    ("3만원 이하 선물 추천해줘", "30000원 이하 선물 추천해 주세요"),
    ("사과 두 개 얼마예요?", "사과 2개 얼마인가요?"),
    ("API가 뭐야?", "API는 무엇인가요?"),
    # Russian
    ("Как мне сбросить пароль?", "как сбросить пароль"),
    ("Здравствуйте! Подскажите, пожалуйста, как открыть счёт?", "Как открыть счет"),
    ("Можно ли вернуть товар?", "Могу ли я вернуть товар"),
    ("Не подскажете, сколько стоит доставка?", "Сколько стоит доставка?"),
    ("Скажите, где мой заказ?", "где мой заказ"),
    ("Какая цена доставки", "какая цена доставки?"),
    ("Каким образом можно закрыть счёт?", "Как я могу закрыть счет?"),
    ("Что нужно сделать, чтобы отменить заказ?", "как отменить заказ"),
    ("Дайте, пожалуйста, рецепт вкусного борща", "рецепт борща"),
    ("Хотел бы оформить карту. Спасибо!", "Я хочу оформить карту"),
    ("Комиссия 5 процентов?", "Комиссия 5%?"),
    # Portuguese
    ("Como posso redefinir minha senha?", "como faço para redefinir minha senha"),
    ("Olá! Você pode me dizer como cancelar o pedido?", "Como eu faço para cancelar o pedido?"),
    ("Qual é o preço do frete?", "quanto custa o frete"),
    ("Bom dia, posso trocar o produto, por favor?", "Posso trocar o produto?"),
    ("Quero uma receita de bolo gostoso", "receita de bolo"),
    ("Nao recebi meu cartão, o que fazer?", "Não recebi meu cartão, o que fazer?"),
    ("Como abro uma conta?", "como abrir conta"),
    ("Dá pra pagar com pix?", "É possível pagar com pix?"),
    ("Onde está o meu pedido? Obrigado!", "onde está o meu pedido"),
    ("Gostaria de saber quando chega minha encomenda", "quando chega minha encomenda?"),
    # Spanish
    ("¿Cómo puedo restablecer mi contraseña?", "como restablecer mi contraseña"),
    ("Hola, ¿me puedes decir cómo cancelar mi pedido, por favor?", "¿Cómo cancelo mi pedido?"),
    ("¿Cuánto cuesta el envío?", "cuál es el precio del envío"),
    ("¿Se puede pagar con tarjeta?", "¿Es posible pagar con tarjeta?"),
    ("Quisiera abrir una cuenta", "quiero abrir cuenta"),
    ("Dame una receta de paella deliciosa", "receta de paella"),
    ("¿Dónde está mi pedido? ¡Gracias!", "donde está mi pedido"),
    ("Me gustaría saber cuándo llega mi paquete", "¿cuándo llega mi paquete?"),
    ("¿Por qué no funciona mi tarjeta?", "por que no funciona mi tarjeta"),
    ("¿Cuáles son los pasos para activar mi tarjeta?", "¿Cómo activo mi tarjeta?"),
]

NORMALIZER = Normalizer()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_wordings_share_a_key(one: str, other: str) -> None:
    assert NORMALIZER(one).key == NORMALIZER(other).key


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(SAME) >= 60
    assert all(one != other for one, other in SAME)
