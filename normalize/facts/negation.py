"""What is negated: `not`, `never`, `without`, and the word that each of them denies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from normalize.facts.korean import korean_negations
from normalize.facts.roles import following
from normalize.facts.stems import stem
from normalize.lexicon import Lexicon

_CONCORD: Final = "nothing"
"""Label of words such as Spanish `nada`: beside another negation they add none, alone they are `not`."""


@dataclass(frozen=True, slots=True)
class Negations:
    """`kinds` has one `not`, `without` or `never` for each negation; `scopes` one `not:word` where a word is denied."""

    kinds: list[str]
    scopes: list[str]


def negations(words: Sequence[str], lexicon: Lexicon) -> Negations:
    """The negations of one text, whose words have lost contractions and politeness."""
    kinds = lexicon.negations.labels(words)
    scopes = list(_scopes(words, kinds, lexicon)) if kinds else []
    if lexicon.language == "ko":
        for kind, scope in korean_negations(words, lexicon):
            kinds.append(kind)
            scopes.append(f"{kind}:{scope}" if scope else "")
    if _CONCORD in kinds:
        kinds = [kind for kind in kinds if kind != _CONCORD] or ["not"]
    return Negations(kinds, [scope for scope in scopes if scope])


def _scopes(words: Sequence[str], kinds: Sequence[str], lexicon: Lexicon) -> Iterable[str]:
    finder, at = lexicon.negations, 0
    for kind in kinds:
        while at < len(words) and kind not in finder.labels(words[at : at + 1]):
            at += 1
        at += 1
        if kind == _CONCORD:
            continue
        if value := following(words, at, lexicon):
            yield f"{kind}:{value}"
        elif at > 1 and at == len(words) and words[at - 2][0].isalnum():  # `before 5 not`: the negation follows
            yield f"{kind}:{stem(words[at - 2], lexicon.language)}"
