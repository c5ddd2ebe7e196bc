"""The vectors of a partition as they are in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, bindparam, func, select

from storage.database import Database
from storage.indexes.partition_key import PartitionKey
from storage.life.removal import DELETED_KEPT
from storage.tables import deleted, entries

__all__ = ["Rows", "count", "count_until", "deleted_since", "lasting", "newest", "pages", "revisions", "some"]

_PAGE = 2048
_PROBED = 32
_OF_KEY = (entries.c.scope == bindparam("scope"), entries.c.embedder == bindparam("embedder"))
_PAGED = (
    select(entries.c.id, entries.c.revision, entries.c.vector)
    .where(*_OF_KEY, entries.c.revision > bindparam("after"), entries.c.vector.is_not(None))
    .order_by(entries.c.revision)
    .limit(bindparam("limit", type_=Integer))
)
_SOME = select(entries.c.id, entries.c.revision, entries.c.vector).where(entries.c.vector.is_not(None))
_LASTING = select(entries.c.id).where(entries.c.expires.is_(None))
_COUNT_UNTIL = select(func.count()).where(*_OF_KEY, entries.c.revision <= bindparam("until"))
_NEWEST = (
    select(entries.c.id, entries.c.revision)
    .where(*_OF_KEY, entries.c.revision <= bindparam("until"), entries.c.vector.is_not(None))
    .order_by(entries.c.revision.desc())
    .limit(bindparam("limit", type_=Integer))
)
_COUNT = select(func.count()).where(*_OF_KEY)
_REVISIONS = select(entries.c.id, entries.c.revision).where(*_OF_KEY)
_DELETED = select(deleted.c.entry_id).where(
    deleted.c.scope == bindparam("scope"), deleted.c.revision > bindparam("after")
)
_OLDEST = select(func.min(deleted.c.revision))
_DELETIONS = select(func.count()).select_from(deleted)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Entries that have a vector: ids and revisions, (n,) int64, and (n, dimensions) float32 vectors."""

    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], dimensions: int) -> Rows:
        """From (id, revision, vector) rows. Vectors of another width are of another index, and passed over."""
        fitting = [row for row in rows if len(row[2]) == 4 * dimensions]
        vectors = np.frombuffer(b"".join(row[2] for row in fitting), dtype="<f4").astype(np.float32, copy=False)
        ids = np.fromiter((row[0] for row in fitting), np.int64, len(fitting))
        revisions = np.fromiter((row[1] for row in fitting), np.int64, len(fitting))
        return cls(ids, revisions, vectors.reshape(len(fitting), dimensions))


def pages(database: Database, key: PartitionKey, after: int) -> Iterator[Rows]:
    """Everything whose revision is above `after`, by revision, a few thousand at a time.

    What is written meanwhile comes too, and an id whose row was replaced meanwhile comes twice.
    """
    values = {"scope": key.scope, "embedder": key.embedder, "limit": _PAGE}
    while True:
        rows = database.rows(_PAGED, {**values, "after": after})
        if rows:
            yield Rows.of(rows, key.dimensions)
            after = rows[-1][1]
        if len(rows) < _PAGE:
            return


def some(database: Database, key: PartitionKey, ids: Sequence[int]) -> Rows:
    """The rows of a few ids, as far as they are there."""
    with database.read() as connection:
        rows = connection.execute(_SOME.where(entries.c.id.in_(ids))).all()
    return Rows.of([tuple(row) for row in rows], key.dimensions)


def of_key(database: Database, key: PartitionKey, ids: Sequence[int]) -> Rows:
    """Those of them that have the key now."""
    holds = (entries.c.scope == key.scope, entries.c.embedder == key.embedder, entries.c.id.in_(ids))
    with database.read() as connection:
        rows = connection.execute(_SOME.where(*holds)).all()
    return Rows.of([tuple(row) for row in rows], key.dimensions)


def count(database: Database, key: PartitionKey) -> int:
    """How many entries there are."""
    return int(database.rows(_COUNT, {"scope": key.scope, "embedder": key.embedder})[0][0])


def count_until(database: Database, key: PartitionKey, until: int) -> int:
    """How many of them were last changed up to that revision."""
    return int(database.rows(_COUNT_UNTIL, {"scope": key.scope, "embedder": key.embedder, "until": until})[0][0])


def newest(database: Database, key: PartitionKey, until: int) -> list[tuple[int, int]]:
    """Ids and revisions of the few that were changed last, up to that revision, the newest first."""
    values = {"scope": key.scope, "embedder": key.embedder, "until": until, "limit": _PROBED}
    return [(one, revision) for one, revision in database.rows(_NEWEST, values)]


def lasting(database: Database, ids: Sequence[int]) -> list[int]:
    """Those of the ids whose entry has no end."""
    found: list[int] = []
    with database.read() as connection:
        for start in range(0, len(ids), _PAGE):
            wanted = _LASTING.where(entries.c.id.in_(ids[start : start + _PAGE]))
            found += connection.execute(wanted).scalars()
    return found


def revisions(database: Database, key: PartitionKey) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All ids, ascending, and their revisions: two arrays of (n,)."""
    with database.read() as connection:
        found = connection.execute(_REVISIONS, {"scope": key.scope, "embedder": key.embedder})
        both = np.fromiter((number for row in found for number in row), np.int64).reshape(-1, 2)
    both = both[np.argsort(both[:, 0])]
    return both[:, 0], both[:, 1]


def deleted_since(database: Database, scope: str, after: int) -> list[int] | None:
    """Ids of the scope whose entry was deleted after that revision; None where that is not known any more."""
    gone = [row[0] for row in database.rows(_DELETED, {"scope": scope, "after": after})]
    # Asked afterwards: what is forgotten in between is noticed.
    oldest = database.rows(_OLDEST, {})[0][0]
    if oldest is not None and oldest > after + 1 and database.rows(_DELETIONS, {})[0][0] >= DELETED_KEPT:
        return None
    return gone
