"""Where the facts of two questions contradict each other rather than differ: a paraphrase leaves words out, or brings
others in, but it does not deny what the other affirms, nor go the other way. Pure functions, symmetric."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from normalize import Facts
from semantic_cache.matching.compared import Compared

__all__ = [
    "bounds_differ", "crossed_roles", "denied_elsewhere", "different_names", "disjoint", "negations_differ", "opposed",
    "other_names_in_roles", "other_question", "with_or_without",
]  # fmt: skip

_WITH_OR_WITHOUT = frozenset({"with", "without"})
"""Said of what is meant or of what goes without saying: quit without saving, quit with none of it written."""
_KEPT_APART = {
    frozenset(pair.split("/"))
    for pair in """
    how/why how/when how/how_long how_much/how_long how_much/where how_much/why how_much/who how_long/where
    how_long/why how_long/who how_many/where how_many/why how_many/when when/where when/why where/why
    who/why why/yes-no
    """.split()  # noqa: SIM905
}
_MOMENT = dict.fromkeys(("now", "recent"), "today")
_PARTS_OF_TODAY = frozenset({"this morning", "this afternoon", "tonight"})
_SHORT_NAME = 3
_INFLECTED = r"(?<![^\W_]){}[^\W\d_가-힣]{{0,2}}(?![^\W가-힣])"
_WHOLE = r"(?<![a-z0-9]){}(?!(?!s\b)[a-z0-9])"
"""A name with neither letter nor digit of the Latin script beside it, but for the s of a plural."""
_BOUNDS = frozenset({"only", "both", "at least", "at most", "more than", "less than"})


def _label(name: str) -> str:
    return name.replace(" ", "_")


def opposed(asked: Compared, stored: Compared) -> str | None:
    """A word on one side alone, and on the other alone what its lexicon sets against it."""
    if not asked.facts.polarity or not stored.facts.polarity:
        return None
    here, there = set(asked.facts.polarity), set(stored.facts.polarity)
    for one in sorted(here - there - _WITH_OR_WITHOUT):
        for other in sorted(there - here - _WITH_OR_WITHOUT):
            if _set_against(one, other, asked.facts, stored.facts):
                return f"opposites differ: {one} asked, {other} stored"
    return None


def _set_against(one: str, other: str, asked: Facts, stored: Facts) -> bool:
    """Whether each is the opposite of something that the other side says: "all" is no opposite of "small" because
    something large is asked for as well. An entry may have been stored before the opposites were among the facts."""
    if asked.opposites and stored.opposites:
        return other in asked.opposites and one in stored.opposites
    return other in asked.opposites or one in stored.opposites


def with_or_without(asked: Compared, stored: Compared) -> str | None:
    """With on one side, without on the other; or one of the two here and both there."""
    here, there = (_WITH_OR_WITHOUT.intersection(side.facts.polarity) for side in (asked, stored))
    if here and there and here != there:
        return f"with or without: {_listed(sorted(here))} asked, {_listed(sorted(there))} stored"
    return None


def negations_differ(asked: Compared, stored: Compared) -> str | None:
    """More negations on one side. Their kind says little: not buying meat is buying without meat."""
    here, there = asked.facts.negations, stored.facts.negations
    return f"negations differ: {_listed(here)} asked, {_listed(there)} stored" if len(here) != len(there) else None


def denied_elsewhere(asked: Compared, stored: Compared) -> str | None:
    """Each side denies a word that the other says and does not deny: not A but B against B and not A."""
    if not asked.facts.negated or not stored.facts.negated:
        return None
    here, there = _denied(asked), _denied(stored)
    mine = next((word for word in sorted(here - there) if stored.says(word)), "")
    other = next((word for word in sorted(there - here) if asked.says(word)), "")
    return f"negated words differ: {mine} asked, {other} stored" if mine and other else None


def _denied(side: Compared) -> set[str]:
    # Before a Korean verb several nouns may stand, and each may be named as the denied one; 말고 stands with its noun.
    kinds = ("without",) if side.language == "ko" else ("not", "never", "without")
    return {word for kind, _, word in (scope.partition(":") for scope in side.facts.negated) if kind in kinds}


def crossed_roles(of: Callable[[Facts], tuple[str, ...]], name: str) -> Callable[[Compared, Compared], str | None]:
    """From A to B against from B to A: one role, another word in it, and each of the words on both sides."""

    def reason(asked: Compared, stored: Compared) -> str | None:
        if not of(asked.facts) or not of(stored.facts):
            return None
        here, there = _roles(of(asked.facts)), _roles(of(stored.facts))
        for role, word in here:
            for other_role, other in there:
                same_role = role == other_role and word != other and asked.says(other) and stored.says(word)
                if same_role and (role, other) not in here:
                    return f"{name} differ: {role} {word} asked, {role} {other} stored"
                if word == other and {role, other_role} in ({"from", "to"}, {"before", "after"}):
                    return f"{name} differ: {role} {word} asked, {other_role} {other} stored"
        return None

    return reason


def other_names_in_roles(asked: Compared, stored: Compared) -> str | None:
    """One role with two names, of which the other side holds neither: to Norway, to Sweden."""
    if not asked.facts.names or not stored.facts.names:
        return None
    here, there = ([one for one in _roles(side.facts.directions) if _names(side, one[1])] for side in (asked, stored))
    for role, word in here:
        for other_role, other in there:
            if role == other_role and not stored.says(word) and not asked.says(other):
                return f"directions differ: {role} {word} asked, {role} {other} stored"
    return None


def _names(side: Compared, word: str) -> bool:
    return any(name.startswith(word) for name in side.facts.names)


def _roles(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(role, word) for role, sign, word in (value.partition(":") for value in values) if sign]


def different_names(asked: Compared, stored: Compared) -> str | None:
    """A name on one side that the other does not hold, in capitals or not."""
    if not asked.facts.names and not stored.facts.names:
        return None
    mine, other = _names_apart(asked, stored, _holds)
    return _names_differ(mine, other) if mine or other else None


def two_names(asked: Compared, stored: Compared) -> str | None:
    """A name on either side that the other does not hold: one stands for another. Java is not in JavaScript."""
    if not asked.facts.names or not stored.facts.names:
        return None
    mine, other = _names_apart(asked, stored, _holds_whole)
    return _names_differ(mine, other) if mine and other else None


def _names_apart(asked: Compared, stored: Compared, holds: Callable[[str, str], bool]) -> tuple[list[str], list[str]]:
    mine, other = asked.facts.names, stored.facts.names
    return (
        sorted(name for name in mine if not _has(stored.lower, other, name, holds)),
        sorted(name for name in other if not _has(asked.lower, mine, name, holds)),
    )


def _has(text: str, names: Iterable[str], name: str, holds: Callable[[str, str], bool]) -> bool:
    """Whether a side has a name: in its text (wi-fi is wifi), or among its names, where it is inflected so far that
    the text does not hold its stem as a word (Краснодарского)."""
    bare = name.replace("-", "")
    return holds(text, name) or bare in {one.replace("-", "") for one in names} or holds(text.replace("-", ""), bare)


def _holds_whole(text: str, name: str) -> bool:
    return re.search(_INFLECTED.format(re.escape(name)), text) is not None


def _holds(text: str, name: str) -> bool:
    # Longer names may be inflected, or have a particle behind them. But AA is not in AAA.
    return name in text and (len(name) > _SHORT_NAME or re.search(_WHOLE.format(re.escape(name)), text) is not None)


def _names_differ(mine: list[str], other: list[str]) -> str:
    return f"names differ: {_listed(mine)} asked, {_listed(other)} stored"


def bounds_differ(asked: Compared, stored: Compared) -> str | None:
    """Only, both, at least, more than: each narrows what is asked. All and except are said in too many ways."""
    if asked.facts.quantifiers == stored.facts.quantifiers:
        return None
    here, there = ([one for one in side.facts.quantifiers if one in _BOUNDS] for side in (asked, stored))
    return f"quantifiers differ: {_listed(here)} asked, {_listed(there)} stored" if here != there else None


def two_bounds(asked: Compared, stored: Compared) -> str | None:
    """One on either side, and not the same: at least 5, at most 5."""
    here, there = (set(side.facts.quantifiers) & _BOUNDS for side in (asked, stored))
    return bounds_differ(asked, stored) if here and there else None


def disjoint(name: str, of: Callable[[Facts], tuple[str, ...]]) -> Callable[[Compared, Compared], str | None]:
    """Labels on both sides, and none in common."""

    def reason(asked: Compared, stored: Compared) -> str | None:
        here, there = of(asked.facts), of(stored.facts)
        if here and there and set(here).isdisjoint(there):
            return f"{name} differ: {_listed(here)} asked, {_listed(there)} stored"
        return None

    return reason


def other_moments(asked: Compared, stored: Compared) -> str | None:
    """Moments on both sides, and none in common: tomorrow, next week. Now and today may be one, and a part of today."""
    here, there = ({_MOMENT.get(one, one) for one in side.facts.times} for side in (asked, stored))
    if not here or not there or not here.isdisjoint(there):
        return None
    if any("today" in one and not _PARTS_OF_TODAY.isdisjoint(other) for one, other in ((here, there), (there, here))):
        return None
    return f"moments differ: {_listed(asked.facts.times)} asked, {_listed(stored.facts.times)} stored"


def other_question(asked: Compared, stored: Compared) -> str | None:
    """Question words that no paraphrase exchanges: when for where, how much for how long."""
    here, there = asked.facts.question_types, stored.facts.question_types
    if here == there and len(here) < 2:
        return None
    pairs = [frozenset({_label(one), _label(other)}) for one in here for other in there]
    if pairs and all(pair in _KEPT_APART for pair in pairs):
        return f"question types differ: {_listed(here)} asked, {_listed(there)} stored"
    return None


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(labels) or "none"
