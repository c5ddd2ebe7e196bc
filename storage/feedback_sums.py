"""Old judgements as sums: what they say of an entry stays, their words go.

Of each tenant and each source the newest judgements are kept as they are, and the one behind each pair that is stopped
or confirmed, however old: so a judgement that takes it back finds it. Of the older ones, those that count become a sum
of their entry, one row for the right and one for the wrong of each source; those that another judgement or another
answer has replaced say nothing any more, and go. A question that is judged again when its judgement is in a sum counts
twice: which questions a sum is of is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, exists, func, or_, select, update

from storage.bulk import insert_rows
from storage.learned import FeedbackSource
from storage.sql import one_of
from storage.tables import aliases, blocked, entries, feedback

__all__ = ["NOT_A_SUM", "fold"]

NOT_A_SUM = feedback.c.exact_hash != ""
_MOST_AT_ONCE = 2000  # whoever judges waits for it


def fold(connection: Connection, tenant: str, source: FeedbackSource, keep: int) -> int:
    """Sum up or drop at most 2,000 of the tenant's judgements of that source that are older than its newest `keep`; how
    many it were."""
    old = [row.id for row in connection.execute(_too_many(tenant, source, keep))]
    if not old:
        return 0
    _put(connection, [group._asdict() for group in connection.execute(_GROUPS, {"ids": old})])
    connection.execute(delete(feedback).where(one_of(feedback.c.id, "ids")), {"ids": old})
    of_former = or_(feedback.c.current.is_(False), ~exists().where(entries.c.id == feedback.c.entry_id))
    connection.execute(delete(feedback).where(*_of(tenant, source), ~NOT_A_SUM, of_former))
    return len(old)


def _too_many(tenant: str, source: FeedbackSource, keep: int) -> Select[tuple[int]]:
    of = _of(tenant, source)
    last = select(feedback.c.id).where(*of, NOT_A_SUM).order_by(feedback.c.id.desc()).offset(keep).limit(1)
    older = select(feedback.c.id).where(*of, NOT_A_SUM, feedback.c.id <= last.scalar_subquery())
    return older.where(~(feedback.c.current & or_(*map(_has, (blocked, aliases))))).limit(_MOST_AT_ONCE)


def _of(tenant: str, source: FeedbackSource) -> tuple[ColumnElement[bool], ...]:
    return feedback.c.tenant == tenant, feedback.c.source == source


def _has(pairs: Any) -> ColumnElement[bool]:
    """Whether the judgement's question and entry are among them."""
    same = (pairs.c.entry_id == feedback.c.entry_id, pairs.c.exact_hash == feedback.c.exact_hash)
    return exists().where(*same)


_BY = tuple(feedback.c[name] for name in ("tenant", "scope", "entry_id", "source", "correct"))
_GROUPS = (
    select(*_BY, func.sum(feedback.c.number).label("number"), func.max(feedback.c.at).label("at"))
    .join(entries, entries.c.id == feedback.c.entry_id)  # of one that is gone nothing is asked
    .where(one_of(feedback.c.id, "ids"), feedback.c.current)
    .group_by(*_BY)
)


_SUMS = select(feedback.c.id, *_BY).where(one_of(feedback.c.entry_id, "ids"), ~NOT_A_SUM, feedback.c.current)
_ADD = (
    update(feedback)
    .where(feedback.c.id == bindparam("sum"))
    .values(number=feedback.c.number + bindparam("more"), at=bindparam("newest"))
)


def _put(connection: Connection, groups: Sequence[Mapping[str, Any]]) -> None:
    there = {tuple(by): one for one, *by in connection.execute(_SUMS, {"ids": [one["entry_id"] for one in groups]})}
    more, new = [], []
    for group in groups:
        known = there.get(tuple(group[column.name] for column in _BY))
        if known is None:
            nothing = {"exact_hash": "", "key_hash": "", "note": "", "current": True}
            new.append({**group, "number": int(group["number"]), **nothing})
        else:
            more.append({"sum": known, "more": int(group["number"]), "newest": group["at"]})
    if more:
        connection.execute(_ADD, more)
    insert_rows(connection, feedback, new)
