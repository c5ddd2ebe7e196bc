"""May a turn be read without the conversation before it? Yes only where its own words leave nothing to be filled in.

A turn stands alone when it is one question without a word that points elsewhere (`dependence`), is tied to something
that no earlier turn can change (`standing`), and no earlier turn set a condition that might still hold (`condition`).
Whatever is not recognised depends.
"""

import unicodedata
from enum import Enum
from typing import Final

from normalize.clues import Clues
from normalize.question import Facts, Step
from normalize.turns import Said, Turn

_DEFINITE: Final = "the"
_LINK: Final = "of"
_HOW: Final = "how"
_NOUN_WORDS: Final = 3
_OFFER_WORDS: Final = 3
_PLACES: Final = ("country", "city")
_MOST_KOREAN_WORDS: Final = 4
_KOREAN_TOPIC: Final = ("은", "는", "이", "가", "을", "를", "의", "")
_KOREAN_ASKED: Final = ("어디", "뭐", "무엇", "뭔", "누구", "얼마", "몇")


class Standing(Enum):
    """What a question is tied to, beside the conversation."""

    OPERATOR = "operator"
    """The one who is asked: `What are your opening hours?`"""
    PARTY = "party"
    """What either does or has: `How do I reset my password?`, `Do you accept cards?`"""
    NAMED = "named"
    """Something with a name: `What is the capital of France?`"""
    NOTHING = "nothing"
    """Nothing that could be told."""


def dependence(turn: Turn, clues: Clues) -> Step | None:
    """The word of `turn` that points to something said before, or what it lacks for a full question; None: nothing."""
    if len(turn.sentences) != 1:
        return Step(f"{clues.language}.conversation: {len(turn.sentences)} sentences", turn.text, turn.text)
    said = turn.sentences[0]
    beginning = clues.follow_ups.at(said.words, 0)
    if beginning is not None:
        return clues.step("follow_ups", beginning.rule, turn.text)
    for section in ("pointers", "leaning", "instructing"):
        found = getattr(clues, section).labels(_body(said, clues))
        if found:
            return clues.step(section, found[0], turn.text)
    if not asks(said, clues):
        return Step(f"{clues.language}.conversation: no question", turn.text, turn.text)
    if _is_bare_definite(said.words):
        return Step(f"{clues.language}.conversation: the … without of", turn.text, turn.text)
    return None


def asks(said: Said, clues: Clues) -> bool:
    """Whether the sentence has the form of a whole question: what or whether is asked, and about what."""
    words, lists = said.words, clues.lexicon.words
    if len(words) < 2:
        return False
    if clues.language == "ko":
        return clues.lexicon.markers.any(words)
    return _begins_with(words, clues) or (said.asks and words[0] in lists.get("leads", ()))


def condition(turn: Turn, clues: Clues) -> Step | None:
    """What `turn` says that may hold for later questions too: a statement, an instruction, a place, time or number."""
    for said in turn.sentences:
        found = clues.instructing.labels(said.words)
        if found:
            return clues.step("instructing", found[0], turn.text)
        if not (said.asks or asks(said, clues)):
            return Step(f"{clues.language}.conversation: a statement", turn.text, turn.text)
        narrow = _narrowing(said, clues)
        if narrow is not None:
            return clues.step(narrow[0], narrow[1], turn.text)
    if not turn.sentences:
        return Step(f"{clues.language}.conversation: code", turn.text, turn.text)
    return _of_facts(turn.question.facts, turn.text)


def place(turn: Turn, clues: Clues) -> Step | None:
    """The country or city that `turn` names."""
    for said in turn.sentences:
        words = said.words
        at = next((at for at in range(len(words)) if clues.kind_at(words, at)[0] in _PLACES), None)
        if at is not None:
            return clues.step("kinds", words[at], turn.text)
    return None


def standing(turn: Turn, clues: Clues) -> Standing:
    """What a turn without `dependence` is tied to."""
    if len(turn.sentences) != 1:
        return Standing.NOTHING
    said = turn.sentences[0]
    if clues.language == "ko":
        return _korean_standing(said, clues)
    if _asks_operator(said.words, clues):
        return Standing.OPERATOR
    if not said.names() and _asks_of_own(said.words, clues):
        return Standing.PARTY
    return Standing.NAMED if _asks_of_name(said, clues) else Standing.NOTHING


def topics(turn: Turn, clues: Clues) -> frozenset[str]:
    """The beginnings of the words that a turn is about: two turns that share one may be about the same thing."""
    letters = 2 if clues.language == "ko" else 4
    lists = clues.lexicon.words
    small = clues.copulas.union(*(lists.get(name, ()) for name in ("interrogatives", "leads", "anchors", "owned")))
    said = (word for sentence in turn.sentences for word in sentence.words)
    return frozenset(
        word[:letters] for word in said if len(word) >= letters and word[0].isalnum() and word not in small
    )


def _body(said: Said, clues: Clues) -> tuple[str, ...]:
    # A question word at the beginning (`which`) points nowhere.
    return said.words[_begins_with(said.words, clues) :]


def _begins_with(words: tuple[str, ...], clues: Clues) -> bool:
    """Whether a question word comes first, with its accent or without (`cuál`, `cual`)."""
    known = clues.lexicon.words.get("interrogatives", frozenset())
    bare = "".join(c for c in unicodedata.normalize("NFD", words[0]) if not unicodedata.combining(c))
    return words[0] in known or bare in known


def _narrowing(said: Said, clues: Clues) -> tuple[str, str] | None:
    words = said.words[2:] if said.words[:2] == ("how", "to") else said.words
    found = clues.narrowing.labels(words)
    if found:
        return "narrowing", found[0]
    ends = (end for word in words for end in clues.narrowing_ends if word.endswith(end) and len(word) > len(end))
    end = next(ends, None)
    place = next((word for word in words if _is_korean_kind(word, clues)), None)
    if end is None and place is not None:
        return "kinds", place
    return ("narrowing_ends", end) if end is not None else None


def _of_facts(facts: Facts, text: str) -> Step | None:
    for name in ("numbers", "dates", "times", "quoted", "identifiers"):
        values = getattr(facts, name)
        if values:
            return Step(f"facts.{name}: {values[0]}", text, text)
    return None


def _is_bare_definite(words: tuple[str, ...]) -> bool:
    """`the pool` may be the one just spoken of; `the capital of France` says which."""
    return any(word == _DEFINITE and _LINK not in words[at + 2 : at + 2 + _NOUN_WORDS] for at, word in enumerate(words))


def _asks_operator(words: tuple[str, ...], clues: Clues) -> bool:
    """`What (time) is your …`, nothing before it and nothing behind the noun."""
    if not _begins_with(words, clues):
        return False
    at = next((at for at, word in enumerate(words) if clues.anchors.any((word,))), 0)
    between = words[1:at]
    is_linked = not between if clues.language == "ru" else False
    is_linked = is_linked or (0 < len(between) <= 2 and between[-1] in clues.copulas)
    rest = words[at + 1 :]
    return at > 0 and is_linked and 0 < len(rest) <= _NOUN_WORDS and not clues.narrowing.any(rest)


def _asks_of_own(words: tuple[str, ...], clues: Clues) -> bool:
    """`How … my password?`, `Do you accept …?`; not `Are you sure?`, which asks about what was said."""
    if words[0] == _HOW:
        return any(clues.owned.any(words[at : at + 1]) for at in range(len(words) - 3, len(words) - 1))
    beginnings = clues.owned.labels(words[:_OFFER_WORDS]) if len(words) > _OFFER_WORDS else []
    return any(" " in beginning for beginning in beginnings)


def _asks_of_name(said: Said, clues: Clues) -> bool:
    """`Who is Kim`, `What is the capital of France`, `How tall is Mount Everest`: present, and the name comes last."""
    words, first = said.words, said.last_name()
    if clues.language != "en" or first is None or said.shouts():
        return False
    if words[0] in {"what", "who", "where"}:
        noun = words[3 : first - 1]
        if first > 2 and (words[2] != _DEFINITE or words[first - 1] != _LINK or not 0 < len(noun) <= _NOUN_WORDS):
            return False
        return words[1] in clues.copulas and not clues.narrowing.any(noun)
    return words[0] == _HOW and first == 3 and words[2] in clues.copulas


def _korean_standing(said: Said, clues: Clues) -> Standing:
    words = said.words
    is_linked = words[-1].startswith(tuple(clues.copulas)) or not clues.copulas.isdisjoint(words[-2:-1])
    if not 1 < len(words) <= _MOST_KOREAN_WORDS or not is_linked:
        return Standing.NOTHING
    if clues.anchors.any(words[:1]) or clues.anchors.any(words[:2]):
        return Standing.OPERATOR
    place = _is_korean_kind(words[0], clues, ("의", ""))
    asked = words[-1].startswith(_KOREAN_ASKED)
    return Standing.NAMED if place and asked and len(words) == 3 else Standing.NOTHING


def _is_korean_kind(word: str, clues: Clues, particles: tuple[str, ...] = _KOREAN_TOPIC) -> bool:
    if clues.language != "ko":
        return False
    return any(word.endswith(p) and clues.kind_at((word.removesuffix(p),), 0)[0] for p in particles if word != p)
