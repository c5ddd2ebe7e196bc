"""Labelled pairs: two questions, and whether one answer serves both. Read from CSV or TSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from semantic_cache.tuning.errors import PairsFileError

__all__ = ["SHIPPED_PAIRS", "LabelledPair", "read_pairs"]

SHIPPED_PAIRS = Path(__file__).with_name("pairs.csv")
"""Pairs of a shop's questions in English, Korean, Russian, Portuguese and Spanish, about half of them the same."""

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_NEEDED = ("question", "other", "same")
_COLUMNS = (*_NEEDED, "language", "group", "at")
_LABELS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two questions with a person's judgement.

    Args:
        question, other: The texts as a user would type them.
        same: Whether one answer is right for both.
        language: As the file says, or "" where it says nothing.
        group: The topic; pairs of one topic are never split. "" where the file names none.
        at: When it was asked, in seconds since 1970; None where the file does not say.
        line: Where the pair ends in its file, from 1; 0 for a pair that comes from no file.
    """

    question: str
    other: str
    same: bool
    language: str = ""
    group: str = ""
    line: int = 0
    at: float | None = None


def read_pairs(path: Path) -> tuple[LabelledPair, ...]:
    """Read every pair, or none: a file with a wrong line is refused whole.

    The columns are `question`, `other` and `same` (1/0, true/false, yes/no); `language`, `group` and `at` may be there
    too. `at` is when the question came, such as 2026-11-21 or 2026-11-21T09:30:00+01:00 (UTC where no offset is given),
    in every line or in none.

    Raises:
        PairsFileError: The file is missing, not UTF-8, of another kind, lacks a column, holds a bad or contradicting
            label, an empty value, no pair at all, only one of the two labels, or times in some lines only.
    """
    if path.suffix.lower() not in _DELIMITERS:
        raise PairsFileError(f"{path}: the ending {path.suffix!r} is neither .csv nor .tsv.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            pairs = tuple(_rows(path, file))
    except OSError as error:
        raise PairsFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PairsFileError(
            f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8 and read it again."
        ) from error
    except csv.Error as error:
        raise PairsFileError(f"{path} is not a table that can be read: {error}.") from error
    _check_labels(path, pairs)
    return pairs


def _rows(path: Path, file: Iterable[str]) -> Iterator[LabelledPair]:
    reader = csv.DictReader(file, delimiter=_DELIMITERS[path.suffix.lower()], strict=True)
    reader.fieldnames = _checked_columns(path, reader.fieldnames or ())
    for fields in reader:
        if None in fields:
            raise PairsFileError(
                f"{path}, line {reader.line_num}: more values than columns. Quote values that hold the separator."
            )
        yield _pair(path, reader.line_num, fields)


def _checked_columns(path: Path, names: Iterable[str]) -> list[str]:
    columns = [name.strip().lower() for name in names]
    if not columns:
        raise PairsFileError(f"{path} is empty; its first line must name the columns {', '.join(_NEEDED)}.")
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise PairsFileError(f"{path} has the columns {columns}; the column {missing[0]!r} is missing.")
    strange = [name for name in columns if name not in _COLUMNS or columns.count(name) > 1]
    if strange:
        raise PairsFileError(
            f"{path} has the column {strange[0]!r} that is not used here, or has it twice. Keep {', '.join(_COLUMNS)}."
        )
    return columns


def _pair(path: Path, line: int, fields: Mapping[str, str | None]) -> LabelledPair:
    values = {name: (value or "").strip() for name, value in fields.items()}
    for name in _NEEDED:
        if not values[name]:
            raise PairsFileError(f"{path}, line {line}, column {name!r}: no value. Give it one, or remove the line.")
    label = _LABELS.get(values["same"].lower())
    if label is None:
        raise PairsFileError(
            f"{path}, line {line}, column 'same': {values['same']!r} is not a label. "
            "Write 1 where one answer serves both questions, else 0."
        )
    return LabelledPair(
        question=values["question"],
        other=values["other"],
        same=label,
        language=values.get("language", ""),
        group=values.get("group", ""),
        line=line,
        at=_time(path, line, values["at"]) if values.get("at") else None,
    )


def _time(path: Path, line: int, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise PairsFileError(
            f"{path}, line {line}, column 'at': {text!r} is no date. Write it like 2026-11-21 or 2026-11-21T09:30:00."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _check_labels(path: Path, pairs: tuple[LabelledPair, ...]) -> None:
    if not pairs:
        raise PairsFileError(f"{path} names its columns and holds no pair.")
    for same, word in ((True, "1 (same meaning)"), (False, "0 (another meaning)")):
        if not any(pair.same is same for pair in pairs):
            raise PairsFileError(f"{path}: none of its {len(pairs)} pairs is labelled {word}; both labels are needed.")
    without = next((pair for pair in pairs if pair.at is None), None)
    if without is not None and any(pair.at is not None for pair in pairs):
        raise PairsFileError(f"{path}, line {without.line}, column 'at': no time. Give every line one, or none.")
    seen: dict[frozenset[str], LabelledPair] = {}
    for pair in pairs:
        first = seen.setdefault(frozenset((pair.question, pair.other)), pair)
        if first.same is not pair.same:
            raise PairsFileError(
                f"{path}, line {pair.line}, column 'same': {pair.question!r} and {pair.other!r} "
                f"have the other label on line {first.line}. Keep one of the two lines."
            )
