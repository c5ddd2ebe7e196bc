"""The database behind a store: the seam."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Executable

__all__ = ["Database"]


class Database(Protocol):
    """One SQL database with the tables of `storage.tables`, shared by threads and processes.

    Whatever goes wrong is raised as a StorageError. Writes come one after the other: who sees a revision sees every
    change that was counted before it.
    """

    @property
    def place(self) -> str:
        """Where it is, for messages: a path, or a URL without its password."""
        ...

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        ...

    @property
    def bytes_on_disk(self) -> int:
        """What it takes on the disk; 0 in memory."""
        ...

    def read(self, *, long: bool = False) -> AbstractContextManager[Connection]:
        """A connection to read with, each statement on its own; `long`: the whole store, which may take minutes."""
        ...

    def rows(self, statement: Executable, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of one statement, straight from the driver: what a lookup can afford.

        `statement` is made once, at import: its text is kept for ever.
        """
        ...

    def write(self, *, wait: bool = True) -> AbstractContextManager[Connection]:
        """A connection inside a transaction that is committed at the end, or undone whole by an error.

        Raises:
            StoreBusyError: Another wrote for longer than `busy_timeout_seconds`, or, without `wait`, is writing now.
        """
        ...

    def revision(self) -> int:
        """How many changes were committed so far, by whatever process. Cheap enough for each lookup."""
        ...

    def wait_for_change(self, after: int, timeout_seconds: float) -> int:
        """The revision, once it is above `after` or the time is over."""
        ...

    def close(self) -> None:
        """Close all connections. Idempotent; a statement that runs in another thread comes to its end first."""
        ...
