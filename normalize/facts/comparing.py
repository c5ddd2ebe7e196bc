"""What is compared: better, worse, most, and what with: `than:coffee`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from normalize.facts.roles import following, known_as
from normalize.facts.stems import noun
from normalize.lexicon import Lexicon

_THAN: Final = "than"
_MARKS: Final = frozenset({"than", "than?"})
_NEAR: Final = 3
_KO_THAN: Final = re.compile(r"^([가-힣A-Za-z0-9]+?)보다(?:는|도)?$")
_KO_SEEING: Final = re.compile("[아어해여려와가나봐]$")


def comparatives(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    """A label for each comparing word, and `than:word` for what the comparison is with. A weak `than?`, such as Spanish
    `que`, counts only shortly after a comparing word."""
    labels = lexicon.labels["comparatives"].labels(words)
    if lexicon.language == "ko":
        return [*labels, *_korean(words, lexicon)]
    comparing = [label for label in labels if label not in _MARKS]
    return [*comparing, *_than(words, lexicon)] if len(comparing) < len(labels) else labels


def _than(words: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    last = -_NEAR - 1
    for at, word in enumerate(words):
        label = "".join(lexicon.labels["comparatives"].labels((word,)))
        if label not in _MARKS:
            last = at if label else last
        elif (label == _THAN or at - last <= _NEAR) and (value := following(words, at + 1, lexicon)):
            yield f"{_THAN}:{value}"


def _korean(words: Sequence[str], lexicon: Lexicon) -> Iterator[str]:
    for word in words:
        if (found := _KO_THAN.match(word)) is not None and not _KO_SEEING.search(found[1]):
            yield f"{_THAN}:{known_as(noun(found[1]), lexicon)}"
