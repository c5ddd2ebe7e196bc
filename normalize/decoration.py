"""Signs around a question that say how it is meant, not what: emoji, laughter, tildes. For the key alone."""

import re
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.tokens import Sentence

_EMOJI: Final = re.compile(
    "[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u203c\u2049\ufe0f\u200d\U0001f1e6-\U0001f1ff♡♥★☆]+$"
)
_LAUGHTER: Final = re.compile(
    r"(?:[ㅋㅎㅠㅜㄷㅇ]{2,}|(?:ha|he|хе|ха|ja|je|rs){2,}h?|k{3,}|x?[дd]{2,}|lo+l|lmao|rofl|[;^~]+|\)+|:+\)*|\^_*\^)$"
)
_HANGUL_TAIL: Final = re.compile(r"(?<=[가-힣])[ㄱ-ㆎ~^;ᆨ-ᇿ]+$")
_FEWEST: Final = 2
# After these a sign stands for the word that is missing: what is 😀, a card with 💳.
_WANTING: Final = frozenset(
    "is are was the a an this that of with like mean means emoji and or not to es el la un una este é o um uma".split()  # noqa: SIM905
)


def decorations(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops what decorates the ends of one sentence; mutates it. A sentence of nothing else stays."""
    tokens = list(sentence.tokens)
    if tokens and lexicon.language == "ko":
        tokens[-1] = _HANGUL_TAIL.sub("", tokens[-1])
    while len(tokens) > _FEWEST and _decorates(tokens[-1]) and tokens[-2] not in _WANTING:
        tokens.pop()
    while len(tokens) > _FEWEST and _decorates(tokens[0]):
        tokens.pop(0)
    if tokens != sentence.tokens:
        steps.append(Step("text.decoration", " ".join(sentence.tokens), " ".join(tokens)))
        sentence.tokens = tokens


def is_decoration(tokens: list[str]) -> bool:
    """Whether nothing but decoration stands here."""
    return all(_decorates(token) for token in tokens)


def _decorates(token: str) -> bool:
    return _EMOJI.match(token) is not None or _LAUGHTER.match(token) is not None
