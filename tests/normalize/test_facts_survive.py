"""Facts belong to what is asked, not to how: two texts with one key have one set of facts. Names are read from capitals,
which a key does not have, and are left out."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize import Facts, Normalizer

NORMALIZER = Normalizer()
_TABLE = importlib.util.spec_from_file_location("same_question", Path(__file__).with_name("test_same_question.py"))
assert _TABLE is not None
assert _TABLE.loader is not None
_MODULE = importlib.util.module_from_spec(_TABLE)
_TABLE.loader.exec_module(_MODULE)
SAME: list[tuple[str, str]] = _MODULE.SAME
# What a polite request ends in, and whether a question mark stands there, is no part of the question.
_SURROUNDINGS = {
    "en": ("{}", "Hi, {}", "{} Thanks in advance!", "please, {}"),
    "ko": ("{}", "안녕하세요! {}", "혹시 {}", "{} 감사합니다."),
    "ru": ("{}", "Здравствуйте! {}", "{} Спасибо!"),
    "pt": ("{}", "Olá! {}", "{} Obrigado!"),
    "es": ("{}", "Hola, {}", "{} ¡Gracias!"),
}


def compared(facts: Facts) -> Facts:
    return replace(facts, names=(), question_types=tuple(set(facts.question_types) - {"yes-no", "request"}))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_wordings_with_one_key_share_their_facts(one: str, other: str) -> None:
    here, there = NORMALIZER(one), NORMALIZER(other)
    assert here.key == there.key
    assert compared(here.facts) == compared(there.facts)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([text for pair in SAME for text in pair]), st.data())
def test_politeness_and_capitals_change_no_fact(text: str, data: st.DataObject) -> None:
    plain = NORMALIZER(text)
    surrounded = data.draw(st.sampled_from(_SURROUNDINGS.get(plain.language, ("{}",)))).format(text)
    other = NORMALIZER(surrounded)
    if other.key == plain.key:
        assert compared(other.facts) == compared(plain.facts)


@settings(deadline=None, max_examples=100)
@given(
    st.text(max_size=60),
    st.sampled_from(["", " 안 되나요?", " from A to B", " не работает из Б в В", " no sin 오후 3시"]),
)
def test_facts_of_any_text_are_sorted_and_the_same_twice(text: str, rest: str) -> None:
    text = f"x{text}{rest}".replace("\0", "")
    try:
        facts = NORMALIZER(text).facts
    except ValueError:
        return
    assert facts == NORMALIZER(text).facts
    assert all(list(values) == sorted(values) for values in (getattr(facts, name) for name in Facts.__slots__))
