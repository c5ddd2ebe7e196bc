"""What can be wrong with the file of a store, and with what the store counts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Select, func, select

from storage.tables import deleted, entries, meta, usage
from storage.upkeep.problem import Kind, Problem

__all__ = ["deletion_problems", "page_problems", "revision_problems", "usage_problems"]

_OF_INDEX = ("missing from index", "entries in index", "non-unique entry in index")
"""What SQLite says of indexes alone: the rows are whole, and the indexes can be made from them."""


def page_problems(connection: Connection) -> Iterator[Problem]:
    """What SQLite finds in its pages. PostgreSQL looks after its own: there is nothing to ask."""
    if connection.dialect.name != "sqlite":
        return
    for line in connection.exec_driver_sql("PRAGMA integrity_check").scalars().all():
        if line != "ok":
            of_index = any(words in line for words in _OF_INDEX)
            yield Problem(Kind.INDEX_PAGES if of_index else Kind.PAGES, None, f"SQLite: {line}")


def deletion_problems(connection: Connection) -> Iterator[Problem]:
    """Entries that are there, and said to be deleted: an index would drop them."""
    alive = select(deleted.c.entry_id).distinct().join(entries, entries.c.id == deleted.c.entry_id)
    for one in connection.execute(alive.order_by(deleted.c.entry_id)).scalars().all():
        yield Problem(Kind.DELETED, one, "it is there, and in the log of deletions")


def revision_problems(connection: Connection) -> Iterator[Problem]:
    """Revisions above what the store counted, and entries that share one with another row."""
    counted = connection.execute(select(meta.c.value).where(meta.c.name == "revision")).scalar()
    highest = max(connection.execute(select(func.max(table.c.revision))).scalar() or 0 for table in (entries, deleted))
    if counted is None or highest > counted:
        yield Problem(Kind.REVISION, None, f"the store counts {counted} changes, and a row is of revision {highest}")
    for one, revision in sorted(
        {(row.id, row.revision) for wanted in _sharing() for row in connection.execute(wanted)}
    ):
        yield Problem(Kind.REVISION, one, f"it shares revision {revision} with another change")


def _sharing() -> Iterator[Select[tuple[int, int]]]:
    """Entries whose revision another entry of a lower id has, or a deletion."""
    place = func.row_number().over(partition_by=entries.c.revision, order_by=entries.c.id).label("place")
    placed = select(entries.c.id, entries.c.revision, place).subquery()
    yield select(placed.c.id, placed.c.revision).where(placed.c.place > 1)
    columns = select(entries.c.id, entries.c.revision)
    yield columns.where(entries.c.revision.in_(select(deleted.c.revision)))


def usage_problems(connection: Connection) -> Iterator[Problem]:
    """Tenants whose usage is not the sum of their entries. One without entries may have a row of zeros, or none."""
    said = {one: (number, size) for one, number, size in connection.execute(select(usage))}
    summed = select(entries.c.tenant, func.count(), func.sum(entries.c.bytes)).group_by(entries.c.tenant)
    there = {one: (number, int(size)) for one, number, size in connection.execute(summed)}
    for tenant in sorted({*said, *there}):
        has, is_said = there.get(tenant, (0, 0)), said.get(tenant, (0, 0))
        if has != is_said:
            counts = "is said to have {} entries of {} bytes, and has {} of {}".format(*is_said, *has)
            yield Problem(Kind.USAGE, None, f"tenant {tenant!r} {counts}")
