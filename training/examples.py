"""What the verifier learns from: labelled pairs, clusters and question lists, each with its licence and its group.

`SETS` and `question_lists` hold only what may be learned from; sets that are not in them can be read to be measured.
What each brings, and why others are left out, is in training/README.md. A group (connected questions, cluster, topic,
template) is wholly in one part.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

__all__ = [
    "MEASURED_ONLY",
    "SETS",
    "Example",
    "Part",
    "dealt",
    "family_of",
    "grouped",
    "pair_sets",
    "part_of",
    "question_lists",
]

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
    """A set of labelled pairs. `most`: so many of its pairs are learned from; `keep`: which rows may be; `family`: sets
    of one family hold the same pairs in several languages, and are grouped together."""

    language: str
    licence: str
    most: int
    group: Callable[[dict[str, str]], str] = lambda _: ""
    keep: Callable[[dict[str, str]], bool] = lambda _: True
    family: str = ""


def _pawsx(language: str) -> PairSet:
    return PairSet(language, "PAWS", 200, lambda row: row["pair_id"], family="pawsx")


SETS: dict[str, PairSet] = {
    # Rows named "real" start from Quora's text, whose terms do not let it be used for what ships. Asymmetric relations
    # (is Kevin lying to Isabella, is Isabella lying to Kevin) are labelled as the same there, against their own name.
    "checklist_qqp": PairSet(
        "en",
        "MIT",
        4000,
        lambda row: row["test"],
        lambda row: row["test"].startswith("template") and "asymmetric" not in row["test"],
    ),
    "parakqc_pairs": PairSet("ko", "CC-BY-SA-4.0", 5000),
    "text2sql_advising": PairSet("en", "CC-BY-4.0", 4000),
    "kor_qpair": PairSet("ko", "MIT", 2000),
    "pawsx_en": _pawsx("en"),
    "pawsx_ko": _pawsx("ko"),
    "pawsx_es": _pawsx("es"),
}
MEASURED_ONLY = {"qqp": "en", "text2sql_geography": "en", "covid_qsim": "en", "assin_pt": "pt"}
"""Set → its language. Weights that ship may not be made of them, or nothing says that they may, or they are too few."""


ASKED = "asked"
"""Family of the pairs of `training/asked`, on which no pair model is trained."""
_PARTS = {"families": (8, 9), ASKED: (0, 7)}


def part_of(source: str, group: str) -> Part:
    """60 % of the groups are learned from, 20 % fit the rule, 20 % measure it; of the families 80, 10 and 10 %, and of
    what is asked 0, 70 and 30 %."""
    family = SETS[source].family if source in SETS else ""
    place = dealt(f"{family or source}\0{group}", 10)
    learned, fitted = _PARTS.get(family_of(source), (6, 8))
    return "train" if place < learned else "fit" if place < fitted else "test"


def dealt(name: str, parts: int) -> int:
    """Which of so many parts a name falls into, always the same one."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % parts


def pair_sets(data: Path, names: Iterable[str] = SETS) -> Iterator[Example]:
    """Every labelled pair of the sets, with its group."""
    for name in names:
        family = SETS[name].family if name in SETS else ""
        kin = [one for one, spec in SETS.items() if family and spec.family == family] or [name]
        together = grouped(one for member in kin for one in _read(data, member))
        yield from (one for one in together if one.source == name)


def _read(data: Path, name: str) -> Iterator[Example]:
    spec = SETS.get(name) or PairSet(MEASURED_ONLY[name], "measured only", 0)
    for row in _rows(data / name):
        if spec.keep(row):
            group, kind = spec.group(row), row.get("test", "")
            yield Example(row["q1"], row["q2"], row["label"] == "1", name, group, spec.language, kind)


def question_lists(data: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """(source, language, text, answer's name, neighbourhood) of lists: other names want other answers.

    Near misses are looked for inside a neighbourhood.
    """
    for name in ("banking77", "clinc150"):
        for row in _rows(data / name):
            yield name, "en", row["text"], row["intent"], ""
    for row in _rows(data / "xquad_q"):
        yield "xquad_q", row["lang"], row["text"], row["cluster_id"], row["lang"] + row["paragraph"]
    for row in _rows(data / "parakqc"):
        yield "parakqc", "ko", row["text"], row["cluster_id"], row["topic"]
    with (data / "chatbot_ko" / "dev.jsonl").open(encoding="utf-8") as file:
        for line in file:
            answered = json.loads(line)
            yield "chatbot_ko", "ko", answered["question"], answered["answer"], ""


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "dev.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def grouped(examples: Iterable[Example]) -> Iterator[Example]:
    """Connected questions share a group; so do pairs that name one."""
    examples = list(examples)
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


def family_of(source: str) -> str:
    """What a set is one of: those of a family are of one kind, or one text in several languages."""
    if source.startswith(("contrast", "families", ASKED)):
        return source.split("_", maxsplit=1)[0]
    return (SETS[source].family if source in SETS else "") or source
