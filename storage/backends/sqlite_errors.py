"""SQLite's errors in the words of this package."""

from __future__ import annotations

import sqlite3

from storage.errors import (
    CorruptError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
    StoreFullError,
    StoreValueError,
    UnwritableError,
)

__all__ = ["translated"]

_KINDS: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_NOTADB: (CorruptError, "It was left as it is: restore a backup, or name another file."),
    sqlite3.SQLITE_CORRUPT: (CorruptError, "The file is damaged and was left as it is: restore a backup."),
    sqlite3.SQLITE_CANTOPEN: (UnwritableError, "Its folder must exist and be writable: make it, or name another file."),
    sqlite3.SQLITE_READONLY: (UnwritableError, "The file or its folder is read-only: change that, or name another."),
    sqlite3.SQLITE_FULL: (StoreFullError, "What was stored before is kept. Make room and try again."),
    sqlite3.SQLITE_IOERR: (
        StorageError,
        "The disk failed, or a file may not grow further. What was stored before is kept: see the system's log.",
    ),
    sqlite3.SQLITE_BUSY: (StoreBusyError, "Another process is writing for too long; raise busy_timeout_seconds."),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "Another connection is writing for too long; try again."),
}


def translated(error: Exception, where: str) -> StorageError:
    """The error of this package for one of SQLite's, of SQLAlchemy's around it, or of the driver's about a value."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, UnicodeEncodeError):
        return StoreValueError(
            f"A text holds half a character at position {cause.start}; remove it: {cause.object!r:.80}"
        )
    if isinstance(cause, OverflowError):
        return StoreValueError("A number does not fit into 64 bits; give a smaller one.")
    # The lowest eight bits are the kind of error, the others its circumstances.
    kind, way_out = _KINDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, (StorageError, ""))
    if "closed database" in str(cause):
        kind, way_out = StoreClosedError, "Open it again."
    return kind(f"{where}: {cause}. {way_out}".rstrip())
