"""Slips of the finger: what they are, and what makes another word."""

import pytest

from normalize.slips import is_doubling, is_slip, is_swap


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("delviery", "delivery"),
        ("konw", "know"),
        ("delivvery", "delivery"),
        ("adress", "address"),
        ("experince", "experience"),
        ("seperate", "separate"),
        ("delicery", "delivery"),
        ("deliveery", "delivery"),
    ],
)
def test_a_finger_slipped(typed: str, word: str) -> None:
    assert is_slip(typed, word)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("scanf", "scan"),
        ("plasmo", "plasma"),
        ("flickr", "flicker"),
        ("stdio", "studio"),
        ("mogule", "module"),
        ("treap", "trap"),
        ("delivery", "delivery"),
        ("cat", "cot"),
        ("dsperse", "disperse"),
        ("xplain", "explain"),
        ("", "a"),
        ("a", ""),
    ],
)
def test_another_word_was_meant(typed: str, word: str) -> None:
    assert not is_slip(typed, word)


def test_a_swap_is_of_neighbours() -> None:
    assert is_swap("teh", "the")
    assert not is_swap("abcd", "dbca")
    assert not is_swap("the", "the")


def test_a_doubling_goes_both_ways() -> None:
    assert is_doubling("passs", "pass")
    assert is_doubling("acount", "account")
    assert not is_doubling("ttools", "tools")
    assert not is_doubling("scanf", "scan")
