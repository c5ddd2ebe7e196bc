"""What holds for every text there is."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize import Normalizer, TextError
from normalize.markup import without_markup
from normalize.text import clean

NORMALIZER = Normalizer()
RUNS = settings(max_examples=60, deadline=None)
WORDS = [
    "how",
    "do",
    "I",
    "pay",
    "the",
    "invoice",
    "of",
    "Samewise",
    "why",
    "is",
    "my",
    "delviery",
    "late",
    "sooooo",
    "what",
    "does",
    "it",
    "mean",
    "как",
    "оплатить",
    "заказ",
    "почему",
    "ёлка",
    "что",
    "значит",
    "cómo",
    "cancelar",
    "mi",
    "pedido",
    "¿qué",
    "es",
    "como",
    "pago",
    "não",
    "é",
    "환불",
    "되나요",
    "비밀번호를",
    "바꾸는",
    "법",
    "뭐야",
]
SIGNS = [
    "?",
    "!",
    "!!!",
    "...",
    ",",
    ":",
    ";",
    "~",
    "^^",
    "ㅋㅋㅋ",
    "ㅠㅠ",
    ")))",
    "🙏",
    "😀",
    "👍🏽",
    "🇰🇷",
    "‼️",
    "(´･ω･`)",
    "<b>",
    "</b>",
    "<br>",
    "&amp;",
    "&nbsp;",
    "&lt;",
    "**",
    "*",
    "#",
    "-",
    ">",
    "|",
    "`x`",
    "---",
    "https://a.com/x",
    "3만원",
    "٣",
    "१२",
    "三十",
    "$5",
    "10%",
    "C++",
    "a<b",
    "(T_T)",
    "2024-01-05",
    "\u200b",
    "\ufeff",
    "\xa0",
    "\n",
    "\t",
]
MIXED = st.lists(st.sampled_from(WORDS + SIGNS), min_size=1, max_size=12).map(" ".join)
GLUED = st.lists(st.sampled_from(WORDS + SIGNS), min_size=1, max_size=8).map("".join)
QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
TEXTS = st.one_of(st.text(max_size=60), MIXED, GLUED)


def key(text: str) -> str | None:
    """The key, or None for a text that says nothing."""
    try:
        return NORMALIZER(text).key
    except TextError:
        return None


@RUNS
@given(TEXTS)
def test_no_text_raises_anything_but_a_text_error_and_no_key_is_empty(text: str) -> None:
    found = key(text)
    assert found is None or found.strip()


@RUNS
@given(TEXTS)
def test_a_text_that_has_a_letter_or_a_digit_has_a_key(text: str) -> None:
    said = any(unicodedata.category(character) in {"Lu", "Ll", "Lo", "Nd"} for character in without_markup(text))
    hidden = any(unicodedata.category(character) in {"Cs", "Cc", "Cf"} for character in text)
    if said and not hidden and not any("\u115f" <= c <= "\u1160" or c in "\u3164\uffa0" for c in text):
        assert key(text)


@RUNS
@given(TEXTS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = clean(text)
    except TextError:
        return
    assert clean(once) == once


@RUNS
@given(TEXTS)
def test_the_same_text_has_the_same_question(text: str) -> None:
    try:
        first = NORMALIZER(text)
    except TextError:
        return
    assert NORMALIZER(text) == first
    assert Normalizer()(text) == first


@RUNS
@given(MIXED, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_unicode_does_not_matter(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    if not set("ㅋㅠ´･") & set(text):  # letters typed alone on purpose; NFKC would make other signs of them
        assert key(unicodedata.normalize(form, text)) == key(text)


@RUNS
@given(QUESTIONS, st.integers(0, 60))
def test_invisible_characters_do_not_matter(text: str, at: int) -> None:
    for invisible in ("\u200b", "\ufeff", "\u00ad", "\u2060"):
        assert key(text[:at] + invisible + text[at:]) == key(text)


@RUNS
@given(QUESTIONS)
def test_doubled_spaces_do_not_matter(text: str) -> None:
    assert key(text.replace(" ", "  ")) == key(text)
    assert key(f"  {text}\u00a0") == key(text)


@RUNS
@given(QUESTIONS)
def test_repeated_marks_do_not_matter(text: str) -> None:
    assert key(text + "!!!") == key(text + "!")
    assert key(text + "???") == key(text + "?")
    assert key(text + "?!?!") == key(text + "?!")


@RUNS
@given(st.lists(st.sampled_from(WORDS[:14]), min_size=3, max_size=8), st.integers(2, 9999))
def test_facts_survive_what_stands_around_a_question(words: list[str], number: int) -> None:
    text = f"{' '.join(words)} {number}"
    facts = NORMALIZER(text + "?").facts
    assert NORMALIZER(f"<p>{text}?</p>").facts == facts
    assert NORMALIZER(f"{text}? 🙏").facts == facts
    assert NORMALIZER(f"# {text}?").facts == facts


@pytest.mark.parametrize(
    ("one", "other"), [("I", "ı"), ("İstanbul nerede", "istanbul nerede"), ("ısı nedir", "isi nedir")]
)
def test_turkish_i_is_left_alone(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize("digits", ["३०", "٣٠", "３０", "๓๐"])
def test_digits_of_every_script_are_the_same_number(digits: str) -> None:
    assert key(f"what is {digits} worth") == key("what is 30 worth")
