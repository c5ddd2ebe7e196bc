"""What the verifier learns from: labelled pairs, clusters and question lists, each with its licence and its group.

Only sets whose licence lets weights ship are read here; what each brings, and why others are left out, is in
training/README.md. A group (connected questions, cluster, topic, template) is wholly in one part.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

__all__ = ["SETS", "Example", "Part", "pair_sets", "part_of", "question_lists"]

Part = Literal["train", "fit", "test"]


@dataclass(frozen=True, slots=True)
class Example:
    """Two questions, whether one answer serves both, and where they come from."""

    one: str
    other: str
    same: bool
    source: str
    group: str
    language: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PairSet:
    """A set of labelled pairs. `most`: so many of its pairs are learned from; `keep`: which rows may be."""

    language: str
    licence: str
    most: int
    group: Callable[[dict[str, str]], str] = lambda _: ""
    keep: Callable[[dict[str, str]], bool] = lambda _: True


SETS: dict[str, PairSet] = {
    # Rows named "real" start from Quora's text, whose terms do not let it be used for what ships.
    "checklist_qqp": PairSet(
        "en", "MIT", 4000, lambda row: row["test"], lambda row: row["test"].startswith("template")
    ),
    "parakqc_pairs": PairSet("ko", "CC-BY-SA-4.0", 5000),
    "text2sql_advising": PairSet("en", "CC-BY-4.0", 4000),
    "kor_qpair": PairSet("ko", "MIT", 2000),
    "pawsx_en": PairSet("en", "PAWS", 200),
    "pawsx_ko": PairSet("ko", "PAWS", 200),
    "pawsx_es": PairSet("es", "PAWS", 200),
    "assin_pt": PairSet("pt", "Apache-2.0", 300),
}


def part_of(source: str, group: str) -> Part:
    """60 % of the groups are learned from, 20 % fit the rule, 20 % measure it."""
    place = int(hashlib.sha256(f"{source}\0{group}".encode()).hexdigest()[:8], 16) % 10
    return "train" if place < 6 else "fit" if place < 8 else "test"


def pair_sets(data: Path, names: Iterable[str] = SETS) -> Iterator[Example]:
    """Every labelled pair of the sets, with its group."""
    for name in names:
        spec = SETS.get(name) or PairSet("en", "measured only", 0)
        rows = [row for row in _rows(data / name) if spec.keep(row)]
        examples = [
            Example(
                row["q1"], row["q2"], row["label"] == "1", name, spec.group(row), spec.language, row.get("test", "")
            )
            for row in rows
        ]
        yield from _grouped(examples)


def question_lists(data: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """(source, language, text, answer's name, neighbourhood) of lists: other names want other answers.

    Near misses are looked for inside a neighbourhood.
    """
    for name in ("banking77", "clinc150"):
        for row in _rows(data / name):
            yield name, "en", row["text"], row["intent"], ""
    for row in _rows(data / "xquad_q"):
        yield "xquad_q", row["lang"], row["text"], row["cluster_id"], row["lang"] + row["paragraph"]
    for name, language in (("bank_faq", "en"), ("chatbot_ko", "ko")):
        with (data / name / "dev.jsonl").open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                yield name, language, row["question"], row["answer"], ""


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "dev.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _grouped(examples: list[Example]) -> Iterator[Example]:
    """Connected questions share a group; so do rows whose set names one."""
    roots: dict[str, str] = {}

    def root(text: str) -> str:
        while roots.setdefault(text, text) != text:
            roots[text] = roots[roots[text]]
            text = roots[text]
        return text

    for one in examples:
        roots[root(one.one)] = root(one.other)
        if one.group:
            roots[root(one.one)] = root(f"\0{one.group}")
    for one in examples:
        yield replace(one, group=root(one.one))
