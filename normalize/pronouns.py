"""A pronoun that can mean one thing only: 그건 얼마야? after 텀블러 있나요?, how much is it? after do you have X?

Only a question whether there is something leaves that one thing to speak of, and only its price is asked by the same
words for everything. Between the two the assistant may have said no more than that it is there.
"""

from typing import Final

from normalize.clues import Clues
from normalize.question import Step
from normalize.turns import Said, Turn

_THERE: Final = (
    ("do", "you", "have"),
    ("do", "you", "sell"),
    ("do", "you", "offer"),
    ("do", "you", "stock"),
)
_ARTICLES: Final = frozenset({"a", "an", "any", "some"})
_PRICES: Final = {
    ("how", "much", "is", "it"): "How much is {}?",
    ("how", "much", "is", "that"): "How much is {}?",
    ("how", "much", "does", "it", "cost"): "How much is {}?",
    ("what", "does", "it", "cost"): "How much is {}?",
    ("what", "is", "its", "price"): "How much is {}?",
    ("how", "much", "are", "they"): "How much are {}?",
    ("how", "much", "do", "they", "cost"): "How much are {}?",
}
_KOREAN_THERE: Final = ("있", "파나", "팔", "판매")
_KOREAN_IT: Final = frozenset({"그건", "그거", "그것은", "그게", "그거는", "이건", "이거"})
_KOREAN_PRICE: Final = "얼마"
_SUBJECT: Final = ("이", "가", "은", "는", "도", "을", "를")
_PLACES: Final = ("에서", "에", "로", "에게", "한테")
_MOST_WORDS: Final = 4
_SHORT_REPLY: Final = 6
_AGREEING: Final = ("yes", "yeah", "sure", "we do", "네", "예", "있")


def with_noun(turn: Turn, before: Turn, reply: str, clues: Clues) -> tuple[str, Step] | None:
    """The question that `turn` asks with the noun for its pronoun, and the rule; None where that is not sure.

    `before` is the whole question before it, `reply` what the assistant said in between ("" when nothing).
    """
    if len(turn.sentences) != 1 or len(before.sentences) != 1:
        return None
    find = {"en": _english, "ko": _korean}.get(clues.language)
    found = find(turn.sentences[0], before.sentences[0]) if find is not None else None
    if found is None or not _only_agrees(reply, found[0]):
        return None
    rule = f"{clues.language}.pronouns: {' '.join(turn.sentences[0].words)} → {found[0]}"
    return found[1], Step(rule, turn.text, found[1])


def _english(said: Said, before: Said) -> tuple[str, str] | None:
    wanted = _PRICES.get(said.words)
    start = next((len(there) for there in _THERE if before.words[: len(there)] == there), 0)
    thing = list(before.cased[start:])
    if thing and thing[0].lower() in _ARTICLES:
        thing = thing[1:]
    if wanted is None or not start or not 0 < len(thing) <= _MOST_WORDS or not all(_is_part(word) for word in thing):
        return None
    return " ".join(thing), wanted.format(" ".join(thing))


def _korean(said: Said, before: Said) -> tuple[str, str] | None:
    words, things = said.words, list(before.cased[:-1])
    if not things or len(words) != 2 or words[0] not in _KOREAN_IT or not words[1].startswith(_KOREAN_PRICE):
        return None
    if not before.words[-1].startswith(_KOREAN_THERE) or len(things) > _MOST_WORDS:
        return None
    if any(word.endswith(_PLACES) for word in things):
        return None
    particle = next((end for end in _SUBJECT if things[-1].endswith(end) and len(things[-1]) > 2), "")
    thing = " ".join([*things[:-1], things[-1].removesuffix(particle)])
    return thing, f"{thing} {said.cased[1]}?"


def _is_part(word: str) -> bool:
    """Whether a word can belong to the name of one thing: no preposition, list or clause."""
    return word.lower() not in _NOT_IN_A_NAME and word[0].isalnum()


_NOT_IN_A_NAME: Final = frozenset(
    """
    and or in on at for from to with without of by near than as like that which who when if left available here there
    it them this these those other another more
    """.split()  # noqa: SIM905
)


def _only_agrees(reply: str, thing: str) -> bool:
    words = reply.lower().replace(",", " ").replace(".", " ").replace("!", " ").split()
    if not words:
        return True
    return len(words) <= _SHORT_REPLY and (reply.lower().startswith(_AGREEING) or thing.lower().split()[-1] in words)
