"""Looking after a store, in one class."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import Database
from storage.errors import StorageError
from storage.upkeep.backup import backup
from storage.upkeep.check import check
from storage.upkeep.problem import Problem
from storage.upkeep.repair import repair
from storage.upkeep.vacuum import vacuum

if TYPE_CHECKING:
    from storage.upkeep.exporting import ExportReport
    from storage.upkeep.importing import ImportedReport, Room

__all__ = ["Upkeep"]


class Upkeep:
    """What is done to a store now and then, while others use it. Thread-safe.

    Args:
        database: What is looked after.
        clock: Seconds since the epoch.
        flush: Writes what is pending in memory, so that it is in every copy.
        room: Keeps what is imported within the budgets.
    """

    def __init__(self, database: Database, clock: Callable[[], float], flush: Callable[[], None], room: Room) -> None:
        self._database = database
        self._clock = clock
        self._flush = flush
        self._room = room

    def check(self) -> tuple[Problem, ...]:
        """Every invariant that does not hold, with its way out. Raises StorageError where the store cannot be read."""
        return tuple(check(self._database))

    def repair(self) -> tuple[Problem, ...]:
        """Mend what can be mended, in one transaction; what is left. See `storage.upkeep.repair`."""
        return repair(self._database)

    def export(self, path: Path, *, tenant: str | None = None) -> ExportReport:
        """Write the store, or what one tenant has of it, to a new file of JSON. See `storage.upkeep.exporting`."""
        from storage.upkeep.exporting import export  # noqa: PLC0415  (pydantic takes 0.2 s: only who needs it)

        self._write_pending()
        return export(self._database, path, self._clock(), tenant)

    def import_(self, path: Path) -> ImportedReport:
        """Take in an exported file: all of it or nothing. See `storage.upkeep.importing`."""
        from storage.upkeep.importing import import_file  # noqa: PLC0415  (pydantic)

        self._write_pending()
        return import_file(self._database, path, self._room)

    def backup(self, path: Path) -> int:
        """Copy the store to a new SQLite file; the bytes written. See `storage.upkeep.backup`."""
        self._write_pending()
        return backup(self._database, path)

    def vacuum(self) -> tuple[int, int]:
        """Give back the room of what was deleted; bytes before and after. See `storage.upkeep.vacuum`."""
        return vacuum(self._database)

    def _write_pending(self) -> None:
        # A store that cannot be written can be read, and that is when a copy is wanted most. They stay pending.
        with suppress(StorageError):
            self._flush()
