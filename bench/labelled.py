"""The labelled sets that lie beside the project, as pairs and clusters of plain texts; which of them are missing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CLUSTERS", "MAY_BE_COPIED", "PAIRS", "Pair", "Text", "missing", "read_clusters", "read_pairs"]

PAIRS = {
    "checklist_qqp": "en", "covid_qsim": "en", "qqp": "en", "text2sql_advising": "en", "text2sql_geography": "en",
    "pawsx_en": "en", "stsb_en": "en", "kor_qpair": "ko", "parakqc_pairs": "ko", "pawsx_ko": "ko", "korsts": "ko",
    "stsb_ru": "ru", "stsb_pt": "pt", "assin_pt": "pt", "stsb_es": "es", "pawsx_es": "es", "tatoeba_xl": "mixed",
}  # fmt: skip
CLUSTERS = {
    "parakqc": "ko", "qqp_clusters": "en", "stackfaq_clusters": "en", "rasa_faq_clusters": "en",
    "smilestyle_q": "ko", "xquad_q": "mixed",
}  # fmt: skip
MAY_BE_COPIED = frozenset(
    {
        "assin_pt", "checklist_qqp", "covid_qsim", "kor_qpair", "korsts", "parakqc", "parakqc_pairs", "pawsx_en",
        "pawsx_es", "pawsx_ko", "stackfaq_clusters", "stsb_en", "stsb_es", "stsb_pt", "stsb_ru", "text2sql_advising",
        "xquad_q",
    }
)  # fmt: skip
"""Sets whose licence lets an example stand in the project; texts of the others stay in bench/out."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions, and whether one answer serves both."""

    one: str
    other: str
    same: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A question and the cluster of those that mean the same; the same words in two languages are two clusters."""

    text: str
    cluster: str
    language: str


def missing(data: Path) -> list[str]:
    """The sets that have no table in `data`."""
    return [name for name in (*PAIRS, *CLUSTERS) if not any((data / name).glob("*.tsv"))]


def read_pairs(data: Path, name: str) -> list[Pair]:
    return [Pair(row["q1"], row["q2"], row["label"] == "1") for row in _rows(data / name)]


def read_clusters(data: Path, name: str) -> list[Text]:
    language = CLUSTERS[name]
    return [Text(row["text"], row["cluster_id"], row.get("lang") or language) for row in _rows(data / name)]


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
