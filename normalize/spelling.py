"""Letters within words: ё for е, and lengthened words such as pleaaase where the short form is known."""

import re
from collections.abc import Iterator
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step

_LONG: Final = re.compile(r"([^\W\d_])\1{2,}")


def spelling(tokens: list[str], lexicon: Lexicon, steps: list[Step]) -> list[str]:
    """`tokens` with each word spelt in its one form; a word that no lexicon knows stays as it is."""
    result = [_spelt(token, lexicon) for token in tokens]
    for before, after in zip(tokens, result, strict=True):
        if before != after:
            steps.append(Step(f"{lexicon.language}.spelling: {before} → {after}", before, after))
    return result


def _spelt(token: str, lexicon: Lexicon) -> str:
    if not token[0].isalpha():
        return token
    if lexicon.characters and lexicon.keep.at((token,), 0) is None:
        token = token.translate(lexicon.characters)
    if _LONG.search(token) is None:
        return token
    return next((word for word in _shortened(token) if len(word) > 1 and word in lexicon.known), token)


def _shortened(token: str) -> Iterator[str]:
    yield _LONG.sub(r"\1\1", token)
    yield _LONG.sub(r"\1", token)
