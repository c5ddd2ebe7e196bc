"""Tokens: what a rule may touch, and what it may not."""

import pytest

from normalize.tokens import split


def tokens(text: str) -> list[list[str]]:
    return [sentence.tokens for sentence in split(text, frozenset({"US"}))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I like C++, C# and .NET.", ["i", "like", "c++", ",", "c#", "and", ".net"]),
        ("Use node.js or a/b", ["use", "node.js", "or", "a/b"]),
        ("Send $5 (5 %) now", ["send", "$5", "(", "5%", ")", "now"]),
        ("-5 or 3-5", ["-5", "or", "3-5"]),
        ("3.11 10:30 2024-01-05", ["3.11", "10:30", "2024-01-05"]),
        ("Go to https://X.com/A, ok", ["go", "to", "https://X.com/A", ",", "ok"]),
        ("mail Me@X.com now", ["mail", "Me@X.com", "now"]),
        ("run `Ls -A` and get_User()", ["run", "`Ls -A`", "and", "get_User()"]),
        ('say "Hello World" twice', ["say", '"Hello World"', "twice"]),
        ("don't rock 'n' roll", ["don't", "rock", "'n'", "roll"]),
        ("the US and us, the U.S. too", ["the", "US", "and", "us", ",", "the", "US", "too"]),
        ("a == b != c", ["a", "==", "b", "!=", "c"]),
        ("5M 5m 8GB 3만원", ["5M", "5m", "8gb", "3만원"]),
        ("٣ apples", ["3", "apples"]),
    ],
)
def test_it_cuts_words_numbers_and_literals(text: str, expected: list[str]) -> None:
    assert tokens(text) == [expected]


def test_sentences_end_at_marks_and_line_breaks() -> None:
    assert tokens("Hi! I lost it... Why?\nHelp") == [["hi"], ["i", "lost", "it"], ["why"], ["help"]]


def test_a_sentence_knows_whether_it_asks() -> None:
    assert [sentence.asks for sentence in split("Really?! Yes. No")] == [True, False, False]
