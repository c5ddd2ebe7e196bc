"""Clusters of questions that hold the same question are one: who wrote a second cluster did not know of the first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from scipy.cluster.hierarchy import DisjointSet

__all__ = ["joined", "spoken"]

_BESIDE_WORDS = re.compile(r"[\W_]+")


def spoken(text: str) -> str:
    """A text without case, marks and spaces: what makes two texts the same one here."""
    return _BESIDE_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


def joined(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The name under which each cluster is counted: the first name, by the alphabet, of those that it shares a question
    with, directly or through others.

    Args:
        rows: Text and cluster of each question.
    """
    rows = list(rows)
    clusters = DisjointSet(name for _, name in rows)
    first: dict[str, str] = {}
    for text, name in rows:
        if said := spoken(text):
            clusters.merge(first.setdefault(said, name), name)
    return {name: min(members) for members in clusters.subsets() for name in members}
