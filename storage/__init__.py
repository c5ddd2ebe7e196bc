"""Entries and their vectors, kept in step. SQL is the truth, the vector index follows."""

from storage.calibrations import Calibration, Calibrations
from storage.config import StoreConfig
from storage.confirmed import Unembedded
from storage.entry import (
    AddReport,
    Asked,
    DocumentRef,
    Entry,
    KeyUpdate,
    Lifetime,
    Neighbour,
    NewEntry,
    Origin,
    StoreStats,
    ToolCall,
)
from storage.errors import (
    CorruptError,
    ForeignStoreError,
    SchemaError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
    StoreFullError,
    StoreOpenError,
    StoreUnreachableError,
    StoreValueError,
    UnwritableError,
)
from storage.feed import Change
from storage.feedback import FeedbackRows
from storage.indexes.faiss_index import FaissIndex
from storage.indexes.flat_index import FlatIndex
from storage.indexes.index import VectorIndex
from storage.learned import Confirmed, Effect, Event, Evidence, Feedback, FeedbackSource, Pair, Recorded, Served
from storage.store import Store
from storage.terms import terms

__all__ = [
    "AddReport",
    "Asked",
    "Calibration",
    "Calibrations",
    "Change",
    "Confirmed",
    "CorruptError",
    "DocumentRef",
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
    "Lifetime",
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
    "StoreUnreachableError",
    "StoreValueError",
    "ToolCall",
    "Unembedded",
    "UnwritableError",
    "VectorIndex",
    "terms",
]
