"""The store: what is asked of it in one class, each answer from SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Executable, delete

from storage import listing
from storage.backends import open_database
from storage.calibrations import Calibrations
from storage.changes import keep, renew_keys, renew_vectors
from storage.config import StoreConfig
from storage.database import Database
from storage.entry import AddReport, Asked, Entry, KeyUpdate, Neighbour, NewEntry, StoreStats
from storage.errors import StorageError, StoreBusyError, StoreOpenError, StoreUnreachableError, StoreValueError
from storage.feed import Change, changes
from storage.feedback import FeedbackRows
from storage.indexes.faiss_index import FaissIndex
from storage.indexes.segment_maker import Progress
from storage.learned import Evidence
from storage.life import Life
from storage.listing import check_count
from storage.partitions import PartitionKey, Partitions
from storage.queries import BY_ID, BY_KEY, EXACT, SERVABLE_EXACT
from storage.rows import checked_vector, entry_of, values_of
from storage.search import Search, Searching
from storage.tables import entries
from storage.upkeep.check import problems
from storage.upkeep.upkeep import Upkeep
from storage.uses import Uses

__all__ = ["Store"]


class Store:
    """Entries and their vectors. Thread-safe, and safe for many processes on one file.

    An acknowledged write survives the process. Deleting frees row and vector together. Open with `Store.open`.
    """

    def __init__(
        self,
        database: Database,
        config: StoreConfig,
        clock: Callable[[], float],
        on_progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._search = _search(database, config, clock, on_progress)
        self._uses = Uses(database, config.touch_flush, clock)
        self.life = Life(database, config, clock, self._uses, self._nearby)
        self.feedback = FeedbackRows(database, clock)
        self.calibrations = Calibrations(database, clock)
        self.upkeep = Upkeep(database, clock, self._flush, self.life)

    @classmethod
    def open(
        cls,
        url: str = "sqlite:///samewise.db",
        config: StoreConfig | None = None,
        clock: Callable[[], float] = time.time,
        on_progress: Progress | None = None,
    ) -> Store:
        """Open a store, making it if it is not there. `clock` gives seconds since the epoch.

        `on_progress` is told how many vectors of how many a large index has by now, from the thread that builds it.

        Raises:
            StoreOpenError: It cannot be opened, is damaged, or is not a store of this version; it is left as it is.
        """
        config = config or StoreConfig()
        database = open_database(url, config)
        try:
            return cls(database, config, clock, on_progress)
        except StorageError:
            database.close()
            raise

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
        check_count("k", k)
        query = checked_vector(vector)
        return self._search.nearest(PartitionKey(scope, embedder, query.size), query, k)

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
        check_count("k", k)
        query = checked_vector(vector)
        return self._search.lexical(PartitionKey(scope, embedder, query.size), words, query, k)

    def add(self, entry: NewEntry) -> Entry:
        """Keep an entry; the same words in the same scope get the new answer, and keep id and uses.

        Where a budget is full others make room for it.

        Raises:
            StoreValueError: The vector is not a unit.
            StoreFullError: A budget has no room for it beside what people wrote; nothing was changed.
        """
        values = values_of(entry)
        with self._database.write() as connection:
            keep(connection, [values], self._clock())
            before = self.life.admit(connection, {entry.tenant}, 1)
            found = {"scope": entry.scope, "exact_hash": entry.exact_hash}
            kept = entry_of(connection.execute(EXACT, found).one())
        self._make_room({entry.tenant}, before)
        return kept

    def add_many(self, new: Sequence[NewEntry]) -> AddReport:
        """Keep many in one transaction: all of them or none. Raises as `add`."""
        rows = [values_of(entry) for entry in new]
        tenants = {entry.tenant for entry in new}
        with self._database.write() as connection:
            added = keep(connection, rows, self._clock())
            before = self.life.admit(connection, tenants, len(rows))
        self._make_room(tenants, before)
        return AddReport(added, len(rows) - added)

    def touch(self, used: Entry | int) -> None:
        """Count a use of an entry or, where a sliding life may end a little early, of its id.

        Written a few at a time: a crash may lose counts, never entries.
        """
        self._uses.count(used, self._clock())

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
        return listing.without_vector(self._database, scope, embedder, limit, after)

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
            renew_vectors(connection, ids, rows, embedder)

    def questions(self, scope: str, after: int, limit: int) -> tuple[Asked, ...]:
        """At most `limit` questions of a scope whose revision is above `after`, by revision: what came since."""
        return listing.questions(self._database, scope, after, limit)

    def outdated(self, normalizer_version: str, limit: int) -> tuple[Entry, ...]:
        """At most `limit` entries, by id, whose key another version of normalization made."""
        return listing.outdated(self._database, normalizer_version, limit)

    def set_keys(self, updates: Sequence[KeyUpdate], normalizer_version: str) -> None:
        """Give entries keys that were made anew."""
        with self._database.write() as connection:
            renew_keys(connection, updates, normalizer_version)

    def count(self, *, scope: str | None = None, tenant: str | None = None) -> int:
        """How many entries there are, in all or in a scope or of a tenant."""
        return listing.count(self._database, scope, tenant)

    def stats(self) -> StoreStats:
        """Counts over all."""
        self._uses.flush()
        return listing.stats(self._database)

    def changes(self, after: int, limit: int) -> tuple[Change, ...]:
        """At most `limit` changes whose revision is above `after`, by revision. See `storage.feed.changes`."""
        return changes(self._database, after, limit)

    def wait_for_change(self, after: int, timeout_seconds: float) -> int:
        """The revision, once it is above `after` or the time is over: what to call before `changes`."""
        return self._database.wait_for_change(after, timeout_seconds)

    def check(self) -> tuple[str, ...]:
        """Every invariant that does not hold, in words; empty when all is well."""
        return (*problems(self._database), *self._search.problems())

    def close(self) -> None:
        """Write the counts that are pending and close. Idempotent.

        Raises:
            StorageError: The counts could not be written; the store is closed all the same.
        """
        if self._database.closed:
            return
        try:
            self._flush()
        finally:
            self._search.close()
            self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self) -> None:
        self._uses.flush()
        self.feedback.events.flush()

    def _make_room(self, tenants: Collection[str], added_after: int) -> None:
        # What was added is kept: where another writes for too long, whoever adds next makes the room.
        with suppress(StoreBusyError, StoreUnreachableError):
            for tenant in sorted(tenants):
                self.life.enforce(tenant, spare_after=added_after)

    def _nearby(self, scope: str, embedder: str, vectors: NDArray[np.float32], k: int) -> list[list[tuple[int, float]]]:
        """See `storage.life.Nearby`."""
        key = PartitionKey(scope, embedder, vectors.shape[1])
        found = (self._search.nearest(key, vector, k) for vector in vectors)
        return [[(one.entry.id, one.similarity) for one in near] for near in found]

    def _one(self, statement: Executable, **values: object) -> Entry | None:
        rows = self._database.rows(statement, {**values, "now": self._clock()})
        return entry_of(rows[0]) if rows else None


def _search(
    database: Database, config: StoreConfig, clock: Callable[[], float], on_progress: Progress | None
) -> Searching:
    if config.index == "memory":
        partitions = Partitions(database, FaissIndex, config.max_partitions, config.large, on_progress)
        return Search(database, partitions, clock)
    if database.place.startswith("postgresql:"):
        from storage.pgvector import PgvectorSearch  # noqa: PLC0415  (its driver is not always installed)

        return PgvectorSearch(database, clock)
    raise StoreOpenError(f"index='pgvector' needs PostgreSQL, and {database.place} is none: leave it at 'memory'.")
