"""Entries and their vectors, kept in step. SQL is the truth, the vector index follows."""

from storage.config import StoreConfig
from storage.entry import AddReport, Asked, Entry, KeyUpdate, Neighbour, NewEntry, Origin, StoreStats
from storage.errors import (
    CorruptError,
    ForeignStoreError,
    SchemaError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
    StoreFullError,
    StoreOpenError,
    StoreValueError,
    UnwritableError,
)
from storage.faiss_index import FaissIndex
from storage.flat_index import FlatIndex
from storage.index import VectorIndex
from storage.store import Store

__all__ = [
    "AddReport",
    "Asked",
    "CorruptError",
    "Entry",
    "FaissIndex",
    "FlatIndex",
    "ForeignStoreError",
    "KeyUpdate",
    "Neighbour",
    "NewEntry",
    "Origin",
    "SchemaError",
    "StorageError",
    "Store",
    "StoreBusyError",
    "StoreClosedError",
    "StoreConfig",
    "StoreFullError",
    "StoreOpenError",
    "StoreStats",
    "StoreValueError",
    "UnwritableError",
    "VectorIndex",
]
