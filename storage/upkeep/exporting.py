"""Everything that people would miss, as lines of JSON."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, Table, func, select

from storage.database import Database
from storage.errors import CorruptError
from storage.sql import one_of
from storage.tables import SCHEMA_VERSION, aliases, blocked, calibrations, entries, feedback
from storage.upkeep.lines import FORMAT, LINE, VERSION, AliasLine, EntryLine, wording
from storage.upkeep.new_file import new_file
from storage.upkeep.snapshot import in_batches, snapshot

__all__ = ["ExportReport", "export"]

_AS_JSON = ("facts", "tags", "documents", "tool_calls")
_ENTRY = select(*(entries.c[name] for name in EntryLine.model_fields if name != "kind"))
_PAIRS = {"alias": aliases, "blocked": blocked}
_FEEDBACK = select(*(column for column in feedback.c))
_CALIBRATIONS = select(*(column for column in calibrations.c))


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many lines of each kind a file has, and its bytes."""

    entries: int
    aliases: int
    blocked: int
    feedback: int
    calibrations: int
    bytes: int


def export(database: Database, path: Path, at: float, tenant: str | None = None) -> ExportReport:
    """Write the store as it is at one moment, or what one tenant has of it. A path that ends with `.gz` is compressed.

    Terms, labels and sums are left out, for they are made from the rest; decisions are, and how many hits by meaning
    each tenant had, for they are no knowledge: in another store the alarm about what users found wrong begins anew.
    With a tenant, so are calibrations, which belong to all.

    Args:
        at: When, in seconds since the epoch.

    Raises:
        StoreValueError: There is such a file already.
        UnwritableError, StoreFullError: The file cannot be written; nothing was.
        CorruptError: An entry that could not be imported again; `check` finds it.
    """
    with new_file(path) as temporary:
        counts = _write(database, temporary, at, tenant)
        size = temporary.stat().st_size
    return ExportReport(
        counts["entry"], counts["alias"], counts["blocked"], counts["feedback"], counts["calibration"], size
    )


def _write(database: Database, path: Path, at: float, tenant: str | None) -> Mapping[str, int]:
    with _opened(path) as file, closing(_lines(database, tenant)) as lines:
        counts = next(lines)
        _put(file, {"kind": "header", "format": FORMAT, "version": VERSION, "schema_version": SCHEMA_VERSION, "at": at,
                    "tenant": tenant, "counts": counts})  # fmt: skip
        for line in lines:
            _put(file, line)
    return counts


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", encoding="utf-8", newline="\n")
    return path.open("w", encoding="utf-8", newline="\n")


def _lines(database: Database, tenant: str | None) -> Generator[dict[str, Any], None, None]:
    """The counts, then every line."""
    with snapshot(database) as connection:
        of_entries, of_feedback = (_of(tenant, table) for table in (entries, feedback))
        yield _counts(connection, tenant)
        for batch in in_batches(connection, _ENTRY.where(*of_entries), entries.c.id):
            yield from map(_entry, batch)
            for kind, table in _PAIRS.items():
                yield from _pairs(connection, kind, table, [row.id for row in batch])
        for batch in in_batches(connection, _FEEDBACK.where(*of_feedback), feedback.c.id):
            yield from (_without_id("feedback", row) for row in batch)
        if tenant is None:
            for batch in in_batches(connection, _CALIBRATIONS, calibrations.c.id):
                yield from (_without_id("calibration", row) for row in batch)


def _counts(connection: Connection, tenant: str | None) -> dict[str, int]:
    def count(wanted: Select[Any]) -> int:
        return int(connection.execute(wanted).scalar_one())

    number = select(func.count())
    counts = {"entry": count(number.select_from(entries).where(*_of(tenant, entries)))}
    for kind, table in _PAIRS.items():
        joined = number.select_from(table).join(entries, entries.c.id == table.c.entry_id)
        counts[kind] = count(joined.where(*_of(tenant, entries)))
    counts["feedback"] = count(number.select_from(feedback).where(*_of(tenant, feedback)))
    counts["calibration"] = count(number.select_from(calibrations)) if tenant is None else 0
    return counts


def _of(tenant: str | None, table: Table) -> list[Any]:
    return [] if tenant is None else [table.c.tenant == tenant]


def _entry(row: Row[Any]) -> dict[str, Any]:
    values = {"kind": "entry", **row._asdict()}
    try:
        values |= {name: json.loads(values[name] or "[]") for name in _AS_JSON}
    except ValueError as error:
        raise _not_exported(f"the entry {row.id}", str(error)) from error
    if row.vector is not None:
        values["vector"] = base64.b64encode(row.vector).decode()
    return values


def _pairs(connection: Connection, kind: str, table: Table, ids: list[int]) -> Iterator[dict[str, Any]]:
    columns = [table.c[name] for name in AliasLine.model_fields if name != "kind"]
    wanted = select(*columns).where(one_of(table.c.entry_id, "ids")).order_by(table.c.entry_id, table.c.exact_hash)
    for row in connection.execute(wanted, {"ids": ids}):
        yield {"kind": kind, **row._asdict()}


def _without_id(kind: str, row: Row[Any]) -> dict[str, Any]:
    return {"kind": kind, **{name: value for name, value in row._asdict().items() if name != "id"}}


def _put(file: IO[str], line: Mapping[str, Any]) -> None:
    text = json.dumps(line, ensure_ascii=False)
    if line["kind"] != "header":
        _check(line, text)
    file.write(text + "\n")


def _check(line: Mapping[str, Any], text: str) -> None:
    # A file that could not be read again is worth nothing.
    try:
        LINE.validate_json(text)
    except ValidationError as error:
        named = f"the {line['kind']} {line.get('id', line.get('entry_id', line.get('name')))}"
        raise _not_exported(named, wording(error)) from error


def _not_exported(what: str, why: str) -> CorruptError:
    return CorruptError(f"{what} cannot be exported ({why}). Nothing was written: check and repair the store first.")
