"""What is left of a damaged file, into a new store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select

from storage.changes import next_revision
from storage.rows import weight_of
from storage.sql import one_of
from storage.tables import aliases, blocked, calibrations, entries, events, feedback, tallies
from storage.tallies import tally_kept
from storage.upkeep.damaged import DamagedFile, Row, opened_damaged
from storage.upkeep.new_file import new_file
from storage.upkeep.new_store import begin_history, new_store, reserve_ids
from storage.upkeep.repair import mend_all

__all__ = ["Salvaged", "salvage"]

_OTHERS = (aliases, blocked, feedback, calibrations, events, tallies)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved, and how many entries were lost: at most so many, where the file's own sums cannot be read.

    `damaged` names the tables of which something could not be read. Of blocked pairs that means: a pair that was found
    wrong may be served again.
    """

    entries: int
    lost: int
    aliases: int
    blocked: int
    feedback: int
    calibrations: int
    damaged: tuple[str, ...]


def salvage(path: Path, into: Path) -> Salvaged:
    """Read a damaged SQLite store row by row, and write what can be read to a new one. The damaged one stays as it is.

    Entries keep their ids. What can be made anew (terms, labels, sums) is. Of a tenant whose hits by meaning cannot be
    read as counts, those among the decisions are counted.

    Raises:
        StoreValueError: There is a file at `into` already; it is left as it is.
        CorruptError: Nothing can be read.
        StorageError: The new store cannot be written; nothing is left of it.
    """
    with new_file(into) as temporary, opened_damaged(path, temporary.parent) as damaged:
        return _filled(temporary, damaged)


def _filled(path: Path, damaged: DamagedFile) -> Salvaged:
    with new_store(path) as store, store.write() as connection:
        begin_history(connection)
        for rows in damaged.rows(entries):
            _put_entries(connection, rows)
        for table in _OTHERS:
            for rows in damaged.rows(table):
                _put(connection, table, rows)
        tally_kept(connection)
        reserve_ids(connection)
        mend_all(connection)
        return _report(connection, damaged)


def _put_entries(connection: Connection, rows: Sequence[Row]) -> None:
    whole = [_completed(row) for row in rows]
    whole = [row for row in whole if _fits(entries, row)]
    if not whole:
        return
    last = next_revision(connection, len(whole))
    for revision, row in enumerate(whole, last - len(whole) + 1):
        row |= {"bytes": weight_of(row), "revision": revision, "added": revision}
    _insert(connection, entries, whole)


def _completed(row: Row) -> dict[str, Any]:
    """The row with what an older version had no columns for."""
    missing = {"tool_calls": None, "documents": "[]", "bot": "", "generation_ms": 0.0, "answered": row["created"]}
    life = {"expires": None, "ttl_seconds": None, "sliding": False}
    return {**missing, **life, **row}


def _put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    whole = [dict(row) for row in rows if _fits(table, row)]
    if "entry_id" in table.c and table.c.entry_id.foreign_keys:
        there = select(entries.c.id).where(one_of(entries.c.id, "ids"))
        known = set(connection.execute(there, {"ids": [row["entry_id"] for row in whole]}).scalars())
        whole = [row for row in whole if row["entry_id"] in known]
    _insert(connection, table, whole)


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        # Two rows that a damaged page makes the same are one.
        connection.execute(insert(table).prefix_with("OR IGNORE"), rows)


def _fits(table: Table, row: Row) -> bool:
    """Whether a row holds what its columns are for; of a damaged page anything may be read."""
    return all(_fits_column(table.c[name], value) for name, value in row.items())


def _fits_column(column: Column[Any], value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    kind = column.type.python_type
    return isinstance(value, kind) or (kind in (float, bool) and isinstance(value, int))


def _report(connection: Connection, damaged: DamagedFile) -> Salvaged:
    def saved(table: Table) -> int:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    expected = damaged.expected()
    lost = damaged.unreadable.get(entries.name, 0) if expected is None else max(0, expected - saved(entries))
    return Salvaged(
        entries=saved(entries),
        lost=lost,
        aliases=saved(aliases),
        blocked=saved(blocked),
        feedback=saved(feedback),
        calibrations=saved(calibrations),
        damaged=tuple(sorted(damaged.unreadable)),
    )
