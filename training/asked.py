"""Pairs of questions as they stand beside one another in use, two a topic, labelled by those who wrote them.

A line of `training/asked/LANGUAGE_*.tsv` is `label TAB question TAB other TAB topic`; label 1: the answer to one is
completely right for the other. Written for this project in five languages (Apache-2.0), half of the pairs right, and
judged once more by readers who did not see the labels (README.md). No pair model learns from them: they
fit the small models and prove budgets, and three tenths of the topics measure.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from training.examples import ASKED, Example

__all__ = ["FOLDER", "asked_pairs"]

FOLDER = Path(__file__).with_name("asked")
_FIELDS = 4


def asked_pairs(folder: Path = FOLDER) -> list[Example]:
    """Every pair of every file; a file's name starts with its language.

    Raises:
        ValueError: A line is not of that form.
    """
    return [one for path in sorted(folder.glob("*.tsv")) for one in _pairs(path)]


def _pairs(path: Path) -> Iterator[Example]:
    language = path.stem[:2]
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if len(row) != _FIELDS or row[0] not in ("0", "1") or not all(field.strip() for field in row):
                raise ValueError(f"{path.name}, line {number}: not 'label TAB question TAB other TAB topic': {row}")
            label, one, other, topic = row
            yield Example(one, other, label == "1", f"{ASKED}_{language}", f"{path.stem}/{topic}", language)
