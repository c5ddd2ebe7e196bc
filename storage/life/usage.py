"""How much tenants hold, and how much of it has to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from storage.config import SizeBudget
from storage.tables import entries, usage

__all__ = [
    "LOW_WATER_MOST",
    "LOW_WATER_SHARE",
    "Usage",
    "each_staying",
    "each_tenant",
    "fits",
    "less",
    "lesser",
    "low_water",
    "over",
    "staying",
    "usage_of",
]

LOW_WATER_SHARE = 0.02
"""A full store drops this share more than it must, so that it does not drop something at each entry that is added.
Of fewer than fifty entries that is none: small budgets are exact."""

LOW_WATER_MOST = 2000
"""But never for more entries than these: whoever added one waits while they are removed."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many entries, and what they weigh in bytes."""

    entries: int = 0
    bytes: int = 0


def usage_of(connection: Connection, tenant: str | None) -> Usage:
    """What a tenant holds, or with None all of them together."""
    wanted = select(func.coalesce(func.sum(usage.c.entries), 0), func.coalesce(func.sum(usage.c.bytes), 0))
    if tenant is not None:
        wanted = wanted.where(usage.c.tenant == tenant)
    return _usage(connection, wanted)


def each_tenant(connection: Connection) -> dict[str, Usage]:
    """What each tenant holds."""
    wanted = select(usage.c.tenant, usage.c.entries, usage.c.bytes)
    return {tenant: Usage(int(number), int(size)) for tenant, number, size in connection.execute(wanted)}


def staying(connection: Connection, tenant: str | None, after: int | None, now: float) -> Usage:
    """What no eviction may take, of a tenant or of all: what people wrote, and what was written after a revision, if
    one is given. What has expired by `now`, in seconds since the epoch, goes before anything is evicted."""
    alive = or_(entries.c.expires.is_(None), entries.c.expires > now)
    wanted = select(func.count(), func.coalesce(func.sum(entries.c.bytes), 0)).where(_stays(after), alive)
    if tenant is not None:
        wanted = wanted.where(entries.c.tenant == tenant)
    return _usage(connection, wanted)


def each_staying(connection: Connection, after: int | None) -> dict[str, Usage]:
    """What no eviction may take, by tenant; who has nothing of it is left out."""
    wanted = select(entries.c.tenant, func.count(), func.sum(entries.c.bytes)).where(_stays(after))
    rows = connection.execute(wanted.group_by(entries.c.tenant))
    return {tenant: Usage(int(number), int(size)) for tenant, number, size in rows}


def fits(used: Usage, budget: SizeBudget) -> bool:
    """Whether it is within the budget."""
    return over(used, budget) == Usage()


def over(used: Usage, budget: SizeBudget) -> Usage:
    """By how much the limits are exceeded; 0 where they are not."""
    return Usage(_above(used.entries, budget.max_entries), _above(used.bytes, budget.max_bytes))


def low_water(used: Usage, budget: SizeBudget) -> SizeBudget:
    """Down to what has to be dropped: of a limit that is exceeded a little below it, of one that holds no matter."""
    exceeded, average = over(used, budget), used.bytes // max(1, used.entries)
    return SizeBudget(
        max_entries=_below(budget.max_entries, LOW_WATER_MOST) if exceeded.entries else None,
        max_bytes=_below(budget.max_bytes, LOW_WATER_MOST * average) if exceeded.bytes else None,
    )


def less(one: Usage, other: Usage) -> Usage:
    """The difference, 0 where it would be below."""
    return Usage(max(0, one.entries - other.entries), max(0, one.bytes - other.bytes))


def lesser(one: Usage, other: Usage) -> Usage:
    """Of each number the lesser."""
    return Usage(min(one.entries, other.entries), min(one.bytes, other.bytes))


def _stays(after: int | None) -> ColumnElement[bool]:
    curated: ColumnElement[bool] = entries.c.origin == "curated"
    return curated if after is None else or_(curated, entries.c.revision > after)


def _above(used: int, limit: int | None) -> int:
    return 0 if limit is None else max(0, used - limit)


def _below(limit: int | None, most: int) -> int | None:
    return None if limit is None else limit - min(most, int(limit * LOW_WATER_SHARE))


def _usage(connection: Connection, wanted: Select[Any]) -> Usage:
    # PostgreSQL's sum of large integers is a decimal.
    return Usage(*(int(number) for number in connection.execute(wanted).one()))
