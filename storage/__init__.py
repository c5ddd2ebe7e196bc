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
from storage.feedback import FeedbackRows
from storage.flat_index import FlatIndex
from storage.index import VectorIndex
from storage.learned import Effect, Event, Evidence, Feedback, FeedbackSource, Pair, Recorded, Served
from storage.store import Store
from storage.terms import terms

__all__ = [
    "AddReport",
    "Asked",
    "CorruptError",
    "Effect",
    "Entry",
    "Event",
    "Evidence",
    "FaissIndex",
    "Feedback",
    "FeedbackRows",
    "FeedbackSource",
    "FlatIndex",
    "ForeignStoreError",
    "KeyUpdate",
    "Neighbour",
    "NewEntry",
    "Origin",
    "Pair",
    "Recorded",
    "SchemaError",
    "Served",
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
    "terms",
]
