"""Guards: what two questions must share whatever a model thinks of them. Pure functions.

If the answer must contain a word of the question, that word must match: a stored answer about 3 days is wrong for
7 days, however near the two questions lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from normalize import Facts
from normalize.facts.stems import stem
from semantic_cache.matching.compared import Compared
from semantic_cache.matching.contradictions import (
    bounds_differ,
    crossed_roles,
    denied_elsewhere,
    different_names,
    disjoint,
    negations_differ,
    opposed,
    other_moments,
    other_names_in_roles,
    other_question,
    two_bounds,
    two_names,
    with_or_without,
)
from semantic_cache.matching.dates import dates_differ, lone_dates, two_dates
from semantic_cache.matching.exchanged import exchanged
from semantic_cache.matching.quantities import lone_numbers, numbers_differ
from semantic_cache.matching.wording import difference_in_wording

__all__ = ["DOUBTFUL", "GUARDS", "HARD", "Compared", "Guard", "doubtful", "refusals", "veto"]

DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Guard:
    """One comparison of the asked with the stored question; `reason` says why the answer is refused, or None."""

    name: str
    reason: Callable[[Compared, Compared], str | None]


def _equal(name: str, of: Callable[[Facts], tuple[str, ...]]) -> Guard:
    def reason(asked: Compared, stored: Compared) -> str | None:
        here, there = of(asked.facts), of(stored.facts)
        if here == there:
            return None
        return f"{name} differ: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"

    return Guard(name, reason)


def _contradict(name: str, of: Callable[[Facts], tuple[str, ...]]) -> Guard:
    """Values on both sides, and other ones, unless each side says the other's, too: Is "foo" bar, is foo "bar"."""

    def reason(asked: Compared, stored: Compared) -> str | None:
        here, there = of(asked.facts), of(stored.facts)
        if not here or not there or here == there:
            return None
        if all(_said(one, stored) for one in here) and all(_said(one, asked) for one in there):
            return None
        return f"{name} differ: {', '.join(here)} asked, {', '.join(there)} stored"

    return Guard(name, reason)


_other_quotes = _contradict("quotes", lambda facts: facts.quoted).reason


def _quotes(asked: Compared, stored: Compared) -> str | None:
    """Quoted on both sides and not the same. Russian titles are inflected («Сталкер», «Сталкера»); a word that is asked
    about, in small letters, is not, and in English "Alien" is another film than "Aliens"."""
    here, there = ({_title(one, side.language) for one in side.facts.quoted} for side in (asked, stored))
    return None if here == there else _other_quotes(asked, stored)


def _title(quoted: str, language: str) -> str:
    if language != "ru" or not quoted[:1].isupper():
        return quoted
    return " ".join(stem(word, language) for word in quoted.lower().split())


def _lone(name: str, of: Callable[[Facts], tuple[str, ...]]) -> Guard:
    """Values on one side, which the other does not say."""

    def reason(asked: Compared, stored: Compared) -> str | None:
        here, there = of(asked.facts), of(stored.facts)
        if bool(here) == bool(there) or all(_said(one, stored if here else asked) for one in here or there):
            return None
        return f"{name} on one side alone: {', '.join(here) or 'none'} asked, {', '.join(there) or 'none'} stored"

    return Guard(f"lone {name}", reason)


def _said(value: str, side: Compared) -> bool:
    """Whether the whole of a value stands among a side's words; Korean ones have their particle behind them."""
    start = r"(?<![^\W_])" if value[:1].isalnum() else ""
    return re.search(rf"{start}{re.escape(value.lower())}(?![^\W가-힣])", side.lower) is not None


def _language(asked: Compared, stored: Compared) -> str | None:
    if asked.language == stored.language or "und" in (asked.language, stored.language):
        return None
    return f"languages differ: {asked.language} asked, {stored.language} stored"


_crossed = crossed_roles(lambda facts: facts.directions, "directions")


def _directions(asked: Compared, stored: Compared) -> str | None:
    return _crossed(asked, stored) or other_names_in_roles(asked, stored)


_NEGATIONS = Guard("negations", negations_differ)
_PERSONS = Guard("persons", disjoint("persons", lambda facts: facts.persons))
_QUESTIONS = Guard("question types", other_question)
_SOFT = (
    _NEGATIONS,
    Guard("with or without", with_or_without),
    _equal("moments", lambda facts: facts.times),
    Guard("quantifiers", bounds_differ),
    Guard("names", different_names),
    _PERSONS,
    _QUESTIONS,
    Guard("other directions", disjoint("directions", lambda facts: facts.directions)),
    Guard("lone numbers", lone_numbers),
    Guard("lone dates", lone_dates),
    _lone("quotes", lambda facts: facts.quoted),
    _lone("identifiers", lambda facts: facts.identifiers),
)


_CERTAIN = (
    _NEGATIONS,
    _PERSONS,
    _QUESTIONS,
    Guard("two names", two_names),
    Guard("two bounds", two_bounds),
    Guard("two dates", two_dates),
)


def _near_miss(asked: Compared, stored: Compared) -> str | None:
    """Nearly the same words, and a negation, or a person, question word, name, bound or date for another one: safe to
    hunt, not safe to hunt. In other words, a fact may be said so differently that it is not found; where the words are
    the same, it was put in on purpose."""
    return _near(_CERTAIN, asked, stored)


def doubtful(asked: Compared, stored: Compared) -> str | None:
    """Nearly the same words, and a fact that one side leaves out, or that cannot be compared: where is my order (now);
    10 kg, 10 kilos. It is as often understood as not; a pair model that has read both may say (`examined.SURE`)."""
    return _near(_SOFT, asked, stored)


def _near(guards: Iterable[Guard], asked: Compared, stored: Compared) -> str | None:
    if difference_in_wording(asked, stored) is None:
        return None
    return next((reason for guard in guards if (reason := guard.reason(asked, stored)) is not None), None)


_BY_THEMSELVES = (
    Guard("language", _language),
    Guard("numbers", numbers_differ),
    Guard("negated", denied_elsewhere),
    Guard("dates", dates_differ),
    Guard("quotes", _quotes),
    _contradict("identifiers", lambda facts: facts.identifiers),
    Guard("other moments", other_moments),
    Guard("opposites", opposed),
    Guard("comparisons", crossed_roles(lambda facts: facts.comparatives, "comparisons")),
    Guard("directions", _directions),
    Guard("exchanged", exchanged),
)
GUARDS: tuple[Guard, ...] = (
    *_BY_THEMSELVES,
    Guard("near miss", _near_miss),
    Guard(DOUBTFUL, doubtful),
    *_SOFT,
    Guard("wording", difference_in_wording),
)


HARD = frozenset(
    (
        "language",
        "numbers",
        "negated",
        "dates",
        "quotes",
        "identifiers",
        "other moments",
        "opposites",
        "comparisons",
        "directions",
        "exchanged",
        "near miss",
    )
)
"""Names of the guards that refuse by themselves, because the answer must contain what they compare: both sides say
it, and not the same. The others are for the verifier to weigh. What one side alone says stands between wordings of
one meaning as often as between two (notebooks/LOG.md), unless nearly all other words are the same: then it refuses,
too, where no pair model is sure of the two. Without a verifier all of them refuse."""

_ONE_SIDED = frozenset(
    ("with or without", "other directions", "lone numbers", "lone dates", "lone quotes", "lone identifiers")
)


def veto(
    asked: Compared, stored: Compared, *, verified: bool = False, read: bool = False, taught: bool = False
) -> str | None:
    """The first guard's reason to refuse the stored answer, or None when all let it pass.

    Args:
        verified: Whether a verifier weighs the guards that are not hard; else all of them refuse.
        read: Whether a pair model is to read the two before `doubtful` is asked; else that refuses with the hard ones.
        taught: Whether the asked question is to be served without a verifier from now on, since somebody confirmed it:
            what one side alone says refuses then, too.
    """
    names = HARD | (frozenset() if read else {DOUBTFUL}) | (_ONE_SIDED if taught else frozenset())
    asking = (guard for guard in GUARDS if not verified or guard.name in names)
    return next((reason for guard in asking if (reason := guard.reason(asked, stored)) is not None), None)


def refusals(asked: Compared, stored: Compared) -> list[bool]:
    """Whether each guard refuses, in the order of `GUARDS`."""
    hard, soft, certain = (
        [guard.reason(asked, stored) is not None for guard in guards] for guards in (_BY_THEMSELVES, _SOFT, _CERTAIN)
    )
    # The wording is compared once: both kinds of near misses are nothing but it and any of the others.
    wording = difference_in_wording(asked, stored) is not None
    return [*hard, wording and any(certain), wording and any(soft), *soft, wording]
