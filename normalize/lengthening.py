"""Lengthened words: soooo, heeelp, pleaaase, cómooo. No word of these languages has one letter three times in a row."""

import re
from typing import Final

from normalize.words import Words

LONG: Final = re.compile(r"([^\W\d_])\1{2,}")
_COUNTING: Final = frozenset("ivxlcdmwszа")  # viii, xxxl, www, mmm are written so
_SHORTEST: Final = 4
_USUAL: Final = 3.7  # in Zipf
_AHEAD: Final = 1.5


def shortenings(token: str) -> tuple[str, str]:
    """`token` with each long run of a letter put as two of it, and as one."""
    return LONG.sub(r"\1\1", token), LONG.sub(r"\1", token)


def shortened(token: str, listed: Words) -> str:
    """The frequent word that was lengthened to `token`; itself where two could have been (goood: good, god)."""
    if LONG.search(token) is None or _COUNTING.issuperset(token):
        return token
    one, other = sorted(set(shortenings(token)) | {""}, key=listed.zipf, reverse=True)[:2]
    is_meant = len(one) >= _SHORTEST and listed.zipf(one) >= max(_USUAL, listed.zipf(other) + _AHEAD)
    return one if is_meant else token
