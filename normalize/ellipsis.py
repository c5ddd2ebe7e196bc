"""A follow-up that names only what changes: `and the Pro plan?` after `What is the price of the Basic plan?`.

It is completed only where exactly one part of the question before can be meant: a part of the same kind (a season, a
country, a number of the same things), or one with the same article and noun. Everything else is left as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from normalize.clues import Clues
from normalize.korean_ellipsis import replacement_in_korean
from normalize.question import Step
from normalize.turns import Said, Turn

_PREPOSITIONS: Final = frozenset(
    ("in", "on", "at", "for", "from", "to", "with", "without", "during", "before", "after", "near", "of", "by")
)
_DETERMINERS: Final = frozenset({"the", "a", "an", "your", "my"})
_TWO_SIDED: Final = frozenset(("from", "to", "into", "between", "and", "or", "than", "as", "like", "vs", "versus"))
"""Beside these a part has a counterpart: `from the Basic plan` leaves open where to."""
_OTHER_WORDS: Final = frozenset({"or", "and", ",", "not", "i", "you", "we"})
_ANSWERED: Final = frozenset({"what", "who"})
_LONGEST: Final = 6
_MODIFIERS: Final = 2


@dataclass(frozen=True, slots=True)
class Replacement:
    """Tokens `old` of the question before give way to `new`."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def complete(turn: Turn, before: Turn, clues: Clues) -> tuple[str, Step] | None:
    """The whole question that `turn` asks after the whole question `before`, and the rule; None when that is not sure.

    `before` holds one sentence, and no word that points elsewhere.
    """
    if len(turn.sentences) != 1 or len(before.sentences) != 1:
        return None
    if clues.language == "ko":
        changed = replacement_in_korean(turn.sentences[0].words, before.sentences[0].words, clues)
        return _applied(Replacement(*changed[:2]), changed[2], turn, before) if changed is not None else None
    found = _remnant(turn.sentences[0], clues) if clues.language == "en" else None
    if found is None:
        return None
    beginning, rest = found
    replacements = list(_replacements(rest, before.sentences[0], clues))
    if len(replacements) != 1:
        return None
    return _applied(replacements[0], f"en.follow_ups: {beginning}", turn, before)


def _remnant(said: Said, clues: Clues) -> tuple[str, Said] | None:
    """What is left of a follow-up behind its beginning, where that names one thing and points to nothing."""
    phrase = clues.follow_ups.at(said.words, 0)
    if phrase is None or phrase.rule not in {"and", "what about", "how about", "and what about", "and how about"}:
        return None
    rest = Said(said.cased[len(phrase.before) :], said.asks)
    words = rest.words
    if not 0 < len(words) <= _LONGEST or clues.pointers.any(words) or _says_more(words, clues):
        return None
    return phrase.rule, rest


def _says_more(words: Sequence[str], clues: Clues) -> bool:
    """Whether there is a verb, a second preposition, a list or a question in it: then it is no single thing."""
    return not (_function_words(clues) - _PREPOSITIONS).isdisjoint(words[1:]) or any(
        word in _PREPOSITIONS or word in _DETERMINERS for word in words[2:]
    )


def _function_words(clues: Clues) -> frozenset[str]:
    """Words that are part of no name of a thing."""
    lists = clues.lexicon.words
    verbs = lists.get("interrogatives", frozenset()) | lists.get("leads", frozenset()) | clues.copulas
    return verbs | _PREPOSITIONS | _OTHER_WORDS


def _replacements(rest: Said, before: Said, clues: Clues) -> Iterator[Replacement]:
    """The ways to put `rest` into `before`, one for each part that could be meant."""
    preposition = rest.words[:1] if rest.words[0] in _PREPOSITIONS else ()
    thing = Said(rest.cased[len(preposition) :], rest.asks)
    if not thing.cased:
        return
    kind, length = clues.kind_at(thing.words, 0)
    if kind and length == len(thing.words):
        yield from _of_kind(kind, preposition, thing, before, clues)
    elif thing.words[0].isdecimal():
        yield from _of_number(preposition, thing, before)
    elif thing.words[0] in _DETERMINERS:
        yield from _of_noun(thing, before, clues)
    elif preposition in {(), ("of",)}:
        yield from _of_name(thing, before, clues)


def _of_kind(kind: str, preposition: tuple[str, ...], thing: Said, before: Said, clues: Clues) -> Iterator[Replacement]:
    words = before.words
    for at in range(len(words)):
        found, length = clues.kind_at(words, at)
        if found == kind and (at == 0 or not clues.kind_at(words, at - 1)[1] > 1):
            fits = words[at - 1 : at] == preposition if preposition else _is_single(words, at, length)
            # One of the kind at another preposition is a second part that could be meant.
            yield Replacement(before.cased[at : at + length], thing.cased if fits else ())


def _of_number(preposition: tuple[str, ...], thing: Said, before: Said) -> Iterator[Replacement]:
    words, noun = before.words, thing.words[1:]
    numbers = [at for at, word in enumerate(words) if word[0].isdigit()]
    if len(numbers) != 1 or not noun:
        return
    at = numbers[0]
    is_same = words[at].isdecimal() and words[at + 1 : at + 1 + len(noun)] == noun
    if is_same and (not preposition or words[at - 1 : at] == preposition):
        yield Replacement(before.cased[at : at + 1 + len(noun)], thing.cased)


def _of_noun(thing: Said, before: Said, clues: Clues) -> Iterator[Replacement]:
    """The same article and noun with other words between: the Pro plan, the Basic plan."""
    words, head = before.words, thing.words[-1]
    if not 3 <= len(thing.words) <= 2 + _MODIFIERS or words.count(head) != 1 or not head.isalpha():
        return
    end = words.index(head)
    small = _function_words(clues)
    for start in range(end - 2, max(end - 2 - _MODIFIERS, -1), -1):
        if words[start] == thing.words[0]:
            apart = small.isdisjoint((*words[start + 1 : end], *thing.words[1:-1]))
            if apart and _is_single(words, start, end + 1 - start):
                yield Replacement(before.cased[start : end + 1], thing.cased)
            return


def _of_name(thing: Said, before: Said, clues: Clues) -> Iterator[Replacement]:
    """`and Germany?` after `What is the capital of France?`: one name, at the end, behind of."""
    words, start = before.words, before.last_name()
    if start is None or not all(token[0].isupper() for token in thing.cased) or words[0] not in _ANSWERED:
        return
    if words[1] not in clues.copulas or words[2] != "the" or words[start - 1] != "of":
        return
    if not clues.kind_at(words, start)[0] and not clues.kind_at(thing.words, 0)[0]:
        yield Replacement(before.cased[start:], thing.cased)


def _is_single(words: Sequence[str], at: int, length: int) -> bool:
    """Whether the part is no side of two."""
    return _TWO_SIDED.isdisjoint((*words[max(at - 1, 0) : at], *words[at + length : at + length + 1]))


def _applied(change: Replacement, rule: str, turn: Turn, before: Turn) -> tuple[str, Step] | None:
    """The change made in the text itself, where that holds the old words exactly once."""
    old, new = " ".join(change.old), " ".join(change.new)
    if not new or old == new or before.text.count(old) != 1:
        return None
    text = before.text.replace(old, new)
    return text, Step(f"{rule}: {old} → {new}", turn.text, text)
