"""Signs around a question that say how it is meant, not what: emoji, laughter, tildes. For the key alone."""

import re
from typing import Final

from normalize.lexicon import Lexicon
from normalize.question import Step
from normalize.signs import asks_about_signs, is_aside, laughs, shows_feeling
from normalize.tokens import Sentence

_KOREAN_TAIL: Final = re.compile(r"(?<=[가-힣])[ㅋㅎㅠㅜ~^;]+$")
_KOREAN_MARKS: Final = frozenset({"~", "^", "^^", ";"})
_FEWEST: Final = 3  # words that are left: "who uses 😀" wants its sign
_SHORTEST_VERB: Final = 3  # 되나요, 할까요; what is shorter may want what follows: 왜 ㅋㅋ
# After these a sign stands for the word that is missing: what is 😀, a card with ❤, how do I type :).
_WANTING: Final = frozenset(
    """
    is are was were be am i'm the a an my your his her our their of with like and or not to for in on at by from as
    about use uses using used send sends sent sending type typing write writes say says saying said put puts add
    adds insert press react reply respond text post draw make makes feel feels feeling look looks see sees get gets
    got give gives show shows choose pick find remove delete disable copy paste define spell read love hate called
    named have has had es el la un una de con como y o no que en por para usar usa uso poner pongo enviar envía
    mandar escribir escribo decir dice hacer hago siento estoy é os um uma com e ou não em do da colocar escrever
    dizer diz fazer sinto estou и или не с со в на для от за как писать пишут пишет ставить ставят ставит написать
    поставить использовать отправить отправлять сказать говорит говорят чувствую люблю
    """.split()  # noqa: SIM905
)


def decorations(sentence: Sentence, lexicon: Lexicon, steps: list[Step]) -> None:
    """Drops what decorates the ends of one sentence; mutates it. What may be asked about stays."""
    if asks_about_signs(sentence.tokens):
        return
    tokens = _korean(sentence.tokens) if lexicon.language == "ko" else _other(sentence.tokens, lexicon.language)
    if tokens != sentence.tokens:
        steps.append(Step("text.decoration", " ".join(sentence.tokens), " ".join(tokens)))
        sentence.tokens = tokens


def is_decoration(tokens: list[str]) -> bool:
    """Whether nothing but decoration stands here."""
    return is_aside(tokens)


def _other(tokens: list[str], language: str) -> list[str]:
    kept = list(tokens)
    while len(kept) > _fewest(kept[-1]) and _decorates(kept, language) and kept[-2] not in _WANTING:
        kept.pop()
    while len(kept) > _FEWEST and (shows_feeling(kept[0]) or (laughs(kept[0]) and kept[0] != ")")):
        kept.pop(0)
    return kept


def _fewest(sign: str) -> int:
    return _FEWEST - laughs(sign)


def _decorates(tokens: list[str], language: str) -> bool:
    last = tokens[-1]
    if last.startswith(")"):  # Russian smiles so; elsewhere it closes a bracket
        return language == "ru" and "(" not in tokens
    return shows_feeling(last) or laughs(last)


def _korean(tokens: list[str]) -> list[str]:
    kept = list(tokens)
    while len(kept) > 1 and _decorates_korean(kept[-1]) and _is_said(kept[:-1]):
        kept.pop()
    while len(kept) > 1 and (shows_feeling(kept[0]) or laughs(kept[0])) and _is_said(kept[1:]):
        kept.pop(0)
    bare = _KOREAN_TAIL.sub("", kept[-1])
    return [*kept[:-1], bare] if len(bare) >= _SHORTEST_VERB or len(kept) > 1 else kept


def _decorates_korean(token: str) -> bool:
    return shows_feeling(token) or laughs(token) or token in _KOREAN_MARKS


def _is_said(tokens: list[str]) -> bool:
    """Whether these are a whole clause, by the length of its last word: a verb with its ending."""
    said = [token for token in tokens if not _decorates_korean(token)]
    return bool(said) and len(_KOREAN_TAIL.sub("", said[-1])) >= _SHORTEST_VERB
