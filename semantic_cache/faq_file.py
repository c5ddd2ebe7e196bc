"""Files of questions and answers: CSV, TSV, JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from semantic_cache.errors import ImportFileError

__all__ = ["FaqRow", "ImportReport", "read_faq"]

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FIELDS = ("question", "answer", "tags")
_MAX_CELL_CHARS = 4 << 20


@dataclass(frozen=True, slots=True)
class FaqRow:
    """One question with its answer, and the line it stands on."""

    line: int
    question: str
    answer: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `replaced` counts questions that were stored before and now have the file's answer."""

    added: int
    replaced: int


def read_faq(path: Path) -> tuple[FaqRow, ...]:
    """Read every row, or none: a file with a wrong row is refused whole.

    Columns are `question`, `answer` and, where there are any, `tags` (separated by `;`; a list in JSON lines).

    Raises:
        ImportFileError: The file is missing, of another kind, not UTF-8, has no such columns, or a row lacks a value.
    """
    if path.suffix.lower() not in (*_DELIMITERS, ".jsonl"):
        raise ImportFileError(f"{path}: the ending {path.suffix!r} is not one of .csv, .tsv, .jsonl.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _json_rows(path, file) if path.suffix.lower() == ".jsonl" else _table_rows(path, file)
            rows = tuple(_row(path, line, fields) for line, fields in lines)
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ImportFileError(
            f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8 and import it again."
        ) from error
    except csv.Error as error:
        raise ImportFileError(f"{path} is not a table that can be read: {error}.") from error
    if not rows:
        raise ImportFileError(f"{path} holds no questions.")
    return rows


def _table_rows(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
    csv.field_size_limit(_MAX_CELL_CHARS)
    reader = csv.DictReader(file, delimiter=_DELIMITERS[path.suffix.lower()], strict=True)
    columns = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    if not {"question", "answer"} <= set(columns):
        raise ImportFileError(
            f"{path} has the columns {columns}; it needs 'question' and 'answer' (and may have 'tags')."
        )
    unknown = [name for name in columns if name not in _FIELDS]
    if unknown:
        raise ImportFileError(
            f"{path} has the columns {unknown}, which mean nothing here: remove them, or write them as tags."
        )
    for fields in reader:
        if None in fields:
            raise ImportFileError(
                f"{path}, line {reader.line_num}: more values than columns. Quote values that hold the separator."
            )
        yield reader.line_num, fields


def _json_rows(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except ValueError as error:
            raise ImportFileError(f"{path}, line {number}: not JSON ({error}).") from error
        if not isinstance(fields, dict) or not set(fields) <= set(_FIELDS):
            raise ImportFileError(
                f"{path}, line {number}: write an object with question, answer and, if you like, tags."
            )
        yield number, fields


def _row(path: Path, line: int, fields: Mapping[str, object]) -> FaqRow:
    question, answer = fields.get("question"), fields.get("answer")
    for name, value in (("question", question), ("answer", answer)):
        if not isinstance(value, str) or not value.strip():
            raise ImportFileError(f"{path}, line {line}: no {name}. Give it one, or remove the line.")
    assert isinstance(question, str)
    assert isinstance(answer, str)
    return FaqRow(line, question, answer, _tags(path, line, fields.get("tags") or ()))


def _tags(path: Path, line: int, value: object) -> frozenset[str]:
    names = value.split(";") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ImportFileError(
            f"{path}, line {line}: tags={value!r} is neither text separated by ';' nor a list of texts."
        )
    return frozenset(name.strip() for name in names if name.strip())
