"""Giving back the room of what was deleted."""

from __future__ import annotations

from storage.database import Database
from storage.errors import StoreBusyError
from storage.tables import metadata

__all__ = ["vacuum"]


def vacuum(database: Database) -> tuple[int, int]:
    """Write the file anew without gaps, or let PostgreSQL use the gaps again and count anew; bytes before and after.

    SQLite needs as much room again while it works, and keeps writers waiting. In memory the bytes are 0.

    Raises:
        StoreBusyError: Others were at work for longer than `busy_timeout_seconds`.
        StoreFullError: There is no room for the second file; nothing was changed.
    """
    before = database.bytes_on_disk
    with database.read(long=True) as connection:
        server = connection.dialect.name == "postgresql"
        if server:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {', '.join(table.name for table in metadata.sorted_tables)}")
    if not server:
        _rewrite(database)
    return before, database.bytes_on_disk


def _rewrite(database: Database) -> None:
    with database.write() as connection:
        # No file is written anew inside a transaction. Its end lets other processes in; other threads are kept off.
        connection.commit()
        connection.exec_driver_sql("VACUUM")
        busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:
        raise StoreBusyError(
            f"{database.place} was read by others for too long. It is written anew, but the log beside it is not cut: "
            "try again."
        )
