"""Finding entries by pgvector."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection, select, text

from storage.database import Database
from storage.entry import Neighbour
from storage.lexical import ranked
from storage.partitions import PartitionKey
from storage.pgvector.space import Space
from storage.pgvector.table import make_table, missing
from storage.pgvector.vector import Vector, send_vectors
from storage.rows import entry_of, vector_of
from storage.sql import one_of
from storage.tables import entries

__all__ = ["PgvectorSearch"]

_SETTINGS = (b"SET LOCAL hnsw.iterative_scan = strict_order", b"SET LOCAL hnsw.ef_search = 100")
"""Where the filter leaves out most of what the index finds, it goes on until there is enough."""
_COUNT = "SELECT count(*) FROM samewise_vectors WHERE {condition} AND scope = %(scope)s"
_SIZE_SECONDS, _MOST_SIZES = 60.0, 1000


class PgvectorSearch:
    """Neighbours of a vector, as the server finds them. Thread-safe; nothing is kept in this process.

    Raises:
        StoreOpenError: The server has no pgvector, or one that is too old.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._sizes: dict[PartitionKey, tuple[float, int]] = {}
        with database.write() as connection:
            make_table(connection, database.place)

    def nearest(self, key: PartitionKey, query: NDArray[np.float32], k: int) -> tuple[Neighbour, ...]:
        """At most k entries of the scope, embedder and width by cosine, best first."""
        space, values = Space(key.embedder, key.dimensions), self._values(key, query)
        with self._database.read() as connection:
            # Of those that the index finds some may have expired.
            for most in (k, 4 * k):
                found = _run(connection, space.nearest, {**values, "k": most})
                if len(found) >= k:
                    return tuple(found[:k])
            # The scope has no more, or the index gave up: what is left is compared one by one.
            return tuple(_run(connection, space.exact, {**values, "k": k}))

    def lexical(
        self, key: PartitionKey, words: Collection[str], query: NDArray[np.float32], k: int
    ) -> tuple[Neighbour, ...]:
        """At most k entries of the scope, embedder and width that share the rarest words, best first."""
        size = self._size(key)
        best = ranked(self._database, key.scope, words, size) if size else []
        if not best:
            return ()
        values = {**self._values(key, query), "ids": best}
        with self._database.read() as connection:
            found = _run(connection, Space(key.embedder, key.dimensions).among, values)
        there = {one.entry.id: one for one in found}
        return tuple(there[one] for one in best if one in there)[:k]

    def problems(self) -> Iterator[str]:
        """Where the table and the entries that it was made from say different things."""
        with self._database.read() as connection:
            last = 0
            while rows := missing(connection, last):
                yield from (f"entry {row.entry_id}: its vector in the index is missing" for row in rows)
                last = rows[-1].entry_id
            yield from _differences(connection)

    def close(self) -> None:
        """Nothing is done aside."""

    def _values(self, key: PartitionKey, query: NDArray[np.float32]) -> dict[str, Any]:
        return {"scope": key.scope, "vector": Vector(query.astype("<f4").tobytes()), "now": self._clock()}

    def _size(self, key: PartitionKey) -> int:
        """About how many vectors there are, for it tells what is rare: looked up once a minute."""
        now = time.monotonic()
        known = self._sizes.get(key)
        if known is None or known[0] < now or known[1] < 1000:
            statement = _COUNT.format(condition=Space(key.embedder, key.dimensions).condition)
            with self._database.read() as connection:
                size = int(connection.exec_driver_sql(statement, {"scope": key.scope}).scalar_one())
            if len(self._sizes) >= _MOST_SIZES:
                self._sizes.clear()
            known = self._sizes[key] = (now + _SIZE_SECONDS, size)
        return known[1]


def _run(connection: Connection, statement: str, values: Mapping[str, Any]) -> list[Neighbour]:
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    send_vectors(driver)
    with driver.pipeline():  # all of it in one message
        driver.execute(b"BEGIN")
        for setting in _SETTINGS:
            driver.execute(setting)
        cursor = driver.execute(statement.encode(), values)
        driver.execute(b"COMMIT")
        rows = cursor.fetchall()
    return [Neighbour(entry_of(columns), min(1.0, max(-1.0, near))) for *columns, near in rows]


def _differences(connection: Connection, batch: int = 500) -> Iterator[str]:
    last = 0
    stored = text(
        "SELECT entry_id, vector::real[], space, scope FROM samewise_vectors WHERE entry_id > :last "
        "ORDER BY entry_id LIMIT :batch"
    )
    while rows := connection.execute(stored, {"last": last, "batch": batch}).all():
        ids = [row[0] for row in rows]
        columns = (entries.c.id, entries.c.vector, entries.c.embedder, entries.c.scope)
        wanted = select(*columns).where(one_of(entries.c.id, "ids"))
        there = {row.id: row for row in connection.execute(wanted, {"ids": ids})}
        for one, vector, space, scope in rows:
            row = there.get(one)
            if row is not None and not _same(row, vector, space, scope):
                yield f"entry {one}: its vector in the index is another one"
        last = ids[-1]


def _same(row: Any, vector: Sequence[float], space: str, scope: str) -> bool:
    if row.vector is None or row.embedder is None or row.scope != scope:
        return False
    return Space(row.embedder, len(row.vector) // 4).name == space and np.array_equal(
        vector_of(row.vector), np.asarray(vector, dtype=np.float32)
    )
