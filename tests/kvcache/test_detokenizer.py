"""Pieces of text from tokens that may be parts of characters."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kvcache.detokenizer import Detokenizer


def _decode_bytes(ids: Sequence[int]) -> str:
    return bytes(ids).decode("utf-8", errors="replace")


@given(st.text(max_size=40))
def test_no_piece_ever_holds_half_a_character(text: str) -> None:
    detokenizer = Detokenizer(_decode_bytes)
    pieces = [detokenizer.add(byte) for byte in text.encode()]
    pieces.append(detokenizer.finish())
    assert "".join(pieces) == text
    if "\N{REPLACEMENT CHARACTER}" not in text:
        assert all("\N{REPLACEMENT CHARACTER}" not in piece for piece in pieces)


def test_a_character_cut_off_by_the_end_shows_as_a_replacement() -> None:
    detokenizer = Detokenizer(_decode_bytes)
    assert [detokenizer.add(byte) for byte in "é".encode()[:1]] == [""]
    assert detokenizer.finish() == "\N{REPLACEMENT CHARACTER}"
    assert detokenizer.finish() == ""


def test_a_tokenizer_that_strips_the_first_space_keeps_the_spaces_between_words() -> None:
    words = ["▁the", "▁red", "▁door"]

    def decode(ids: Sequence[int]) -> str:
        return "".join(words[index] for index in ids).replace("▁", " ").removeprefix(" ")

    detokenizer = Detokenizer(decode)
    assert "".join([*(detokenizer.add(index) for index in range(3)), detokenizer.finish()]) == "the red door"
