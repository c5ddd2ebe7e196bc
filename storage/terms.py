"""The terms by which an entry is found although its vector is not near: pure functions of its question and its key."""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["term_number", "terms"]

# Scripts whose words may stand without a space between: Hangul glues nouns together, kana and Han have no spaces.
_GLUED = "\uac00-\ud7a3\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"(?P<glued>[{_GLUED}]+)|[^\W{_GLUED}]+")
_MOST = 256  # about as many as an embedder reads; a longer text has no vector to be found by


def terms(key: str, question: str) -> tuple[str, ...]:
    """The distinct terms of a question and its key, at most 256, in their order; () where there is no word.

    Words, in lower case. In scripts that glue words together, the pairs of neighbouring letters of the key instead, so
    that 계좌해지방법 shares 계좌 and 해지 with 계좌 해지. Only of the key: in the question they carry particles and
    speech levels, which half of all questions share. Marks and emoji are in no term.
    """
    found: dict[str, None] = {}
    for text, has_pairs in ((key, True), (question, False)):
        for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
            if run["glued"] is None:
                found[run[0]] = None
            elif has_pairs:
                found.update(dict.fromkeys(_pairs(run[0])))
            if len(found) >= _MOST:
                return tuple(found)[:_MOST]
    return tuple(found)


def _pairs(letters: str) -> list[str]:
    return [letters[at : at + 2] for at in range(max(1, len(letters) - 1))]


def term_number(scope: str, term: str) -> int:
    """A number in 64 bits, with a sign, for a term of a scope: two scopes have no term in common.

    Any text is allowed, NUL and lone surrogates too.
    """
    named = f"{len(scope)} {scope}{term}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big", signed=True)
