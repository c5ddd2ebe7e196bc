"""Which entries go: the least valuable, looked at more closely where it is a near thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.config import Eviction
from storage.database import Database
from storage.life.eviction import Candidate, choose, value
from storage.life.solitude import Nearby, with_neighbours
from storage.life.usage import Usage
from storage.life.worth import Droppable, least

__all__ = ["Plan", "needed", "planned"]

_FIRST_LOOK = 64
_COMPARED_TIMES, _COMPARED_LEAST, _COMPARED_MOST = 4, 16, 64
"""Of how many entries the neighbours are looked for: a few times as many as go, within bounds. Each takes a search,
twenty milliseconds where an exact index compares fifty thousand vectors; whoever added an entry waits for them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an eviction works by: the policy, the time in seconds since the epoch, and how neighbours are found."""

    policy: Eviction
    now: float
    nearby: Nearby


def planned(database: Database, droppable: Droppable, excess: Usage, plan: Plan) -> list[Candidate]:
    """The entries to drop so that the excess is gone, the first to go first; all of them where they do not suffice."""
    ordered: Sequence[Candidate] = _enough(database, droppable, excess, plan)
    number = needed(ordered, excess)
    if plan.policy is Eviction.VALUE and number:
        unsure = _unsure(ordered, number, plan.now)
        ordered = with_neighbours(database, ordered, unsure, plan.nearby)
    by_id = {one.id: one for one in ordered}
    return [by_id[one] for one in choose(ordered, excess.entries, excess.bytes, plan.policy, plan.now)]


def _enough(database: Database, droppable: Droppable, excess: Usage, plan: Plan) -> tuple[Candidate, ...]:
    """The least valuable entries: as many as must go, and those that neighbours may put into their place."""
    limit = max(_FIRST_LOOK, 2 * excess.entries)
    while True:
        with database.read() as connection:
            found = least(connection, droppable, plan.policy, plan.now, limit)
        number = needed(found, excess)
        wanted = number + _compared(number) if plan.policy is Eviction.VALUE else number
        if len(found) < limit or (_covers(found, excess) and wanted <= limit):
            return found[:wanted]
        limit = max(2 * limit, wanted)


def _unsure(ordered: Sequence[Candidate], number: int, now: float) -> Sequence[Candidate]:
    """Those of which it depends on their neighbours whether they go.

    Neighbours at most double a value: what is worth less than half of the last that goes, goes in any case, and what is
    worth more than twice of it stays.
    """
    last = value(ordered[number - 1], now)
    band = [place for place, one in enumerate(ordered) if last / 2 <= value(one, now) <= last * 2]
    nearest = sorted(band, key=lambda place: abs(place - number))[: _compared(number)]
    return [ordered[place] for place in sorted(nearest)]


def _compared(number: int) -> int:
    return min(_COMPARED_MOST, max(_COMPARED_LEAST, _COMPARED_TIMES * number))


def needed(ordered: Sequence[Candidate], excess: Usage) -> int:
    """How many of the first have to go."""
    left_entries, left_bytes = excess.entries, excess.bytes
    for number, one in enumerate(ordered):
        if left_entries <= 0 and left_bytes <= 0:
            return number
        left_entries -= 1
        left_bytes -= one.bytes
    return len(ordered)


def _covers(found: Sequence[Candidate], excess: Usage) -> bool:
    return len(found) >= excess.entries and sum(one.bytes for one in found) >= excess.bytes
