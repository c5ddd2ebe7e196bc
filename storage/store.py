"""The store: what is asked of it in one class, each answer from SQL."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, or_, select, update

from storage.changes import keep, next_revision, renew_keys
from storage.check import problems
from storage.config import StoreConfig
from storage.database import Database
from storage.entry import AddReport, Asked, Entry, KeyUpdate, Neighbour, NewEntry, StoreStats
from storage.errors import StoreValueError
from storage.faiss_index import FaissIndex
from storage.feedback import FeedbackRows
from storage.learned import Evidence
from storage.lexical import ranked
from storage.partitions import Found, PartitionKey, Partitions
from storage.queries import BY_ID, BY_IDS, BY_KEY, EXACT, SERVABLE_EXACT
from storage.rows import ENTRY_COLUMNS, checked_vector, entry_of, values_of
from storage.tables import entries
from storage.uses import Uses

__all__ = ["Store"]


class Store:
    """Entries and their vectors. Thread-safe, and safe for many processes on one file.

    An acknowledged write survives the process. Deleting frees row and vector together. Open with `Store.open`.
    """

    def __init__(self, database: Database, config: StoreConfig, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._index_lock = threading.Lock()
        self._partitions = Partitions(database, FaissIndex, config.max_partitions)
        self._uses = Uses(database, config.touch_flush)
        self.feedback = FeedbackRows(database, clock)

    @classmethod
    def open(
        cls,
        url: str = "sqlite:///samewise.db",
        config: StoreConfig | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Store:
        """Open a store, making it if it is not there. `clock` gives seconds since the epoch.

        Raises:
            StoreOpenError: It cannot be opened, is damaged, or is not a store of this version; it is left as it is.
        """
        config = config or StoreConfig()
        return cls(Database(url, config), config, clock)

    def exact(self, scope: str, exact_hash: str) -> Entry | None:
        """The entry of the scope with these words, unless feedback blocked it for them or for their key."""
        return self._one(SERVABLE_EXACT, scope=scope, exact_hash=exact_hash)

    def by_key(self, scope: str, key_hash: str, exact_hash: str = "") -> Entry | None:
        """The entry of the scope with this key: curated before generated, then the one written last.

        One that feedback blocked for the key, or for the words that are asked (`exact_hash`), is passed over.
        """
        return self._one(BY_KEY, scope=scope, key_hash=key_hash, exact_hash=exact_hash)

    def get(self, entry_id: int) -> Entry | None:
        """The entry of that id."""
        return self._one(BY_ID, id=entry_id)

    def nearest(self, scope: str, vector: NDArray[np.float32], k: int, embedder: str) -> tuple[Neighbour, ...]:
        """At most k entries of the scope by cosine, best first, among those whose vector that embedder made.

        Args:
            vector: (dimensions,) of unit length.

        Raises:
            StoreValueError: k < 1, or a vector that is not a unit.
        """
        _check_count("k", k)
        query = checked_vector(vector)
        key = PartitionKey(scope, embedder, query.size)
        rounds = 0
        while True:
            with self._index_lock:
                found = self._partitions.search(key, query, k)
            rows = self._current(found, scope)
            stale = [one for one in found if one.id not in rows]
            if not stale:
                return tuple(_neighbour(rows[one.id], one) for one in found)
            rounds += 1
            with self._index_lock:
                # A few may be deleted while we look; where there are more, they were deleted by another process.
                if rounds == 1:
                    self._partitions.forget(key, stale)
                else:
                    self._partitions.compare(key)

    def lexical(
        self, scope: str, words: Collection[str], vector: NDArray[np.float32], k: int, embedder: str
    ) -> tuple[Neighbour, ...]:
        """At most k entries of the scope that share the rarest words, best first by BM25: what the vector may miss.

        Their similarity is the cosine all the same; entries without a vector of that embedder are left out.

        Args:
            words: What `storage.terms` makes of a question and its key; any text is safe, none finds nothing.
            vector: (dimensions,) of unit length.

        Raises:
            StoreValueError: k < 1, or a vector that is not a unit.
        """
        _check_count("k", k)
        query = checked_vector(vector)
        key = PartitionKey(scope, embedder, query.size)
        with self._index_lock:
            size = self._partitions.size(key)
        best = ranked(self._database, scope, words, size) if size else []
        with self._index_lock:
            found = self._partitions.compared(key, query, best, k)
        rows = self._current(found, scope)
        return tuple(_neighbour(rows[one.id], one) for one in found if one.id in rows)

    def add(self, entry: NewEntry) -> Entry:
        """Keep an entry; the same words in the same scope get the new answer, and keep id and uses.

        Raises:
            StoreValueError: The vector is not a unit.
        """
        values = values_of(entry)
        with self._database.write() as connection:
            keep(connection, [values], self._clock())
            found = {"scope": entry.scope, "exact_hash": entry.exact_hash}
            return entry_of(connection.exec_driver_sql(EXACT, found).one())

    def add_many(self, new: Sequence[NewEntry]) -> AddReport:
        """Keep many in one transaction: all of them or none."""
        rows = [values_of(entry) for entry in new]
        with self._database.write() as connection:
            before = _count(connection)
            keep(connection, rows, self._clock())
            added = _count(connection) - before
        return AddReport(added, len(rows) - added)

    def touch(self, entry_id: int) -> None:
        """Count a use. Written a few at a time: a crash may lose counts, never entries."""
        self._uses.count(entry_id, self._clock())

    def evidence(self, ids: Sequence[int]) -> Mapping[int, Evidence]:
        """For how many asked questions the entries' present answers were judged right and wrong; ids of which nothing
        is known are left out."""
        return self.feedback.evidence(ids)

    def delete(self, entry_id: int) -> bool:
        """Remove an entry, its vector, its aliases and blocked pairs; False when it is not there."""
        with self._database.write() as connection:
            return connection.execute(delete(entries).where(entries.c.id == entry_id)).rowcount > 0

    def without_vector(self, scope: str, embedder: str, limit: int, after: int = 0) -> tuple[Entry, ...]:
        """At most `limit` entries of the scope, by id and behind `after`, that have no vector of that embedder."""
        _check_count("limit", limit)
        wanted = (
            select(*ENTRY_COLUMNS)
            .where(entries.c.scope == scope, entries.c.id > after)
            .where(or_(entries.c.embedder.is_(None), entries.c.embedder != embedder))
            .order_by(entries.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(entry_of(row) for row in connection.execute(wanted))

    def set_vectors(self, ids: Sequence[int], vectors: NDArray[np.float32], embedder: str) -> None:
        """Give entries the vectors that `embedder` made: (len(ids), dimensions) rows of unit length.

        Entries that were deleted in the meantime are passed over.

        Raises:
            StoreValueError: Another number of vectors than of ids, or one that is not a unit; nothing was changed.
        """
        if len(vectors) != len(ids):
            raise StoreValueError(f"{len(vectors)} vectors were given for {len(ids)} entries; give one for each.")
        rows = [checked_vector(vector).tobytes() for vector in vectors]
        with self._database.write() as connection:
            for one, row in zip(ids, rows, strict=True):
                revision = next_revision(connection)
                change = {"vector": row, "embedder": embedder, "revision": revision}
                connection.execute(update(entries).where(entries.c.id == one).values(change))

    def questions(self, scope: str, after: int, limit: int) -> tuple[Asked, ...]:
        """At most `limit` questions of a scope whose revision is above `after`, by revision: what came since."""
        _check_count("limit", limit)
        wanted = (
            select(entries.c.revision, entries.c.question)
            .where(entries.c.scope == scope, entries.c.revision > after)
            .order_by(entries.c.revision)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(Asked(row.revision, row.question) for row in connection.execute(wanted))

    def outdated(self, normalizer_version: str, limit: int) -> tuple[Entry, ...]:
        """At most `limit` entries, by id, whose key another version of normalization made."""
        _check_count("limit", limit)
        wanted = select(*ENTRY_COLUMNS).where(entries.c.normalizer_version != normalizer_version)
        with self._database.read() as connection:
            return tuple(entry_of(row) for row in connection.execute(wanted.order_by(entries.c.id).limit(limit)))

    def set_keys(self, updates: Sequence[KeyUpdate], normalizer_version: str) -> None:
        """Give entries keys that were made anew."""
        with self._database.write() as connection:
            renew_keys(connection, updates, normalizer_version)

    def count(self, *, scope: str | None = None, tenant: str | None = None) -> int:
        """How many entries there are, in all or in a scope or of a tenant."""
        wanted = select(func.count()).select_from(entries)
        if scope is not None:
            wanted = wanted.where(entries.c.scope == scope)
        if tenant is not None:
            wanted = wanted.where(entries.c.tenant == tenant)
        with self._database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def stats(self) -> StoreStats:
        """Counts over all."""
        self._uses.flush()
        columns = entries.c
        wanted = select(
            func.count(),
            func.count().filter(columns.origin == "curated"),
            func.count().filter(columns.origin == "generated"),
            func.count(columns.tenant.distinct()),
            func.count(columns.scope.distinct()),
            func.coalesce(func.sum(columns.hits), 0),
        )
        with self._database.read() as connection:
            numbers = connection.execute(wanted).one()
        total, curated, generated, tenants, scopes, hits = numbers
        return StoreStats(total, curated, generated, tenants, scopes, hits, self._database.bytes_on_disk())

    def check(self) -> tuple[str, ...]:
        """Every invariant that does not hold, in words; empty when all is well."""
        with self._index_lock:
            return (*problems(self._database), *self._partitions.problems())

    def close(self) -> None:
        """Write the counts that are pending and close. Idempotent.

        Raises:
            StorageError: The counts could not be written; the store is closed all the same.
        """
        if self._database.closed:
            return
        try:
            self._uses.flush()
            self.feedback.events.flush()
        finally:
            self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _one(self, statement: str, **values: object) -> Entry | None:
        rows = self._database.rows(statement, values)
        return entry_of(rows[0]) if rows else None

    def _current(self, found: Sequence[Found], scope: str) -> dict[int, Entry]:
        """The entries whose row is still the one that their vector was read from, by id."""
        if not found:
            return {}
        revisions = {one.id: one.revision for one in found}
        rows = self._database.rows(BY_IDS, {"ids": json.dumps(list(revisions))})
        current = (entry_of(values) for *values, revision in rows if revisions[values[0]] == revision)
        # The scope is asked again: whatever the index says, no entry of another scope leaves here.
        return {entry.id: entry for entry in current if entry.scope == scope}


def _check_count(name: str, value: int) -> None:
    if value < 1:
        raise StoreValueError(f"{name}={value} must be at least 1.")


def _neighbour(entry: Entry, found: Found) -> Neighbour:
    return Neighbour(entry, min(1.0, max(-1.0, found.similarity)))


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(entries)).scalar_one())
