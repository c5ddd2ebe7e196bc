"""Judgements of what was served, and what they change at once: pairs that are blocked, questions that are aliases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, or_, select, update

from storage.database import Database
from storage.entry import Entry
from storage.errors import StoreValueError
from storage.events import Events
from storage.learned import Effect, Evidence, Feedback, FeedbackSource, Pair, Recorded
from storage.queries import BY_ALIAS
from storage.rows import entry_of
from storage.sql import one_of, upsert
from storage.tables import aliases, blocked, feedback

__all__ = ["FeedbackRows"]

_COLUMNS = tuple(column for column in feedback.c if column.name not in ("id", "current"))
_FIELDS = tuple(column.name for column in _COLUMNS)


class FeedbackRows:
    """What users and checks said of entries. Thread-safe, and safe for many processes on one file.

    Args:
        database: Where it is kept.
        clock: Seconds since the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.events = Events(database)
        self._database = database
        self._clock = clock

    def record(self, judged: Feedback, effect: Effect = "none") -> Recorded:
        """Keep a judgement and do what it says, in one transaction.

        A judgement of the same question and entry takes the place of the one before in the evidence; a check's never
        that of a person's. "alias" moves an alias of the same key from another entry to this one.

        Raises:
            StoreValueError: The effect needs the words of the question and they are not there.
            StorageError: It could not be written, or the entry is gone and the effect needs it; nothing was changed.
        """
        if effect in ("block", "alias") and judged.question is None:
            raise StoreValueError(f"effect={effect!r} needs the question's words; give them.")
        at = self._clock() if judged.at is None else judged.at
        with self._database.write() as connection:
            _insert(connection, judged, at)
            dropped = _drop_alias(connection, judged) if effect == "block" else False
            if effect == "block":
                connection.execute(_BLOCK[connection.dialect.name], _pair(judged, at))
            elif effect in ("alias", "unblock"):
                connection.execute(delete(blocked).where(*_same_pair(judged)))
            if effect == "alias":
                connection.execute(_ALIAS[connection.dialect.name], _pair(judged, at))
        return Recorded(at, effect == "block", effect == "alias", dropped)

    def by_alias(self, scopes: tuple[str, str], key_hash: str, exact_hash: str = "") -> Entry | None:
        """The entry of one of the scopes that this key was confirmed for, unless it is blocked for key or words."""
        scope, other = scopes
        values = {"scope": scope, "other": other, "key_hash": key_hash, "exact_hash": exact_hash}
        rows = self._database.rows(BY_ALIAS, {**values, "now": self._clock()})
        return entry_of(rows[0]) if rows else None

    def blocked(self, ids: Sequence[int], key_hash: str, exact_hash: str) -> frozenset[int]:
        """Those of the entries that must not be served for this key or these words."""
        if not ids:
            return frozenset()
        values = {"ids": ids, "key_hash": key_hash, "exact_hash": exact_hash}
        return frozenset(row[0] for row in self._database.rows(_BLOCKED, values))

    def evidence(self, ids: Sequence[int]) -> Mapping[int, Evidence]:
        """What is known of the entries' present answers; those of which nothing is known are left out."""
        if not ids:
            return {}
        rows = self._database.rows(_EVIDENCE, {"ids": ids})
        return {one: Evidence(right, judged - right) for one, right, judged in rows}

    def aliases(self, entry_id: int) -> tuple[str, ...]:
        """The questions that were confirmed for an entry, the oldest first."""
        wanted = select(aliases.c.question).where(aliases.c.entry_id == entry_id).order_by(aliases.c.created)
        with self._database.read() as connection:
            return tuple(connection.execute(wanted).scalars())

    def outdated(self, normalizer_version: str, limit: int) -> tuple[Pair, ...]:
        """At most `limit` confirmed or blocked pairs whose key another version of normalization made."""
        found: list[Pair] = []
        with self._database.read() as connection:
            for table in (aliases, blocked):
                columns = (table.c.entry_id, table.c.question, table.c.exact_hash, table.c.key_hash)
                wanted = select(*columns).where(table.c.normalizer_version != normalizer_version)
                rows = connection.execute(wanted.limit(limit - len(found)))
                found += [Pair(table is aliases, *row) for row in rows]
        return tuple(found)

    def set_keys(self, renewed: Sequence[tuple[Pair, str]], normalizer_version: str) -> None:
        """Give pairs key hashes that were made anew. Of two aliases that share one now, one is kept."""
        with self._database.write() as connection:
            for pair, key_hash in renewed:
                table = aliases if pair.alias else blocked
                same = (table.c.entry_id == pair.entry_id, table.c.exact_hash == pair.exact_hash)
                if pair.alias and key_hash != pair.key_hash:
                    scopes = select(aliases.c.scope).where(*same, aliases.c.key_hash == pair.key_hash)
                    in_the_way = (aliases.c.scope.in_(scopes), aliases.c.key_hash == key_hash)
                    connection.execute(delete(aliases).where(*in_the_way))
                change = update(table).where(*same, table.c.key_hash == pair.key_hash)
                connection.execute(change.values(key_hash=key_hash, normalizer_version=normalizer_version))

    def labels(self, tenant: str, source: FeedbackSource, limit: int) -> tuple[bool, ...]:
        """At most `limit` judgements of a tenant's semantic hits, the newest first: whether they were right."""
        wanted = (
            select(feedback.c.correct)
            .where(feedback.c.tenant == tenant, feedback.c.source == source, feedback.c.served == "semantic")
            .order_by(feedback.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(connection.execute(wanted).scalars())

    def complaints(self, tenant: str, since: float) -> int:
        """How many asked questions and entries a tenant's users found wrong on semantic hits, from a time on."""
        pairs = (
            select(feedback.c.entry_id, feedback.c.exact_hash)
            .where(feedback.c.tenant == tenant, feedback.c.source == "user", feedback.c.served == "semantic")
            .where(feedback.c.correct.is_(False), feedback.c.at >= since)
            .distinct()
            .subquery()
        )
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(pairs)).scalar_one())

    def recent(self, limit: int, *, tenant: str | None = None) -> tuple[Feedback, ...]:
        """At most `limit` judgements, the newest first, of all tenants or of one."""
        if limit < 1:
            raise StoreValueError(f"limit={limit} must be at least 1.")
        wanted = select(*_COLUMNS).order_by(feedback.c.id.desc()).limit(limit)
        if tenant is not None:
            wanted = wanted.where(feedback.c.tenant == tenant)
        with self._database.read() as connection:
            return tuple(Feedback(**row._mapping) for row in connection.execute(wanted))


def _insert(connection: Connection, judged: Feedback, at: float) -> None:
    same = (feedback.c.entry_id == judged.entry_id, feedback.c.exact_hash == judged.exact_hash, feedback.c.current)
    persons = select(func.count()).select_from(feedback).where(*same, feedback.c.source == "user")
    current = judged.source == "user" or not connection.execute(persons).scalar_one()
    if current:
        connection.execute(update(feedback).where(*same).values(current=False))
    values = {name: getattr(judged, name) for name in _FIELDS}
    connection.execute(insert(feedback), {**values, "at": at, "current": current})


def _drop_alias(connection: Connection, judged: Feedback) -> bool:
    same = or_(aliases.c.key_hash == judged.key_hash, aliases.c.exact_hash == judged.exact_hash)
    return connection.execute(delete(aliases).where(aliases.c.entry_id == judged.entry_id, same)).rowcount > 0


def _same_pair(judged: Feedback) -> tuple[ColumnElement[bool], ...]:
    same = or_(blocked.c.key_hash == judged.key_hash, blocked.c.exact_hash == judged.exact_hash)
    return (blocked.c.entry_id == judged.entry_id, same)


def _pair(judged: Feedback, at: float) -> dict[str, object]:
    """The columns that aliases and blocked pairs share."""
    names = ("entry_id", "scope", "exact_hash", "key_hash", "question", "normalizer_version")
    return {"created": at, **{name: getattr(judged, name) for name in names}}


_BLOCK = upsert(blocked, ("entry_id", "exact_hash"), ("key_hash", "normalizer_version"))
_ALIAS = upsert(aliases, ("scope", "key_hash"), ("entry_id", "question", "exact_hash", "normalizer_version", "created"))
_BLOCKED = select(blocked.c.entry_id).where(
    one_of(blocked.c.entry_id, "ids"),
    or_(blocked.c.exact_hash == bindparam("exact_hash"), blocked.c.key_hash == bindparam("key_hash")),
)
_EVIDENCE = (
    select(feedback.c.entry_id, func.count().filter(feedback.c.correct), func.count())
    .where(one_of(feedback.c.entry_id, "ids"), feedback.c.current)
    .group_by(feedback.c.entry_id)
)
