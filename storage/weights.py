"""What entries weigh, after a change of their texts or vectors."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from storage.rows import WEIGHED, weight_of
from storage.tables import entries

__all__ = ["reweigh"]

_BATCH = 500
_COLUMNS = tuple(entries.c[name] for name in ("id", "bytes", *WEIGHED))


def reweigh(connection: Connection, ids: Sequence[int]) -> None:
    """Let these entries say what their rows weigh now; ids that are not there are passed over."""
    for start in range(0, len(ids), _BATCH):
        wanted = select(*_COLUMNS).where(entries.c.id.in_(ids[start : start + _BATCH]))
        for row in connection.execute(wanted).all():
            weight = weight_of(row._asdict())
            if weight != row.bytes:
                connection.execute(update(entries).where(entries.c.id == row.id).values(bytes=weight))
