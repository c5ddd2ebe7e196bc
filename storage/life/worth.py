"""The entries that an eviction would take first, found by SQL: only their numbers are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, case, cast, literal, select

from storage.config import Eviction
from storage.life.eviction import ASSUMED_COST_MS, HALF_LIFE_SECONDS, Candidate
from storage.tables import entries

__all__ = ["Droppable", "least"]

_COLUMNS = (
    entries.c.id,
    entries.c.created,
    entries.c.last_used,
    entries.c.hits,
    entries.c.generation_ms.label("cost_ms"),
    entries.c.bytes,
)


@dataclass(frozen=True, slots=True)
class Droppable:
    """Of whom, and up to which revision, an eviction may take."""

    tenant: str
    until: int

    def condition(self) -> ColumnElement[bool]:
        """What rows must fulfil: what people wrote stays, and so does what was written in the meantime."""
        return (
            (entries.c.tenant == self.tenant) & (entries.c.origin == "generated") & (entries.c.revision <= self.until)
        )


def least(
    connection: Connection, droppable: Droppable, policy: Eviction, now: float, limit: int
) -> tuple[Candidate, ...]:
    """At most `limit` entries in the order of `eviction.order_of`, the first to go first."""
    wanted = select(*_COLUMNS).where(droppable.condition()).order_by(*_order(policy, now)).limit(limit)
    return tuple(Candidate(**row._mapping) for row in connection.execute(wanted))


def _order(policy: Eviction, now: float) -> tuple[ColumnElement[Any], ...]:
    if policy is Eviction.LRU:
        return entries.c.last_used, entries.c.id
    if policy is Eviction.LFU:
        return entries.c.hits, entries.c.last_used, entries.c.id
    return _value(now), entries.c.id


def _value(now: float) -> ColumnElement[Any]:
    """`eviction.value` of what has no neighbours."""
    uses = cast(entries.c.hits + 1, Float) * _decay(now, entries.c.created) * _decay(now, entries.c.last_used)
    cost = case((entries.c.generation_ms > 0, entries.c.generation_ms), else_=literal(ASSUMED_COST_MS))
    return uses * cost / case((entries.c.bytes > 0, entries.c.bytes), else_=1)


def _decay(now: float, since: ColumnElement[float]) -> ColumnElement[Any]:
    passed = literal(now, Float) - since
    return literal(HALF_LIFE_SECONDS, Float) / (HALF_LIFE_SECONDS + case((passed > 0, passed), else_=literal(0.0)))
