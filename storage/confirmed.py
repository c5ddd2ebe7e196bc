"""Confirmed questions by what they mean: an alias is as much a question of its entry as the entry's own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, or_, select, update

from storage.changes import next_revision
from storage.database import Database
from storage.learned import Confirmed
from storage.queries import CONFIRMED
from storage.rows import checked_vector, entry_of, vector_of
from storage.tables import aliases

__all__ = ["ConfirmedQuestions", "Unembedded"]

_MOST_SCOPES = 1024
_SINCE = select(aliases.c.key_hash, aliases.c.revision, aliases.c.vector).where(
    aliases.c.scope == bindparam("scope"),
    aliases.c.revision > bindparam("seen"),
    aliases.c.embedder == bindparam("embedder"),
)


class Unembedded(NamedTuple):
    """An alias without a vector of some embedder; `embedder` made the one that it has, if any."""

    scope: str
    key_hash: str
    question: str
    embedder: str | None


@dataclass(slots=True, eq=False)
class _Known:
    """The aliases of one scope and embedder, by their place in the matrix. The lock is held by who looks."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: int = -1
    places: dict[str, int] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)
    matrix: NDArray[np.float32] | None = None

    def named(self, place: int) -> tuple[str, int]:
        """Key and revision of the alias there."""
        return self.hashes[place], self.revisions[place]


class ConfirmedQuestions:
    """The aliases near a question. Thread-safe, and in step with what other processes confirm.

    People confirm them one by one, so there are few: all of a scope are compared, and no index is kept.

    Args:
        database: Where they are.
        clock: Seconds since the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._scopes: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def nearest(self, scope: str, vector: NDArray[np.float32], k: int, embedder: str) -> tuple[Confirmed, ...]:
        """At most k aliases of the scope by cosine, best first, among those whose vector that embedder made.

        Args:
            vector: (dimensions,) of unit length.

        Raises:
            StorageError: They cannot be read.
        """
        known = self._known(scope, embedder)
        with known.lock:
            self._follow(known, scope, embedder)
            while True:
                found = _best(known, vector, k)
                there = self._there(scope, [known.revisions[place] for place, _ in found])
                # What was taken back in this moment is not found: whatever is kept here, the rows decide.
                gone = [place for place, _ in found if known.named(place) not in there]
                if not gone:
                    break
                _drop(known, gone)
            named = [(there[known.named(place)], near) for place, near in found]
        return tuple(Confirmed(entry_of(row[3:]), row[2], near) for row, near in named)

    def without_vector(self, scope: str, embedder: str, limit: int, after: str = "") -> tuple[Unembedded, ...]:
        """At most `limit` aliases of the scope, by key hash behind `after`, that have no vector of that embedder."""
        columns = (aliases.c.scope, aliases.c.key_hash, aliases.c.question, aliases.c.embedder)
        missing = or_(aliases.c.embedder.is_(None), aliases.c.embedder != embedder)
        wanted = select(*columns).where(aliases.c.scope == scope, aliases.c.key_hash > after, missing)
        wanted = wanted.order_by(aliases.c.key_hash)
        with self._database.read() as connection:
            return tuple(Unembedded(*row) for row in connection.execute(wanted.limit(limit)))

    def set_vectors(self, given: Sequence[tuple[Unembedded, NDArray[np.float32]]], embedder: str) -> None:
        """Give aliases the vectors that `embedder` made of their words; those that are gone are passed over.

        Raises:
            StoreValueError: A vector is not a unit; nothing was changed.
            StorageError: They cannot be written.
        """
        rows = [(one, checked_vector(vector).tobytes()) for one, vector in given]
        with self._database.write() as connection:
            for one, vector in rows:
                same = (aliases.c.scope == one.scope, aliases.c.key_hash == one.key_hash)
                change = update(aliases).where(*same, aliases.c.question == one.question)
                revision = next_revision(connection)
                connection.execute(change.values(vector=vector, embedder=embedder, revision=revision))

    def _known(self, scope: str, embedder: str) -> _Known:
        with self._lock:
            known = self._scopes.setdefault((scope, embedder), _Known())
            self._scopes.move_to_end((scope, embedder))
            while len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
            return known

    def _follow(self, known: _Known, scope: str, embedder: str) -> None:
        revision = self._database.revision()
        if revision == known.seen:
            return
        seen = known.seen if revision > known.seen else -1  # an older state was put back
        rows = self._database.rows(_SINCE, {"scope": scope, "seen": seen, "embedder": embedder})
        _take(known, rows)
        known.seen = revision

    def _there(self, scope: str, revisions: Sequence[int]) -> dict[tuple[str, int], tuple[Any, ...]]:
        """The rows of aliases that are of these revisions still, by key and revision."""
        if not revisions:
            return {}
        rows = self._database.rows(CONFIRMED, {"revisions": revisions, "scope": scope, "now": self._clock()})
        return {(row[0], row[1]): row for row in rows}


def _take(known: _Known, rows: Sequence[tuple[str, int, bytes]]) -> None:
    added: list[NDArray[np.float32]] = []
    for key_hash, revision, data in rows:
        width = 4 * known.matrix.shape[1] if known.matrix is not None else 4 * added[0].size if added else len(data)
        if not data or len(data) != width or width % 4:  # damaged: it is found by its key alone
            continue
        place = known.places.get(key_hash)
        if place is None:
            known.places[key_hash] = len(known.hashes)
            known.hashes.append(key_hash)
            known.revisions.append(revision)
            added.append(vector_of(data))
        elif known.matrix is not None and place < len(known.matrix):
            known.revisions[place] = revision
            known.matrix[place] = vector_of(data)
    if added:
        before = [] if known.matrix is None else [known.matrix]
        known.matrix = np.concatenate([*before, np.stack(added)])


def _best(known: _Known, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """Places and cosines."""
    if known.matrix is None or not len(known.matrix) or known.matrix.shape[1] != vector.size:
        return []
    cosines = known.matrix @ vector
    best = np.argsort(-cosines, kind="stable")[:k]
    return [(int(place), min(1.0, max(-1.0, float(cosines[place])))) for place in best]


def _drop(known: _Known, gone: Sequence[int]) -> None:
    assert known.matrix is not None
    left = sorted(set(range(len(known.hashes))) - set(gone))
    known.hashes = [known.hashes[place] for place in left]
    known.revisions = [known.revisions[place] for place in left]
    known.matrix = known.matrix[left]
    known.places = {key_hash: place for place, key_hash in enumerate(known.hashes)}
