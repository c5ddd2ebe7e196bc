"""What can go wrong with a store.

StorageError
├── StoreOpenError          the store cannot be opened
│   ├── UnwritableError     no such folder, no right to write, read-only
│   ├── CorruptError        the bytes are no database, or a damaged one; nothing was changed
│   ├── ForeignStoreError   a database of another program; nothing was changed
│   ├── SchemaError         written by a newer version
│   └── StoreUnreachableError   the server cannot be reached, or the connection was lost
├── StoreBusyError          another process held it for too long
├── StoreFullError          no room on the disk
├── StoreClosedError        used after close
└── StoreValueError         a value that cannot be stored or asked for (also a ValueError)
"""

from __future__ import annotations

__all__ = [
    "CorruptError",
    "ForeignStoreError",
    "SchemaError",
    "StorageError",
    "StoreBusyError",
    "StoreClosedError",
    "StoreFullError",
    "StoreOpenError",
    "StoreUnreachableError",
    "StoreValueError",
    "UnwritableError",
]


class StorageError(Exception):
    """Anything a store raises on purpose."""


class StoreOpenError(StorageError):
    """The store cannot be opened."""


class UnwritableError(StoreOpenError):
    """The file cannot be made or written."""


class CorruptError(StoreOpenError):
    """The file is damaged, or no database at all."""


class ForeignStoreError(StoreOpenError):
    """The database belongs to another program."""


class SchemaError(StoreOpenError):
    """The database was written by another version of the schema."""


class StoreUnreachableError(StoreOpenError):
    """The server cannot be reached, or the connection to it was lost; the next call connects again."""


class StoreBusyError(StorageError):
    """Another process held the store for too long."""


class StoreFullError(StorageError):
    """There is no room to write."""


class StoreClosedError(StorageError):
    """The store was used after it was closed."""


class StoreValueError(StorageError, ValueError):
    """A value that cannot be stored or asked for."""
