"""Tokens → Facts: what two wordings of one question must share exactly."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from normalize.lexicon import Lexicon
from normalize.quantities import NUMBER
from normalize.question import Facts

_QUOTED: Final = re.compile(r"""^(?:```(.*)```|`(.*)`|"(.*)"|'(.+)')$""", re.DOTALL)
_IDENTIFIER: Final = re.compile(r"://|^www\.|.@.|\(\)$|^[-@#$~./][-~./]*[A-Za-z]|_\w|^[A-Za-z]:\\")
_DATE: Final = re.compile(
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}$|\d{1,2}([-/.])\d{1,2}\2\d{2,4}$|\d{1,2}:\d{2}(:\d{2})?([ap]m)?$"
)
_CLOCK: Final = re.compile(r"\d{1,2}[ap]m$")
_WORD_WITH_DIGIT: Final = re.compile(r"(?=.*\d)(?=.*[^\W\d])[\w\-.+#]+$")
# Hangul negation is written in suffixes and small words rather than in words that a list could hold.
_KO_NOT: Final = re.compile(
    "지(?:않|못|말|마)|^(?:않|못하|못한|못해|못받|아니|아닌|말아|마세요|마라|말라|불가|안되|안돼|안된)|없"
)
_KO_PREDICATE: Final = re.compile("[요다까나어아해돼면는은을고지죠서데냐니여게된되될할했됐져]$")


def extract(sentences: Iterable[Sequence[str]], lexicon: Lexicon) -> Facts:
    """The facts of rewritten sentences."""
    tokens = [token for sentence in sentences for token in sentence]
    quoted = [next(g for g in found.groups() if g is not None) for t in tokens if (found := _QUOTED.match(t))]
    plain = [token for token in tokens if not _QUOTED.match(token)]
    identifiers = [token for token in plain if _IDENTIFIER.search(token)]
    words = [token for token in plain if not _IDENTIFIER.search(token)]
    dates = [token for token in words if _DATE.match(token) or _CLOCK.match(token)]
    return Facts(
        numbers=_sorted([*filter(_is_number, (w for w in words if w not in dates)), *lexicon.ordinals.labels(words)]),
        negations=_sorted(_negations(words, lexicon)),
        times=_sorted(lexicon.times.labels(words)),
        dates=_sorted([*dates, *lexicon.dates.labels(words)]),
        quoted=_sorted(quoted),
        identifiers=_sorted(identifiers),
        polarity=_sorted(lexicon.polarity.labels(words)),
    )


def _is_number(token: str) -> bool:
    return NUMBER.match(token) is not None or _WORD_WITH_DIGIT.match(token) is not None


def _negations(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    labels = lexicon.negations.labels(words)
    if lexicon.language != "ko":
        return labels
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if "없이" in word or word.startswith("말고") or word.endswith("말고"):
            labels.append("without")
        elif _KO_NOT.search(word) or (word in {"안", "못"} and _KO_PREDICATE.search(following)):
            labels.append("not")
    return labels


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))
