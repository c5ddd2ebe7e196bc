"""A file that was exported, into a store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from storage.database import Database
from storage.errors import StoreBusyError
from storage.upkeep.lines import EntryLine, Line, WrongLineError
from storage.upkeep.merging import EntryMerge
from storage.upkeep.merging_learned import LearnedMerge
from storage.upkeep.reading import read_lines, refuse
from storage.upkeep.snapshot import BATCH

__all__ = ["ImportedReport", "Room", "import_file"]


@dataclass(frozen=True, slots=True)
class ImportedReport:
    """What an import did. `replaced` entries were older here than in the file, `kept` ones were not; `already` counts
    the lines of other kinds that were here before, or speak of an answer that is not here."""

    added: int
    replaced: int
    kept: int
    aliases: int
    blocked: int
    feedback: int
    calibrations: int
    already: int


class Room(Protocol):
    """What keeps a store within its budgets. `storage.life.Life` does."""

    def admit(self, connection: Connection, tenants: Collection[str], rows: int) -> int:
        """Raises StoreFullError where what was written in this transaction cannot stay."""
        ...

    def enforce(self, tenant: str) -> object:
        """Make room until the budgets hold. Raises StoreBusyError."""
        ...


def import_file(database: Database, path: Path, room: Room) -> ImportedReport:
    """Take in what was exported, in one transaction: all of it or nothing.

    Of two entries with the same words in the same scope the one answered later stays, with the uses of both. A blocked
    pair of either side stays blocked; of two aliases for one key the younger stays. Judgements are added to those that
    are here, but for those that are no later than a sum of older ones that is here: they are taken as part of it. Those
    of entries that are gone get the negative of the id, which no entry ever has. Calibrations are taken by name,
    where there is none of that name yet. Importing a file twice changes nothing. Where the store is too full then, the
    least valuable entries are evicted, whether they were here or came.

    Raises:
        StoreValueError: The file, or a line of it, cannot be taken; nothing was changed. See `read_lines`.
        StoreFullError: What people wrote is more than a budget allows; nothing was changed.
        StorageError: It could not be written; nothing was changed.
    """
    with database.write() as connection, closing(read_lines(path)) as lines:
        entries = EntryMerge(connection)
        learned = LearnedMerge(connection, entries.landed)
        for batch in _batches(lines):
            try:
                entries.put([line for _, line in batch if isinstance(line, EntryLine)])
                learned.put([line for _, line in batch])
            except WrongLineError as wrong:
                refuse(path, next(number for number, line in batch if line is wrong.line), str(wrong))
        room.admit(connection, entries.tenants, entries.added + entries.replaced)
    # What came is kept: where another writes for too long, whoever adds next makes the room.
    with suppress(StoreBusyError):
        for tenant in sorted(entries.tenants):
            room.enforce(tenant)
    taken = (learned.taken[kind] for kind in ("alias", "blocked", "feedback", "calibration"))
    return ImportedReport(entries.added, entries.replaced, entries.kept, *taken, learned.already)  # type: ignore[call-arg]


def _batches(lines: Iterable[tuple[int, Line]]) -> Iterator[list[tuple[int, Line]]]:
    """Lines as they come, no two entries with the same words in the same scope together."""
    batch: list[tuple[int, Line]] = []
    words: set[tuple[str, str]] = set()
    for number, line in lines:
        same = (line.scope, line.exact_hash) if isinstance(line, EntryLine) else None
        if len(batch) == BATCH or same in words:
            yield batch
            batch, words = [], set()
        batch.append((number, line))
        if same is not None:
            words.add(same)
    yield batch
