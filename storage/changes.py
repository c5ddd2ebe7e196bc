"""Changes to entries, each with what hangs on it: revision and terms. All inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, select, update

from storage.bulk import lists_of
from storage.entry import KeyUpdate
from storage.errors import StoreValueError
from storage.labels import label
from storage.postings import post
from storage.queries import ENTRY_NAMES, UPSERT, UPSERT_LISTS
from storage.rows import facts_text
from storage.tables import entries, meta
from storage.weights import reweigh

__all__ = [
    "HAS_VECTORS",
    "intruder",
    "keep",
    "next_revision",
    "renew_keys",
    "renew_vectors",
    "write_vectors",
]

HAS_VECTORS = "samewise_vectors"
"""In a connection's `info`: whether vectors are kept in pgvector's type too, by whatever process."""

_BATCH = 500
# One at a time, as parameters: SQLite's JSON ends a text at its first NUL.
_WRITTEN = "SELECT id, added FROM samewise_entries WHERE scope = ? AND exact_hash = ?"
_TENANT = select(entries.c.tenant).where(entries.c.scope == bindparam("scope")).limit(1)
_SET_VECTOR = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values({name: bindparam(name) for name in ("vector", "embedder", "revision")})
)


def keep(connection: Connection, rows: Sequence[Mapping[str, object]], now: float) -> int:
    """Insert rows of `values_of`, or put them in the place of the same words of the same scope; of several that have
    the same words, the last. How many were new.

    Raises:
        StoreValueError: A scope has entries of another tenant. No scope is shared: whoever knows one must not reach
            what is not his.
    """
    if found := intruder(connection, [(str(row["scope"]), str(row["tenant"])) for row in rows]):
        wrong = rows[found[0]]
        raise StoreValueError(
            f"scope={wrong['scope']!r} has entries of another tenant than {wrong['tenant']!r}; nothing was changed: "
            "give every tenant scopes of its own."
        )
    first = next_revision(connection, len(rows)) - len(rows) + 1
    times = {"created": now, "last_used": now, "answered": now, "hits": 0}
    last = {(row["scope"], row["exact_hash"]): {**row, **times, "revision": at} for at, row in enumerate(rows, first)}
    kept = [{**row, "added": row["revision"], "expires": _expiry(row, now)} for row in last.values()]
    new = 0
    for start in range(0, len(kept), _BATCH):
        written = _upsert(connection, kept[start : start + _BATCH])
        ids = [one for one, _ in written]
        post(connection, ids)
        label(connection, ids)
        write_vectors(connection, ids)
        new += sum(added >= first for _, added in written)
    return new


def intruder(connection: Connection, kept: Sequence[tuple[str, str]]) -> tuple[int, str] | None:
    """The place of the first (scope, tenant) whose scope is another tenant's, by what is stored or was named before it,
    and whose it is; None where there is none."""
    owners: dict[str, str] = {}
    for place, (scope, tenant) in enumerate(kept):
        if scope not in owners:
            known = connection.execute(_TENANT, {"scope": scope}).scalar()
            owners[scope] = tenant if known is None else known
        if owners[scope] != tenant:
            return place, owners[scope]
    return None


def _upsert(connection: Connection, rows: list[dict[str, object]]) -> Sequence[tuple[int, int]]:
    """Write the rows; their ids, and the revisions in which they were first written."""
    if connection.dialect.name == "postgresql":
        return [(one, added) for one, added in connection.execute(UPSERT_LISTS, lists_of(rows, ENTRY_NAMES))]
    connection.execute(UPSERT, rows)
    names = [(row["scope"], row["exact_hash"]) for row in rows]
    return [(one, added) for name in names for one, added in connection.exec_driver_sql(_WRITTEN, name)]


def _expiry(row: Mapping[str, object], now: float) -> float | None:
    ttl = row["ttl_seconds"]
    return now + ttl if isinstance(ttl, float | int) else None


def renew_keys(connection: Connection, updates: Sequence[KeyUpdate], normalizer_version: str) -> None:
    """Give entries keys that were made anew."""
    for one in updates:
        change = {
            "key": one.key,
            "key_hash": one.key_hash,
            "language": one.language,
            "facts": facts_text(one.facts),
            "normalizer_version": normalizer_version,
        }
        connection.execute(update(entries).where(entries.c.id == one.id).values(change))
    ids = [one.id for one in updates]
    post(connection, ids)
    reweigh(connection, ids)


def renew_vectors(connection: Connection, ids: Sequence[int], vectors: Sequence[bytes], embedder: str) -> None:
    """Give entries the vectors that `embedder` made; ids that are not there are passed over."""
    first = next_revision(connection, len(ids)) - len(ids) + 1
    rows = [
        {"entry_id": one, "vector": vector, "embedder": embedder, "revision": at}
        for at, (one, vector) in enumerate(zip(ids, vectors, strict=True), first)
    ]
    if rows:
        connection.execute(_SET_VECTOR, rows)
        reweigh(connection, ids)
        write_vectors(connection, ids)


def write_vectors(connection: Connection, ids: Sequence[int]) -> None:
    """Write the vectors of these entries in pgvector's type too, where they are kept so."""
    if connection.info.get(HAS_VECTORS):
        from storage.pgvector import write_vectors as write  # noqa: PLC0415  (its driver is not always installed)

        write(connection, ids)


def next_revision(connection: Connection, changes: int = 1) -> int:
    """Count changes; the revision of the last of them."""
    counted = update(meta).where(meta.c.name == "revision").values(value=meta.c.value + bindparam("changes"))
    return int(connection.execute(counted.returning(meta.c.value), {"changes": changes}).scalar_one())
