"""Portuguese questions as people type them: wordings that share a key, and near misses that must not."""

import pytest

from normalize import Normalizer

SAME = [
    # Word order
    ("Quanto custa o frete?", "O frete quanto custa?"),
    ("Por que meu cartão não funciona?", "Por que não funciona meu cartão?"),
    ("Minha conta por que está bloqueada?", "Por que minha conta está bloqueada?"),
    ("O envio é grátis?", "É gratuito o envio?"),
    ("Quanto tempo demora a entrega?", "A entrega quanto tempo demora?"),
    ("Em Lisboa, onde posso levantar a encomenda?", "Onde posso levantar a encomenda em Lisboa?"),
    ("Aceitam pix e boleto?", "Aceitam boleto e pix?"),
    # Forms of the verb, pronouns
    ("Como posso cadastrar-me no site?", "Como faço para me cadastrar no site?"),
    ("Como me cadastro no site?", "Como eu posso me cadastrar no site?"),
    ("Como se cancela um pedido?", "Como cancelo o pedido?"),
    ("Como contrato um seguro?", "Como faço para contratar um seguro?"),
    # Number, articles
    ("Como cancelar os meus pedidos?", "Como cancelo meu pedido?"),
    ("Como bloqueio cartões perdidos?", "Como bloquear um cartão perdido?"),
    # Frames, politeness, abbreviations, missing accents
    ("Bom dia, alguém pode me dizer quando chega meu pedido?", "Quando chega o meu pedido?"),
    ("vc sabe onde eu consigo pagar a factura?", "Onde posso pagar a fatura?"),
    ("Não sei como recuperar a palavra-passe", "Como recupero a senha?"),
    ("oi pq meu cartao nao funciona pfv", "Por que meu cartão não funciona?"),
    ("Vocês entregam no Rio?", "Entregam no Rio?"),
    ("Há alguma forma de alterar o endereco?", "É possível alterar o endereço?"),
    ("Como é que eu rastreio o pedido?", "Como rastrear o pedido?"),
    ("Qdo chega minha encomenda?", "Quando é que chega minha encomenda?"),
    ("Qual é o custo da entrega?", "Quanto custa a entrega?"),
    ("Tem como baixar o app no telemóvel?", "Dá para baixar o aplicativo no celular?"),
    ("É necessário reservar?", "É preciso reservar?"),
    ("Uma dúvida, oq preciso levar?", "O que preciso levar?"),
    # Numbers
    ("Posso pagar vinte e cinco reais?", "Posso pagar R$ 25?"),
    ("Posso convidar dezesseis pessoas?", "Posso convidar 16 pessoas?"),
    ("Há desconto acima de quinhentos euros?", "Há desconto acima de 500 €?"),
]

OTHER = [
    ("Qual o endereço da loja?", "Endereço o qual da loja?"),
    ("O frete é grátis?", "O frete é grátis."),
    ("O que está caro?", "Que está caro o?"),
    ("Como me cancelo?", "Como cancelar?"),
    ("Como se chama?", "Como chamar?"),
    ("Por que meu cartão não funciona?", "Por que meu cartão funciona?"),
    ("Por que meu cartão não funciona?", "Por que seu cartão não funciona?"),
    ("Quando abre a loja?", "Quando fecha a loja?"),
    ("Como ativo o roaming?", "Como desativo o roaming?"),
    ("Como vou de Lisboa a Madri?", "Como vou de Madri a Lisboa?"),
    ("Ana ama Pedro?", "Pedro ama Ana?"),
    ("O banco paga o cliente?", "O cliente paga o banco?"),
    ("Posso comer antes do exame?", "Posso comer depois do exame?"),
    ("Posso pagar com cartão?", "Devo pagar com cartão?"),
    ("Onde posso pagar?", "Quando posso pagar?"),
    ("Chegou meu pedido?", "Chega meu pedido?"),
    ("Quais são as tarifas?", "Qual é a tarifa?"),
    ("Posso usar óculos?", "Posso usar óculo?"),
    ("Posso devolver três sapatos?", "Posso devolver 4 sapatos?"),
    ("Custa trinta reais?", "Custa trinta euros?"),
    ("Abrir conta PF?", "Abrir conta?"),
    ("Como pedir ajuda?", "Como pedir?"),
    ("Sou obrigado?", "Sou?"),
    ("Uma dúvida quanto custa?", "Dúvida?"),
    ("Posso comprar vinho branco e queijo?", "Posso comprar queijo branco e vinho?"),
    ("Aceitam pix ou boleto?", "Aceitam pix e boleto?"),
    ("Pode cancelar meu pedido?", "Posso cancelar meu pedido?"),
    ("É possível pagar?", "É preciso pagar?"),
    ("Qual plano é mais barato?", "Qual plano é menos barato?"),
    ("Quem é a avó?", "Quem é o avô?"),
]

NORMALIZER = Normalizer()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_portuguese_wordings_share_a_key(one: str, other: str) -> None:
    assert NORMALIZER(one).key == NORMALIZER(other).key


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_portuguese_questions_have_two_keys(one: str, other: str) -> None:
    assert NORMALIZER(one).key != NORMALIZER(other).key


def test_a_new_order_names_its_rule() -> None:
    rules = [step.rule for step in NORMALIZER("O frete quanto custa?").steps]
    assert "pt.order: subject_last" in rules


@pytest.mark.parametrize(
    "text", ["como?", "como me?", "como eu?", "em , onde", "por que?", "e ou", "o é?", "-me", "ar-me"]
)
def test_any_text_has_a_key(text: str) -> None:
    assert NORMALIZER(text).key


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(SAME) >= 25
    assert len(OTHER) >= 25
