"""Tags and documents of entries as rows, to find the entries by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, delete, select

from storage.bulk import insert_rows
from storage.sql import one_of
from storage.tables import entries, labels

__all__ = ["label", "labels_of"]

_BATCH = 500
_CLEAR = delete(labels).where(one_of(labels.c.entry_id, "ids"))
_READ = select(entries.c.id, entries.c.tags, entries.c.documents).where(one_of(entries.c.id, "ids"))


def label(connection: Connection, ids: Sequence[int]) -> None:
    """Write the labels of these entries as their rows are now; ids that are not there are passed over."""
    for start in range(0, len(ids), _BATCH):
        batch = {"ids": ids[start : start + _BATCH]}
        connection.execute(_CLEAR, batch)
        rows = [
            {"kind": kind, "value": value, "entry_id": row.id}
            for row in connection.execute(_READ, batch)
            for kind, value in labels_of(row.tags, row.documents)
        ]
        insert_rows(connection, labels, rows)


def labels_of(tags: str, documents: str) -> Iterator[tuple[str, str]]:
    """Kind and value of each label, of an entry's columns."""
    for tag in json.loads(tags):
        yield "tag", tag
    # Two editions of one document are one label.
    for name in sorted({name for name, _ in json.loads(documents)}):
        yield "document", name
