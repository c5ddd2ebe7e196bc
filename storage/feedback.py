"""Judgements of what was served, and what they change at once: pairs that are blocked, questions that are aliases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, or_, select, update

from storage.changes import next_revision
from storage.confirmed import ConfirmedQuestions, confirm
from storage.database import Database
from storage.entry import Entry
from storage.errors import StoreValueError
from storage.events import Events
from storage.feedback_sums import NOT_A_SUM, fold
from storage.learned import Effect, Evidence, Feedback, FeedbackSource, Pair, Recorded
from storage.queries import BY_ALIAS
from storage.rows import entry_of
from storage.sql import one_of, upsert
from storage.tables import aliases, blocked, entries, feedback

__all__ = ["FeedbackRows"]

_COLUMNS = tuple(column for column in feedback.c if column.name not in ("id", "current", "number"))
_FIELDS = tuple(column.name for column in _COLUMNS)
_FOLD_EVERY = 256
_MOST_COUNTED = 4096


class FeedbackRows:
    """What users and checks said of entries. Thread-safe, and safe for many processes on one file.

    Args:
        database: Where it is kept.
        clock: Seconds since the epoch.
        keep: How many judgements of each tenant and source are kept as they are, and some hundreds more; older ones
            become sums (`storage.feedback_sums`). May be changed at any time.
    """

    def __init__(self, database: Database, clock: Callable[[], float], keep: int = 10_000) -> None:
        self.events = Events(database)
        self.confirmed = ConfirmedQuestions(database, clock)
        self.keep = keep
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._recorded: dict[tuple[str, str], int] = {}
        """How many judgements this process kept of each tenant and source: a busy one takes no other's turn."""

    def record(self, judged: Feedback, effect: Effect = "none", answer: str | None = None) -> Recorded:
        """Keep a judgement and do what it says, in one transaction.

        A judgement of the same question and entry takes the place of the one before in the evidence; a check's never
        that of a person's. What a person says a second time in the same words, as a call that is tried again does, is
        one judgement. "alias" moves an alias of the same key from another entry to this one.

        Args:
            judged: The judgement.
            effect: What it does.
            answer: What was judged, where that is known: if the entry has another answer by now, the judgement is kept
                and counts for neither. A pair is blocked all the same, for the new one answers the entry's question
                too; it is not where that question was asked, or where a person found the new one right.

        Raises:
            StoreValueError: The effect needs the words of the question and they are not there.
            StorageError: It could not be written, or the entry is gone and the effect needs it; nothing was changed.
        """
        if effect in ("block", "alias") and judged.question is None:
            raise StoreValueError(f"effect={effect!r} needs the question's words; give them.")
        at = self._clock() if judged.at is None else judged.at
        with self._database.write() as connection:
            former = answer is not None and _is_former(connection, judged.entry_id, answer)
            if former:
                _insert(connection, judged, at, current=False)
                effect = "block" if effect == "block" and _is_of_every_answer(connection, judged) else "none"
            elif not _said_again(connection, judged, at):
                _insert(connection, judged, at, current=_replaced(connection, judged))
            dropped = _do(connection, judged, effect, at)
            if self._is_time_to_fold(judged.tenant, judged.source):
                fold(connection, judged.tenant, judged.source, self.keep)
        return Recorded(at, effect == "block", effect == "alias", dropped, former)

    def _is_time_to_fold(self, tenant: str, source: FeedbackSource) -> bool:
        """At the first judgement, for a process may live for one alone, and then at some."""
        of = tenant, source
        with self._lock:
            if of not in self._recorded and len(self._recorded) >= _MOST_COUNTED:
                self._recorded.clear()  # each is folded at its next then, which is too soon and does no harm
            self._recorded[of] = self._recorded.get(of, 0) + 1
            return self._recorded[of] % _FOLD_EVERY == 1

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
        return {one: Evidence(int(right), int(judged - right)) for one, right, judged in rows}

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
                changed: dict[str, object] = {"key_hash": key_hash, "normalizer_version": normalizer_version}
                if pair.alias:
                    changed["revision"] = next_revision(connection)
                change = update(table).where(*same, table.c.key_hash == pair.key_hash)
                connection.execute(change.values(changed))

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
        """At most `limit` judgements, the newest first, of all tenants or of one. Sums of old ones are left out."""
        if limit < 1:
            raise StoreValueError(f"limit={limit} must be at least 1.")
        wanted = select(*_COLUMNS).where(NOT_A_SUM).order_by(feedback.c.id.desc()).limit(limit)
        if tenant is not None:
            wanted = wanted.where(feedback.c.tenant == tenant)
        with self._database.read() as connection:
            return tuple(Feedback(**row._mapping) for row in connection.execute(wanted))


def _is_former(connection: Connection, entry_id: int, answer: str) -> bool:
    now = connection.execute(select(entries.c.answer).where(entries.c.id == entry_id)).scalar()
    return now is not None and now != answer


def _is_of_every_answer(connection: Connection, judged: Feedback) -> bool:
    """Whether what was wrong is the pair, not the answer: another question than the entry's own, for which nobody found
    the present answer right."""
    same = or_(entries.c.exact_hash == judged.exact_hash, entries.c.key_hash == judged.key_hash)
    own = exists().where(entries.c.id == judged.entry_id, same)
    right = exists().where(*_of_pair(judged), feedback.c.source == "user", feedback.c.correct)
    return bool(connection.execute(select(~or_(own, right))).scalar_one())


def _of_pair(judged: Feedback) -> tuple[ColumnElement[bool], ...]:
    """The judgement of its question and entry that counts now."""
    return feedback.c.entry_id == judged.entry_id, feedback.c.exact_hash == judged.exact_hash, feedback.c.current


def _said_again(connection: Connection, judged: Feedback, at: float) -> bool:
    """Whether it is there already; it is as new then as if it were said for the first time."""
    if judged.source != "user":  # each check is a hit of its own, and its share of wrong ones is what is asked for
        return False
    said = (feedback.c.source == "user", feedback.c.correct == judged.correct, feedback.c.note == judged.note)
    return connection.execute(update(feedback).where(*_of_pair(judged), *said).values(at=at)).rowcount > 0


def _replaced(connection: Connection, judged: Feedback) -> bool:
    """Let go of the judgement before; whether this one counts instead."""
    same = _of_pair(judged)
    persons = select(func.count()).select_from(feedback).where(*same, feedback.c.source == "user")
    if judged.source != "user" and connection.execute(persons).scalar_one():
        return False
    connection.execute(update(feedback).where(*same).values(current=False))
    return True


def _insert(connection: Connection, judged: Feedback, at: float, *, current: bool) -> None:
    values = {name: getattr(judged, name) for name in _FIELDS}
    connection.execute(insert(feedback), {**values, "at": at, "current": current})


def _do(connection: Connection, judged: Feedback, effect: Effect, at: float) -> bool:
    """Do what a judgement says; whether it took an alias away."""
    dropped = _drop_alias(connection, judged) if effect == "block" else False
    if effect == "block":
        connection.execute(_BLOCK[connection.dialect.name], _pair(judged, at))
    elif effect in ("alias", "unblock"):
        connection.execute(delete(blocked).where(*_same_pair(judged)))
    if effect == "alias":
        confirm(connection, _pair(judged, at))
    return dropped


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
_BLOCKED = select(blocked.c.entry_id).where(
    one_of(blocked.c.entry_id, "ids"),
    or_(blocked.c.exact_hash == bindparam("exact_hash"), blocked.c.key_hash == bindparam("key_hash")),
)
_EVIDENCE = (
    select(
        feedback.c.entry_id,
        func.coalesce(func.sum(feedback.c.number).filter(feedback.c.correct), 0),
        func.sum(feedback.c.number),
    )
    .where(one_of(feedback.c.entry_id, "ids"), feedback.c.current)
    .group_by(feedback.c.entry_id)
)
