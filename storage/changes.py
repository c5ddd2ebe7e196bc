"""Changes to entries, each with what hangs on it: revision and terms. All inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, update

from storage.entry import KeyUpdate
from storage.postings import post
from storage.queries import UPSERT
from storage.rows import facts_text
from storage.tables import entries, meta

__all__ = ["keep", "next_revision", "renew_keys"]

_BATCH = 500
# The order of the tables is given: SQLite would walk through all entries otherwise.
_IDS = (
    "SELECT entry.id FROM json_each(?) AS kept CROSS JOIN samewise_entries AS entry "
    "ON entry.scope = json_extract(kept.value, '$[0]') AND entry.exact_hash = json_extract(kept.value, '$[1]')"
)


def keep(connection: Connection, rows: Sequence[Mapping[str, object]], now: float) -> None:
    """Insert rows of `values_of`, or put them in the place of the same words of the same scope."""
    last = next_revision(connection, len(rows))
    first = last - len(rows) + 1
    times = {"created": now, "last_used": now, "hits": 0}
    for start in range(0, len(rows), _BATCH):
        batch = [{**row, **times, "revision": first + place} for place, row in enumerate(rows[start:][:_BATCH], start)]
        connection.execute(UPSERT, batch)
        names = json.dumps([(row["scope"], row["exact_hash"]) for row in batch])
        post(connection, connection.exec_driver_sql(_IDS, (names,)).scalars().all())


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
    post(connection, [one.id for one in updates])


def next_revision(connection: Connection, changes: int = 1) -> int:
    """Count changes; the revision of the last of them."""
    counted = update(meta).where(meta.c.name == "revision").values(value=meta.c.value + bindparam("changes"))
    return int(connection.execute(counted.returning(meta.c.value), {"changes": changes}).scalar_one())
