"""Guards: what two questions must share whatever a model thinks of them. Pure functions.

If the answer must contain a word of the question, that word must match: a stored answer about 3 days is wrong for
7 days, however near the two questions lie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from normalize import Facts
from semantic_cache.matching.compared import Compared
from semantic_cache.matching.contradictions import (
    bounds_differ,
    crossed_roles,
    denied_elsewhere,
    different_names,
    directions_differ,
    disjoint,
    negations_differ,
    opposed,
    other_question,
)
from semantic_cache.matching.quantities import lone_numbers, numbers_differ
from semantic_cache.matching.wording import difference_in_wording

__all__ = ["GUARDS", "HARD", "Compared", "Guard", "refusals", "veto"]


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


def _language(asked: Compared, stored: Compared) -> str | None:
    if asked.language == stored.language or "und" in (asked.language, stored.language):
        return None
    return f"languages differ: {asked.language} asked, {stored.language} stored"


_SOFT = (
    Guard("negations", negations_differ),
    _equal("moments", lambda facts: facts.times),
    Guard("quantifiers", bounds_differ),
    Guard("names", different_names),
    Guard("persons", disjoint("persons", lambda facts: facts.persons)),
    Guard("question types", other_question),
    Guard("lone numbers", lone_numbers),
)


def _near_miss(asked: Compared, stored: Compared) -> str | None:
    """Nearly the same words and another fact: safe to hunt, not safe to hunt. In other words, a fact may be said so
    differently that it is not found; where the words are the same, it was left out or put in on purpose."""
    if difference_in_wording(asked, stored) is None:
        return None
    return next((reason for guard in _SOFT if (reason := guard.reason(asked, stored)) is not None), None)


_BY_THEMSELVES = (
    Guard("language", _language),
    Guard("numbers", numbers_differ),
    Guard("negated", denied_elsewhere),
    _equal("dates", lambda facts: facts.dates),
    _equal("quotes", lambda facts: facts.quoted),
    _equal("identifiers", lambda facts: facts.identifiers),
    Guard("opposites", opposed),
    Guard("comparisons", crossed_roles(lambda facts: facts.comparatives, "comparisons")),
    Guard("directions", directions_differ),
)
GUARDS: tuple[Guard, ...] = (
    *_BY_THEMSELVES,
    Guard("near miss", _near_miss),
    *_SOFT,
    Guard("wording", difference_in_wording),
)
"""On labelled pairs all but three refuse more that differ than that mean the same. `wording` and `negations` are near
one to one, and stay for the near misses that a cosine does not see; `language` had five pairs to judge."""


HARD = frozenset(
    (
        "language",
        "numbers",
        "negated",
        "dates",
        "quotes",
        "identifiers",
        "opposites",
        "comparisons",
        "directions",
        "near miss",
    )
)
"""Names of the guards that refuse by themselves, because the answer must contain what they compare. The others lower
the probability: on labelled pairs they refuse many paraphrases, and a verifier that weighs them serves three times as
many at the same share of wrong ones (bench/RESULTS.md). Without a verifier all of them refuse."""


def veto(asked: Compared, stored: Compared, *, verified: bool = False) -> str | None:
    """The first guard's reason to refuse the stored answer, or None when all let it pass.

    Args:
        verified: Whether a verifier weighs the guards that are not hard; else all of them refuse.
    """
    asking = (guard for guard in GUARDS if not verified or guard.name in HARD)
    return next((reason for guard in asking if (reason := guard.reason(asked, stored)) is not None), None)


def refusals(asked: Compared, stored: Compared) -> list[bool]:
    """Whether each guard refuses, in the order of `GUARDS`."""
    hard, soft = ([guard.reason(asked, stored) is not None for guard in guards] for guards in (_BY_THEMSELVES, _SOFT))
    # The wording is compared once: the near miss is nothing but it and any of the soft ones.
    wording = difference_in_wording(asked, stored) is not None
    return [*hard, wording and any(soft), *soft, wording]
