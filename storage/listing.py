"""Entries in their order, a page at a time, and how many there are."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select, union_all

from storage.database import Database
from storage.entry import Asked, Entry, StoreStats
from storage.errors import StoreValueError
from storage.rows import ENTRY_COLUMNS, entry_of
from storage.tables import entries

__all__ = ["check_count", "count", "outdated", "questions", "stats", "without_vector"]


def without_vector(database: Database, scope: str, embedder: str, limit: int, after: int) -> tuple[Entry, ...]:
    """Entries of a scope, by id and behind `after`, that have no vector of that embedder."""
    its = entries.c.embedder
    # Three ranges of an index: `!=` reads every entry of the scope.
    ranges = (its.is_(None), its < embedder, its > embedder)
    missing = union_all(*(select(entries.c.id).where(entries.c.scope == scope, one) for one in ranges))
    return _by_id(database, limit, entries.c.id.in_(missing), entries.c.id > after)


def outdated(database: Database, normalizer_version: str, limit: int) -> tuple[Entry, ...]:
    """Entries, by id, whose key another version of normalization made."""
    return _by_id(database, limit, entries.c.normalizer_version != normalizer_version)


def questions(database: Database, scope: str, after: int, limit: int) -> tuple[Asked, ...]:
    """Questions of a scope whose revision is above `after`, by revision."""
    check_count("limit", limit)
    wanted = (
        select(entries.c.revision, entries.c.question)
        .where(entries.c.scope == scope, entries.c.revision > after)
        .order_by(entries.c.revision)
        .limit(limit)
    )
    with database.read() as connection:
        return tuple(Asked(row.revision, row.question) for row in connection.execute(wanted))


def count(database: Database, scope: str | None, tenant: str | None) -> int:
    """How many entries there are, in all or in a scope or of a tenant."""
    wanted = select(func.count()).select_from(entries)
    if scope is not None:
        wanted = wanted.where(entries.c.scope == scope)
    if tenant is not None:
        wanted = wanted.where(entries.c.tenant == tenant)
    with database.read() as connection:
        return int(connection.execute(wanted).scalar_one())


def stats(database: Database) -> StoreStats:
    """Counts over all."""
    columns = entries.c
    wanted = select(
        func.count(),
        func.count().filter(columns.origin == "curated"),
        func.count().filter(columns.origin == "generated"),
        func.count(columns.tenant.distinct()),
        func.count(columns.scope.distinct()),
        func.coalesce(func.sum(columns.hits), 0),
    )
    with database.read() as connection:
        total, curated, generated, tenants, scopes, hits = connection.execute(wanted).one()
    return StoreStats(total, curated, generated, tenants, scopes, int(hits), database.bytes_on_disk)


def check_count(name: str, value: int) -> None:
    """Raises StoreValueError for a number below 1."""
    if value < 1:
        raise StoreValueError(f"{name}={value} must be at least 1.")


def _by_id(database: Database, limit: int, *conditions: ColumnElement[bool]) -> tuple[Entry, ...]:
    check_count("limit", limit)
    wanted = select(*ENTRY_COLUMNS).where(*conditions).order_by(entries.c.id).limit(limit)
    with database.read() as connection:
        return tuple(entry_of(row) for row in connection.execute(wanted))
