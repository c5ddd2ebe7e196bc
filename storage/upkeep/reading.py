"""The lines of an exported file, each checked, with its number."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import IO, NoReturn

from pydantic import ValidationError

from storage.errors import StoreValueError
from storage.tables import SCHEMA_VERSION
from storage.upkeep.lines import FORMAT, LINE, VERSION, Header, Line, wording

__all__ = ["read_lines", "refuse"]

_GZIP = b"\x1f\x8b"
_WAY_OUT = "Nothing was imported: correct it, or export again."


def read_lines(path: Path) -> Generator[tuple[int, Line], None, None]:
    """The number and the contents of every line but the first, which says what is to come.

    Raises:
        StoreValueError: The file cannot be read, is none of ours or of another version, a line is wrong, or lines are
            missing at the end. The error names the file, the line, the field and what is there.
    """
    try:
        with _opened(path) as file:
            header = _header(path, file.readline())
            seen: Counter[str] = Counter()
            for number, text in enumerate(file, 2):
                line = _line(path, number, text)
                seen[line.kind] += 1
                yield number, line
            _check_counts(path, header, seen)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise StoreValueError(f"{path} cannot be read ({error}). {_WAY_OUT}") from error


def refuse(path: Path, number: int, why: str) -> NoReturn:
    """Say that a line is wrong."""
    raise StoreValueError(f"{path}, line {number}: {why}. {_WAY_OUT}")


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    # A line ends where a line was written, and nowhere else that Unicode knows of.
    if packed:
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def _header(path: Path, text: str) -> Header:
    try:
        said = json.loads(text)
        ours = isinstance(said, dict) and said.get("format") == FORMAT
    except (ValueError, RecursionError):
        ours = False
    if not ours:
        refuse(path, 1, f"it is no header of an export, and is {text!r:.80}")
    if said.get("version") != VERSION:
        refuse(path, 1, f"version: this version of Samewise reads {VERSION}, and it is {said.get('version')!r:.80}")
    try:
        header = Header.model_validate_json(text)
    except ValidationError as error:
        refuse(path, 1, wording(error))
    if header.schema_version > SCHEMA_VERSION:
        refuse(path, 1, f"schema_version: up to {SCHEMA_VERSION} is known, and it is {header.schema_version}")
    return header


def _line(path: Path, number: int, text: str) -> Line:
    try:
        return LINE.validate_json(text)
    except ValidationError as error:
        refuse(path, number, wording(error))


def _check_counts(path: Path, header: Header, seen: Counter[str]) -> None:
    for kind, count in header.counts.items():
        if seen[kind] != count:
            refuse(path, 1, f"counts.{kind}: it says {count}, and there are {seen[kind]} lines of that kind")
