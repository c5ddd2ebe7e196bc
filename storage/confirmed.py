"""Confirmed questions by what they mean: an alias is as much a question of its entry as the entry's own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Insert, and_, bindparam, case, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.alias_vectors import AliasVectors
from storage.changes import next_revision
from storage.database import Database
from storage.learned import Confirmed
from storage.queries import CONFIRMED
from storage.rows import checked_vector, entry_of
from storage.tables import aliases

__all__ = ["ConfirmedQuestions", "Unembedded", "confirm"]

Row = tuple[Any, ...]

_MOST_SCOPES = 1024
_SINCE = select(aliases.c.key_hash, aliases.c.revision, aliases.c.entry_id, aliases.c.vector).where(
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
        self._lock = threading.Lock()  # never held while the database is asked
        self._scopes: OrderedDict[tuple[str, str, int], AliasVectors] = OrderedDict()

    def nearest(self, scope: str, vector: NDArray[np.float32], k: int, embedder: str) -> tuple[Confirmed, ...]:
        """Of at most k entries of the scope the nearest alias by cosine, best first, among those whose vector that
        embedder made. One that is blocked for its entry is left out.

        Args:
            vector: (dimensions,) of unit length.

        Raises:
            StorageError: They cannot be read.
        """
        kind = (scope, embedder, vector.size)
        known = self._followed(kind)
        k = min(k, len(set(known.entries)))  # no more are looked for than there are
        order, cosines = known.by_cosine(vector)
        rows: dict[int, Row | None] = {}
        window = 0
        while new := [place for place in known.first_of_each(order, k, but=_refused(rows)) if place not in rows]:
            # Where some are gone, many may be: more at a time, so that few rounds do.
            new += sorted(set(order[:window]) - rows.keys() - set(new))
            rows |= self._there(scope, known, new)
            window = 8 * max(window, k)
        if gone := {place for place, row in rows.items() if row is None}:
            self._keep(kind, known, known.without(gone))
        best = ((rows[place], cosines[place]) for place in known.first_of_each(order, k, but=_refused(rows)))
        return tuple(Confirmed(entry_of(row[4:]), row[2], cosine) for row, cosine in best if row is not None)

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

    def _followed(self, kind: tuple[str, str, int]) -> AliasVectors:
        scope, embedder, dimensions = kind
        with self._lock:
            known = self._scopes.get(kind) or AliasVectors.none(dimensions)
        revision = self._database.revision()
        if revision == known.seen:
            return known
        # Where an older state was put back, it is read whole.
        before = known if revision > known.seen else AliasVectors.none(dimensions)
        rows = self._database.rows(_SINCE, {"scope": scope, "seen": before.seen, "embedder": embedder})
        return self._keep(kind, known, before.taking(rows, revision))

    def _keep(self, kind: tuple[str, str, int], before: AliasVectors, after: AliasVectors) -> AliasVectors:
        """Keep what follows `before`, unless another thread was faster."""
        with self._lock:
            if self._scopes.get(kind, before) is before:
                self._scopes[kind] = after
                self._scopes.move_to_end(kind)
            while len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
        return after

    def _there(self, scope: str, known: AliasVectors, places: Sequence[int]) -> dict[int, Row | None]:
        """The rows of the aliases at these places, None for one that is gone: they decide, whatever is kept here."""
        revisions = [known.revisions[place] for place in places]
        found = self._database.rows(CONFIRMED, {"revisions": revisions, "scope": scope, "now": self._clock()})
        rows = {(row[0], row[1]): row for row in found}
        return {place: rows.get((known.hashes[place], known.revisions[place])) for place in places}


def _refused(rows: Mapping[int, Row | None]) -> set[int]:
    """The places of those that are gone or not to be compared now."""
    return {place for place, row in rows.items() if row is None or not row[3]}


def confirm(connection: Connection, alias: Mapping[str, object]) -> None:
    """Keep an alias, or put it in the place of the one of the same scope and key. Inside the caller's transaction.

    A vector of the same words stays; confirmed again for the same entry, nothing of it changes but the rest.

    Args:
        alias: All columns but revision, embedder and vector.
    """
    connection.execute(_ALIAS[connection.dialect.name], {**alias, "revision": next_revision(connection)})


def _upsert(insert: sqlite.Insert | postgresql.Insert) -> Insert:
    new = insert.excluded
    names = ("entry_id", "question", "exact_hash", "normalizer_version", "created")
    same_words = aliases.c.question == new.question
    same = and_(same_words, aliases.c.entry_id == new.entry_id)
    return insert.on_conflict_do_update(
        index_elements=("scope", "key_hash"),
        set_={name: new[name] for name in names}
        | {"revision": case((same, aliases.c.revision), else_=new.revision)}
        | {name: case((same_words, aliases.c[name]), else_=null()) for name in ("embedder", "vector")},
    )


_ALIAS = {"sqlite": _upsert(sqlite.insert(aliases)), "postgresql": _upsert(postgresql.insert(aliases))}
