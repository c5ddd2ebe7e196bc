"""PostgreSQL's errors in the words of this package."""

from __future__ import annotations

import psycopg
from psycopg import errors as postgres
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.errors import (
    CorruptError,
    StorageError,
    StoreBusyError,
    StoreFullError,
    StoreOpenError,
    StoreUnreachableError,
    StoreValueError,
    UnwritableError,
)

__all__ = ["is_lost", "translated"]

_LOST = (
    StoreUnreachableError,
    "What was acknowledged is kept; a change that was under way may be kept or not: do it again. "
    "The next call connects again: see that the server runs and can be reached.",
)
_BUSY = (StoreBusyError, "Nothing was changed: try again, or raise busy_timeout_seconds.")
_REFUSED = (
    StoreOpenError,
    "See that user, password and database in the URL are right and that the server lets them in.",
)
_VALUE = (StoreValueError, "Nothing was changed.")

# The states of SQL that tell what to do; longer ones first, then their classes of two letters.
_KINDS: dict[str, tuple[type[StorageError], str]] = {
    "57P01": _LOST,  # the server is shut down, or an administrator ended the connection
    "57P02": _LOST,
    "57P03": _LOST,  # it is starting
    "57P05": _LOST,
    "25P03": _LOST,  # it was idle in a transaction for too long
    "57014": _BUSY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "55P03": (StoreBusyError, "Another process is writing for too long; raise busy_timeout_seconds."),
    "53300": (StoreBusyError, "All of the server's connections are in use: try again, or raise its max_connections."),
    "53100": (StoreFullError, "What was stored before is kept. Make room and try again."),
    "25006": (UnwritableError, "The server is read-only, as a standby is: name the primary."),
    "42501": (UnwritableError, "The user of the URL may not do that: grant it the right, or name another user."),
    "54000": (StoreValueError, "A name is too long for PostgreSQL's index, which takes some 2,700 bytes; shorten it."),
    "08": _LOST,
    "28": _REFUSED,
    "3D": _REFUSED,
    "22": _VALUE,
    "XX": (CorruptError, "The database is damaged: restore a backup."),
}


def translated(error: Exception, where: str) -> StorageError:
    """The error of this package for one of the driver's, or of SQLAlchemy's around it."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, UnicodeEncodeError):
        return StoreValueError(
            f"A text holds half a character at position {cause.start}; remove it: {cause.object!r:.80}"
        )
    if isinstance(cause, postgres.NumericValueOutOfRange):
        return StoreValueError("A number does not fit into 64 bits; give a smaller one.")
    if isinstance(cause, PoolTimeoutError):
        return StoreBusyError(f"{where}: all of this process's connections are in use. Try again.")
    kind, way_out = _kind(cause)
    diagnosis = getattr(cause, "diag", None)
    text = (diagnosis and diagnosis.message_primary) or " ".join(str(cause).split())
    return kind(f"{where}: {text.rstrip('.')}. {way_out}".rstrip())


def is_lost(error: Exception) -> bool:
    """Whether it says that the connection is gone."""
    return _kind(getattr(error, "orig", None) or error)[0] is StoreUnreachableError


def _kind(cause: BaseException) -> tuple[type[StorageError], str]:
    state = getattr(cause, "sqlstate", None)
    if state:
        return _KINDS.get(state) or _KINDS.get(state[:2]) or (StorageError, "")
    if isinstance(cause, DisconnectionError):
        return _LOST
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return _of_connecting(str(cause))
    if isinstance(cause, psycopg.ProgrammingError) and "connection option" in str(cause):
        return StoreOpenError, "See that the options in the URL are those of libpq."
    return StorageError, ""


def _of_connecting(text: str) -> tuple[type[StorageError], str]:
    """The driver gives no state where no connection came about: a server that answered says FATAL."""
    if "starting up" in text or "shutting down" in text or "in recovery" in text:
        return _LOST
    if "too many clients" in text or "remaining connection slots" in text:
        return _KINDS["53300"]
    return _REFUSED if "FATAL" in text or "password" in text else _LOST
