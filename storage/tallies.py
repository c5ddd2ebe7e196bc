"""How many hits by meaning each tenant had lately, whatever becomes of the decisions themselves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Integer, delete, func, insert, select, update

from storage.learned import Event
from storage.tables import events, tallies

__all__ = ["HITS_KEPT", "hits_of", "tally", "tally_kept"]

HITS_KEPT = 5000
"""So many of a tenant's newest are counted, and up to a row more: 250, or as many as were written at once."""

_HITS_A_ROW = 250
# Several processes write to one tenant's rows, and a row of a few is ended by a burst: this many are read at most.
_MOST_ROWS = 1000


def tally(connection: Connection, events: Iterable[Event]) -> None:
    """Count the hits by meaning among these decisions."""
    found: dict[str, tuple[float, int]] = {}
    for event in events:
        if event.source == "semantic":
            since, hits = found.get(event.tenant, (event.at, 0))
            found[event.tenant] = (min(since, event.at), hits + 1)
    for tenant, (since, hits) in found.items():
        _add(connection, tenant, since, hits)


def tally_kept(connection: Connection) -> None:
    """Count the hits by meaning among the decisions that are kept, of each tenant that has no counts."""
    newest_first = func.row_number(type_=Integer).over(partition_by=events.c.tenant, order_by=events.c.id.desc())
    uncounted = events.c.tenant.not_in(select(tallies.c.tenant))
    hits = select(events.c.tenant, events.c.at, (newest_first - 1).label("place"))
    newest = hits.where(events.c.source == "semantic", uncounted).subquery()
    row = newest.c.place // _HITS_A_ROW
    counted = (
        select(newest.c.tenant, func.min(newest.c.at), func.count())
        .where(newest.c.place < HITS_KEPT)
        .group_by(newest.c.tenant, row)
        .order_by(row.desc())  # the newest get the highest numbers
    )
    connection.execute(insert(tallies).from_select(["tenant", "since", "hits"], counted))


def hits_of(connection: Connection, tenant: str) -> tuple[int, float]:
    """How many a tenant had, counted until there are HITS_KEPT, and since when (0.0 where there is none)."""
    total, oldest = 0, 0.0
    for _, since, hits in _newest(connection, tenant):
        if total >= HITS_KEPT:
            break
        total, oldest = total + hits, since
    return total, oldest


def _add(connection: Connection, tenant: str, since: float, hits: int) -> None:
    rows = _newest(connection, tenant)
    if rows and rows[0][2] + hits <= _HITS_A_ROW:
        change = update(tallies).where(tallies.c.id == rows[0][0])
        connection.execute(change.values(hits=tallies.c.hits + hits, since=min(rows[0][1], since)))
        return
    connection.execute(insert(tallies), {"tenant": tenant, "since": since, "hits": hits})
    total = hits
    for one, _, counted in rows:
        if total >= HITS_KEPT:  # neither this one nor those before it are read again
            connection.execute(delete(tallies).where(tallies.c.tenant == tenant, tallies.c.id <= one))
            return
        total += counted


def _newest(connection: Connection, tenant: str) -> list[tuple[int, float, int]]:
    columns = (tallies.c.id, tallies.c.since, tallies.c.hits)
    wanted = select(*columns).where(tallies.c.tenant == tenant).order_by(tallies.c.id.desc()).limit(_MOST_ROWS)
    return [(one, since, hits) for one, since, hits in connection.execute(wanted)]
