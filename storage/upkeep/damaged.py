"""The rows of a damaged SQLite file that can still be read."""

from __future__ import annotations

import shutil
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Table

from storage.errors import CorruptError, UnwritableError
from storage.upkeep.snapshot import BATCH

__all__ = ["DamagedFile", "opened_damaged"]

Row = Mapping[str, Any]

_HEADER = struct.Struct(">16xH10xI")
"""Of a SQLite file: bytes of a page, and how many pages there are."""

_MOST_PADDED = 1000  # a damaged header may say anything


class DamagedFile:
    """A file that is only read. Not thread-safe.

    Attributes:
        unreadable: How many numbers of rows, by table, could not be read; not each of them need have been a row.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.unreadable: dict[str, int] = {}

    def rows(self, table: Table) -> Iterator[list[Row]]:
        """What can be read of a table, in batches, by the number of the row where it has one."""
        names = self._columns(table)
        if not names:
            return  # an older version had no such table
        if "id" in names:
            yield from self._by_number(table, names, "id")
        elif table.dialect_options["sqlite"]["with_rowid"]:
            yield from self._by_number(table, names, "rowid")
        else:
            yield from self._from_both_ends(table, names)

    def expected(self) -> int | None:
        """How many entries the file says that it has, None where that cannot be read either."""
        for statement in ("SELECT sum(entries) FROM samewise_usage", "SELECT count(*) FROM samewise_entries"):
            try:
                (number,) = self._connection.execute(statement).fetchone()
            except sqlite3.Error:
                continue
            if isinstance(number, int):
                return number
        return None

    def _columns(self, table: Table) -> list[str]:
        """Those of the columns of today that the file has."""
        there = {row[1] for row in self._connection.execute(f"PRAGMA table_info({table.name})")}
        return [column.name for column in table.c if column.name in there]

    def _by_number(self, table: Table, names: list[str], number: str) -> Iterator[list[Row]]:
        """Ranges that cannot be read are halved until what is in the way is one row."""
        texts = ", ".join(f'"{name}"' for name in names)
        statement = (
            f"SELECT {number}, {texts} FROM {table.name} WHERE {number} BETWEEN ? AND ? ORDER BY {number} LIMIT ?"
        )
        ranges = [(1, self._last(table, number))]
        while ranges:
            first, last = ranges.pop()
            if first > last:
                continue
            try:
                found = self._connection.execute(statement, (first, last, BATCH)).fetchall()
            except sqlite3.Error:
                if first == last:
                    self._count(table, 1)
                    continue
                middle = (first + last) // 2
                ranges += [(middle + 1, last), (first, middle)]
                continue
            yield [dict(zip(names, row[1:], strict=True)) for row in found]
            if len(found) == BATCH:
                ranges.append((found[-1][0] + 1, last))

    def _last(self, table: Table, number: str) -> int:
        """The highest number of a row: as the table says, or as SQLite noted when it gave it."""
        known = [0]
        for statement, values in (
            (f"SELECT max({number}) FROM {table.name}", ()),
            ("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)),
        ):
            try:
                known += [row[0] for row in self._connection.execute(statement, values) if isinstance(row[0], int)]
            except sqlite3.Error:
                self._count(table, 0)
        return max(known)

    def _from_both_ends(self, table: Table, names: list[str]) -> Iterator[list[Row]]:
        """A table whose rows have no numbers: forward as far as it goes, then from its end."""
        key = [column.name for column in table.primary_key]
        found: dict[tuple[Any, ...], Row] = {}
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{name} {direction}" for name in key)
            try:
                for values in self._connection.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {order}"):
                    row = dict(zip(names, values, strict=True))
                    found[tuple(row[name] for name in key)] = row
            except sqlite3.Error:
                self._count(table, 1)
                continue
            break
        rows = list(found.values())
        yield from (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))

    def _count(self, table: Table, number: int) -> None:
        self.unreadable[table.name] = self.unreadable.get(table.name, 0) + number


@contextmanager
def opened_damaged(path: Path, beside: Path) -> Iterator[DamagedFile]:
    """The file, to read from: a copy of it, for SQLite would change what stands beside it.

    Args:
        beside: A folder with room for the copy.

    Raises:
        UnwritableError: It is not there.
        CorruptError: Not even the list of its tables can be read.
        OSError: The copy cannot be written.
    """
    if not path.is_file():
        raise UnwritableError(f"{path} is no file: name the damaged store.")
    with TemporaryDirectory(dir=beside, prefix=".damaged.") as folder:
        copied = _copied(path, Path(folder))
        with closing(sqlite3.connect(copied)) as connection:
            _check_tables(connection, path)
            yield DamagedFile(connection)


def _copied(path: Path, folder: Path) -> Path:
    copied = folder / "damaged.db"
    for ending in ("", "-wal"):
        part = path.with_name(path.name + ending)
        if part.exists():
            shutil.copyfile(part, copied.with_name(copied.name + ending))
    with copied.open("r+b") as file:
        size, pages = _HEADER.unpack(file.read(_HEADER.size).ljust(_HEADER.size, b"\0"))
        # Of a file that was cut off SQLite reads nothing. Pages of zeros are damaged pages, and the others are read.
        whole = min(size * pages, _MOST_PADDED * copied.stat().st_size)
        if whole > copied.stat().st_size:
            file.truncate(whole)
    return copied


def _check_tables(connection: sqlite3.Connection, path: Path) -> None:
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise CorruptError(f"{path}: {error}. Nothing of it can be read: restore a backup.") from error
    if "samewise_entries" not in tables:
        raise CorruptError(f"{path} has no entries of Samewise: name the damaged store.")
