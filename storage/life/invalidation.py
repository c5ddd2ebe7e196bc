"""Removing what a selection names."""

from __future__ import annotations

from sqlalchemy import and_

from storage.database import Database
from storage.life.removal import Removal, Remover, Tally
from storage.life.selected import condition, selected
from storage.life.selection import Selection
from storage.sql import one_of
from storage.tables import entries

__all__ = ["invalidate"]

_BATCH = 500


def invalidate(database: Database, remover: Remover, selection: Selection, *, dry_run: bool) -> Removal:
    """Remove the entries of a selection, all of them in one transaction, or in a dry run say which they are.

    They are looked for before the transaction, so that a long search keeps nobody from writing. What has changed in the
    meantime so that the conditions no longer hold stays.
    """
    tally = Tally()
    if dry_run:
        tally.add(selected(database, selection))
        return tally.removal(dry_run=True)
    ids = [one.id for one in selected(database, selection)]
    if ids:
        holds, values = condition(selection)
        still = and_(holds, one_of(entries.c.id, "ids"))
        with database.write() as connection:
            remover.lock(connection)
            for start in range(0, len(ids), _BATCH):
                tally.add(remover.remove(connection, still, {**values, "ids": ids[start : start + _BATCH]}))
    return tally.removal()
