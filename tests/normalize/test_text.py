"""Cleaning: one Unicode form, nothing of meaning lost."""

import pytest

from normalize.errors import BadCharacterError, EmptyTextError, NotTextError, TextTooLongError
from normalize.text import check, clean, looks_like_code


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Ｈｅｌｌｏ　ｗｏｒｌｄ", "Hello world"),
        ("a\u200bb\ufeff\u00ad", "ab"),
        ("  many \t spaces ", "many spaces"),
        ("“smart” ‘quotes’ «these» 「those」", '"smart" \'quotes\' "these" "those"'),
        ("10²³", "10^23"),
        ("1½ cups", "1 1/2 cups"),
        ("5①", "5 1"),
        ("−5 – 3", "-5 - 3"),
        ("ㅋㅋ 좋아ㅎㅏ", "ㅋㅋ 좋아ㅎㅏ"),
        ("e\u0301", "é"),
        ("bell\x07", "bell"),
        ("one\r\n\r\n two", "one\ntwo"),
        ("Word™", "Word"),
        ("क्\u200dष", "क्\u200dष"),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_it_writes_the_same_words_in_one_form(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_flags_that_differ_in_invisible_characters_stay_different() -> None:
    england, scotland = (
        "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in code + "\x7f") for code in ("gbeng", "gbsct")
    )
    assert clean(england) != clean(scotland)


def test_code_keeps_its_indentation() -> None:
    assert clean("if x:\n\ta  b\nc") == "if x:\n\ta  b\nc"
    assert looks_like_code("if x:\n\ta  b\nc")
    assert not looks_like_code("Hello,\nhow do I pay?")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "?!...", "\u200b\u200b", "\u3164", "،؟"])
def test_a_text_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(EmptyTextError, match="says nothing"):
        clean(text)


@pytest.mark.parametrize("text", [None, 5, b"bytes", ["a"]])
def test_only_text_is_text(text: object) -> None:
    with pytest.raises(NotTextError, match=type(text).__name__):
        check(text, 10)


def test_the_length_error_names_both_numbers() -> None:
    with pytest.raises(TextTooLongError, match=r"11 .* 10"):
        check("x" * 11, 10)


@pytest.mark.parametrize(("text", "name"), [("ab\0", "NUL"), ("a\ud800", r"U\+D800")])
def test_characters_that_break_stores_are_named(text: str, name: str) -> None:
    with pytest.raises(BadCharacterError, match=name):
        check(text, 10)
