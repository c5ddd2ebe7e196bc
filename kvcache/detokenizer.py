"""Token ids → text as they come, never half a character."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["Detokenizer"]

_INCOMPLETE = "\N{REPLACEMENT CHARACTER}"


class Detokenizer:
    """Turns the tokens of one answer into pieces of text.

    A character of several bytes may span tokens; it is held back until it is whole. Decoding goes on from the last
    piece but one, because some tokenizers decode a token differently at the start of a text.

    Args:
        decode: Token ids → text, without special tokens.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._ids: list[int] = []
        self._context = 0
        self._emitted = 0

    def add(self, token_id: int) -> str:
        """The text that this token completes; may be empty."""
        self._ids.append(token_id)
        piece = self._pending()
        if piece.endswith(_INCOMPLETE):
            return ""
        self._context, self._emitted = self._emitted, len(self._ids)
        return piece

    def finish(self) -> str:
        """What is still held back: an unfinished character shows as U+FFFD."""
        piece = self._pending()
        self._context = self._emitted = len(self._ids)
        return piece

    def _pending(self) -> str:
        before = self._decode(self._ids[self._context : self._emitted]) if self._emitted > self._context else ""
        return self._decode(self._ids[self._context :])[len(before) :]
