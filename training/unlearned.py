"""Texts that nothing may be learned from, because a set that is measured holds them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from training.asked import asked_pairs
from training.clusters import spoken
from training.evaluate_sets import CLUSTER_SETS, shipped_pairs
from training.examples import MEASURED_ONLY, SETS, Example, family_of, pair_sets, part_of

__all__ = ["DRAWN_FROM", "Unlearned"]

_ROOT = Path(__file__).parents[1]
_STREAMS = (*CLUSTER_SETS, "qqp_clusters")
DRAWN_FROM = {"parakqc": "parakqc_pairs"}
"""List → the measured set that was drawn from it."""


class Unlearned:
    """The texts of every measured set, as `spoken`.

    Args:
        data: The labelled sets.
        contrast: Contrast pairs that are measured.
    """

    def __init__(self, data: Path, contrast: Iterable[Example]) -> None:
        self._all: dict[str, set[str]] = {}
        self._kept_back: dict[str, set[str]] = {}
        for one in _labelled(data, contrast):
            self._add(self._all, one)
            if part_of(one.source, one.group) != "train":
                self._add(self._kept_back, one)
        for name in _STREAMS:
            with (data / name / "dev.tsv").open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                self._all[name] = {spoken(row["text"]) for row in rows}

    def of(self, source: str) -> set[str]:
        """What a source must not teach: all texts of other measured sets, and those of its own that are kept back."""
        own = DRAWN_FROM.get(source, source)
        family = family_of(own)
        others = [texts for name, texts in self._all.items() if family_of(name) != family]
        kept_back = [texts for name, texts in self._kept_back.items() if family_of(name) == family]
        return set().union(*others, *kept_back)

    def kept_back(self, source: str) -> set[str]:
        """Texts that stand in the parts of its own set that are not learned from."""
        return self._kept_back.get(DRAWN_FROM.get(source, source), set())

    @staticmethod
    def _add(texts: dict[str, set[str]], one: Example) -> None:
        texts.setdefault(one.source, set()).update((spoken(one.one), spoken(one.other)))


def _labelled(data: Path, contrast: Iterable[Example]) -> Iterator[Example]:
    yield from pair_sets(data, [*SETS, *MEASURED_ONLY])
    yield from shipped_pairs(_ROOT)
    yield from asked_pairs()
    yield from contrast
