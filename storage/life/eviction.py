"""What to drop where a budget is full. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from storage.config import Eviction

__all__ = ["APART", "ASSUMED_COST_MS", "HALF_LIFE_SECONDS", "Candidate", "choose", "order_of", "value"]

HALF_LIFE_SECONDS = 7 * 24 * 3600.0
"""After how long without a use half of the expected uses are left. A week: what is asked only on working days, or only
on Mondays, must not look forgotten on a Sunday."""

ASSUMED_COST_MS = 1000.0
"""What an answer took to make where that is not known: a short one of a small model. Entries from before costs were
kept would otherwise go before everything, whatever their use."""

APART = 0.25
"""How far (1 - cosine) an entry must be from every other to be entirely alone: encoders of sentences put unrelated ones
at a cosine of 0.75 or below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry in the numbers that decide.

    Times are seconds since the epoch, `cost_ms` is what the answer took to make (0: not known), `bytes` what the entry
    weighs. A `protected` one is never dropped. `neighbour_similarity` is the cosine of the nearest other entry that is
    kept longer; None where it was not looked for.
    """

    id: int
    created: float
    last_used: float
    hits: int
    cost_ms: float
    bytes: int
    protected: bool = False
    neighbour_similarity: float | None = None


def value(candidate: Candidate, now: float) -> float:
    """Milliseconds of generation that a byte is expected to save in the next half life:

        uses · cost / bytes · (1 + alone)

        uses  = (hits + 1) · H / (H + age) · H / (H + idle)
        alone = min(1, (1 - neighbour_similarity) / APART), 0 where that is None

    with H the half life, age = now - created and idle = now - last_used, all in seconds. (hits + 1) · H / (H + age) is
    the rate of uses so far, the storing counted as one; a young entry is taken to be observed for one half life, so
    that a single use in its first minute is no rate of sixty an hour. H / (H + idle) is the chance that it is still
    asked: one half after H. It falls slower than an exponential, because questions die at different rates and those
    that lived long are rather those that live on.

    `alone` raises what nothing else can answer for. It at most doubles: that a question near it is stored does not say
    that its answer fits, and how far apart unrelated sentences are is the encoder's, so it may not outweigh use.
    """
    age, idle = max(0.0, now - candidate.created), max(0.0, now - candidate.last_used)
    uses = (candidate.hits + 1) * HALF_LIFE_SECONDS / (HALF_LIFE_SECONDS + age)
    uses *= HALF_LIFE_SECONDS / (HALF_LIFE_SECONDS + idle)
    cost = candidate.cost_ms if candidate.cost_ms > 0 else ASSUMED_COST_MS
    return uses * cost / max(1, candidate.bytes) * (1 + _alone(candidate.neighbour_similarity))


def _alone(similarity: float | None) -> float:
    return 0.0 if similarity is None else min(1.0, max(0.0, 1.0 - similarity) / APART)


def order_of(policy: Eviction, now: float) -> Callable[[Candidate], tuple[float, ...]]:
    """By what to sort: the first goes first, of equal ones the older id."""
    if policy is Eviction.LRU:
        return lambda one: (one.last_used, one.id)
    if policy is Eviction.LFU:
        # Of those with as many uses the one that was used last stays.
        return lambda one: (one.hits, one.last_used, one.id)
    return lambda one: (value(one, now), one.id)


def choose(
    candidates: Iterable[Candidate], excess_entries: int, excess_bytes: int, policy: Eviction, now: float
) -> list[int]:
    """The ids to drop, the first to go first: in the order of the policy until both excesses are gone.

    Never a protected one; where the others do not suffice, all of them. An excess of 0 or less asks for nothing.
    """
    chosen: list[int] = []
    for one in sorted((one for one in candidates if not one.protected), key=order_of(policy, now)):
        if excess_entries <= 0 and excess_bytes <= 0:
            break
        chosen.append(one.id)
        excess_entries -= 1
        excess_bytes -= one.bytes
    return chosen
