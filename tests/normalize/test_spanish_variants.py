"""Spanish questions as people type them: wordings that share a key, and near misses that must not."""

import pytest

from normalize import Normalizer

SAME = [
    # Word order
    ("¿Cuánto cuesta el envío?", "¿El envío cuánto cuesta?"),
    ("¿Por qué no funciona mi tarjeta?", "¿Mi tarjeta por qué no funciona?"),
    ("¿Por qué mi cuenta está bloqueada?", "¿Por qué está bloqueada mi cuenta?"),
    ("¿Es gratis el envío?", "¿El envío es gratuito?"),
    ("¿A qué hora abre la tienda?", "¿La tienda a qué hora abre?"),
    ("¿Cuánto tiempo tarda el envío?", "¿El envío cuánto tiempo tarda?"),
    ("En Madrid, ¿dónde puedo recoger mi pedido?", "¿Dónde puedo recoger mi pedido en Madrid?"),
    ("¿Aceptan Visa y Mastercard?", "¿Aceptan Mastercard y Visa?"),
    # Forms of the verb, pronouns
    ("¿Cómo me suscribo?", "¿Cómo me puedo suscribir?"),
    ("¿Cómo lo cancelo?", "¿Cómo puedo cancelarlo?"),
    ("¿Lo puedo devolver?", "¿Puedo devolverlo?"),
    ("¿Cómo se cancela un pedido?", "¿Cómo cancelo un pedido?"),
    ("¿Cómo contrato un seguro?", "¿Cómo hago para contratar un seguro?"),
    # Number and gender
    ("¿Cómo cancelo mis pedidos?", "¿Cómo cancelo mi pedido?"),
    ("¿Cómo bloqueo tarjetas perdidas?", "¿Cómo bloquear una tarjeta perdida?"),
    # Frames, politeness, abbreviations, missing accents
    ("Buenos días, quería preguntar dónde se puede pagar la factura", "¿Dónde puedo pagar la factura?"),
    ("No sé cómo recuperar mi contrasena", "¿Cómo recupero mi contraseña?"),
    ("hola xfa xq no funciona la app", "¿Por qué no funciona la aplicación?"),
    ("¿Ustedes aceptan tarjeta?", "¿Aceptan tarjeta?"),
    ("¿Hay alguna forma de cambiar la direccion?", "¿Es posible cambiar la dirección?"),
    ("¿Cómo le hago para rastrear mi pedido?", "¿Cómo rastreo mi pedido?"),
    ("¿Hace falta reservar?", "¿Es preciso reservar?"),
    ("¿Cuál es el tlf de atención al cliente?", "¿Cuál es el teléfono de servicio al cliente?"),
    ("Una pregunta, ¿q documentos necesito?", "¿Qué documentos necesito?"),
    # Numbers
    ("¿Puedo pagar treinta y cinco euros?", "¿Puedo pagar 35 €?"),
    ("¿Puedo invitar a veintidós personas?", "¿Puedo invitar a 22 personas?"),
    ("¿Hay descuento por quinientos dólares?", "¿Hay descuento por $500?"),
]

OTHER = [
    ("¿Puedo cancelarlo?", "¿Puedo cancelarla?"),
    ("¿Puedo cancelarlo?", "¿Puedo cancelar?"),
    ("¿Cómo me cancelo?", "¿Cómo cancelar?"),
    ("¿Cómo se llama?", "¿Cómo llamar?"),
    ("¿Cómo te llamas?", "¿Cómo te llama?"),
    ("¿El envío es gratis?", "El envío es gratis."),
    ("¿Por qué no funciona mi tarjeta?", "¿Por qué funciona mi tarjeta?"),
    ("¿Por qué no funciona mi tarjeta?", "¿Por qué no funciona tu tarjeta?"),
    ("¿Cuándo abre la tienda?", "¿Cuándo cierra la tienda?"),
    ("¿Cómo activo el roaming?", "¿Cómo desactivo el roaming?"),
    ("¿Cómo vuelo de Madrid a Lima?", "¿Cómo vuelo de Lima a Madrid?"),
    ("¿Ana llama a Luis?", "¿Luis llama a Ana?"),
    ("¿El banco paga al cliente?", "¿El cliente paga al banco?"),
    ("¿Puedo comer antes del análisis?", "¿Puedo comer después del análisis?"),
    ("¿Puedo pagar con tarjeta?", "¿Debo pagar con tarjeta?"),
    ("¿Dónde puedo pagar?", "¿Cuándo puedo pagar?"),
    ("¿Llegó mi pedido?", "¿Llega mi pedido?"),
    ("¿Llegará mi pedido?", "¿Llegó mi pedido?"),
    ("¿Cuáles son las tarifas?", "¿Cuál es la tarifa?"),
    ("¿Puedo llevar gafas?", "¿Puedo llevar gafa?"),
    ("¿Puedo devolver tres zapatos?", "¿Puedo devolver 4 zapatos?"),
    ("¿Cuesta treinta euros?", "¿Cuesta treinta dólares?"),
    ("¿Una consulta cuánto cuesta?", "¿Cuánto cuesta?"),
    ("¿Cómo solicito ayuda?", "¿Cómo solicito?"),
    ("¿Puedo comprar vino blanco y queso?", "¿Puedo comprar queso blanco y vino?"),
    ("¿Aceptan visa o efectivo?", "¿Aceptan visa y efectivo?"),
    ("¿Puede cancelar mi pedido?", "¿Puedo cancelar mi pedido?"),
    ("¿La tarjeta que funciona?", "¿Qué funciona la tarjeta?"),
    ("Pagué por error.", "¿Pagué por error?"),
    ("¿Es posible pagar?", "¿Es necesario pagar?"),
    ("¿Qué plan es más barato?", "¿Qué plan es menos barato?"),
]

NORMALIZER = Normalizer()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spanish_wordings_share_a_key(one: str, other: str) -> None:
    assert NORMALIZER(one).key == NORMALIZER(other).key


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_spanish_questions_have_two_keys(one: str, other: str) -> None:
    assert NORMALIZER(one).key != NORMALIZER(other).key


def test_a_new_order_names_its_rule() -> None:
    rules = [step.rule for step in NORMALIZER("¿Mi tarjeta por qué no funciona?").steps]
    assert "es.order: subject_last" in rules


@pytest.mark.parametrize(
    "text", ["¿cómo?", "¿cómo me?", "¿cómo lo puedo?", "en , dónde", "¿por qué?", "y o", "¿el es?"]
)
def test_any_text_has_a_key(text: str) -> None:
    assert NORMALIZER(text).key


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(SAME) >= 25
    assert len(OTHER) >= 25
