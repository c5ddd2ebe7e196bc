"""Removing what has expired."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select

from storage.database import Database
from storage.life.removal import Dropped, Remover
from storage.tables import entries

__all__ = ["expired"]

_BATCH = 200
"""An entry takes up to half a millisecond to remove, with its terms, labels and counts: a batch a tenth of a second."""


def expired(
    database: Database, remover: Remover, clock: Callable[[], float], tenant: str | None = None
) -> Iterator[list[Dropped]]:
    """Remove what has expired by now, of one tenant or of all, in batches: who writes waits for one at most.

    It goes on as the batches are taken.
    """
    over = entries.c.expires <= clock()
    if tenant is not None:
        over &= entries.c.tenant == tenant
    some = select(entries.c.id).where(over).order_by(entries.c.expires).limit(_BATCH)
    removed = _BATCH
    while removed == _BATCH:
        with database.write() as connection:
            remover.lock(connection)
            batch = remover.remove(connection, entries.c.id.in_(some), {})
        removed = len(batch)
        yield batch
