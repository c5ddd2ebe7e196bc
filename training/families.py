"""Families of questions: close meanings of one topic, each in several wordings, written one by one in five languages.

A file of `training/families` holds blocks: a line `## topic`, then lines `N wording`. Wordings with one number want one
answer; wordings with different numbers want different ones. Written for this project (Apache-2.0).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

from training.examples import Example

__all__ = ["FOLDER", "Family", "family_pairs", "read_families"]

FOLDER = Path(__file__).with_name("families")
_LINE = re.compile(r"(\d)\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Family:
    """One topic: meanings, each a tuple of wordings."""

    topic: str
    language: str
    meanings: tuple[tuple[str, ...], ...]


def read_families(folder: Path = FOLDER) -> list[Family]:
    """Every family of every file; a file's name starts with its language.

    Raises:
        ValueError: A line is neither a topic nor a numbered wording of one, or comes twice.
    """
    return [one for path in sorted(folder.glob("*.txt")) for one in _families(path)]


def _families(path: Path) -> Iterator[Family]:
    language = path.stem[:2]
    topics: dict[str, dict[str, list[str]]] = {}
    meanings: dict[str, list[str]] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            topic = f"{path.stem}/{line[3:].strip()}"
            if topic in topics:
                raise ValueError(f"{path.name}, line {number}: the topic {topic!r} is there already; name it otherwise")
            meanings = topics[topic] = {}
        elif (match := _LINE.fullmatch(line.strip())) and meanings is not None:
            if any(match[2] in wordings for wordings in meanings.values()):
                raise ValueError(f"{path.name}, line {number}: {match[2]!r} is there already; write it once a topic")
            meanings.setdefault(match[1], []).append(match[2])
        elif line.strip():
            raise ValueError(f"{path.name}, line {number}: {line!r} is neither '## topic' nor 'N wording' below one")
    for topic, wordings in topics.items():
        yield Family(topic, language, tuple(map(tuple, wordings.values())))


def family_pairs(families: Iterable[Family], differing: float, rng: random.Random) -> Iterator[Example]:
    """All pairs of one meaning, and `differing` times as many of two meanings of one topic."""
    for family in families:
        source = f"families_{family.language}"
        same = [pair for wordings in family.meanings for pair in combinations(wordings, 2)]
        other = [pair for here, there in combinations(family.meanings, 2) for pair in product(here, there)]
        chosen = rng.sample(other, min(len(other), round(differing * len(same))))
        for pairs, label in ((same, True), (chosen, False)):
            yield from (Example(*pair, label, source, family.topic, family.language, "family") for pair in pairs)
