"""The sets that are measured, as examples with their group: labelled pairs, and pairs out of clusters."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from semantic_cache.encoder.encoder import Encoder
from training.clusters import joined
from training.examples import MEASURED_ONLY, Example, pair_sets

__all__ = ["CLUSTER_SETS", "UNSEEN_PAIRS", "cluster_pairs", "labelled", "shipped_pairs", "some_of"]

UNSEEN_PAIRS = MEASURED_ONLY
CLUSTER_SETS = {"stackfaq_clusters": "en", "rasa_faq_clusters": "en", "smilestyle_q": "ko"}
"""No model is trained on these."""


def labelled(data: Path, name: str, most: int, seed: int = 0) -> list[Example]:
    """The pairs of a set, at most so many by whole groups."""
    return some_of(list(pair_sets(data, [name])), most, seed)


def cluster_pairs(data: Path, name: str, encoder: Encoder, most: int, seed: int = 0) -> list[Example]:
    """Half of them two members of one cluster, half a member and one of its nearest in another cluster. Clusters that
    share a question are one."""
    rng = random.Random(seed)
    with (data / name / "dev.tsv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["text"], row["cluster_id"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    counted_as = joined(rows)
    rows = sorted({(text, counted_as[cluster]) for text, cluster in rows})
    members: dict[str, list[str]] = defaultdict(list)
    for text, cluster in rows:
        members[cluster].append(text)
    texts = [text for text, _ in rows]
    vectors = encoder.vectors(texts)
    made: list[Example] = []
    language = CLUSTER_SETS[name]
    for place in rng.sample(range(len(rows)), min(len(rows), most // 2)):
        text, cluster = rows[place]
        mates = [one for one in members[cluster] if one != text]
        if not mates:
            continue
        made.append(Example(text, rng.choice(mates), True, name, cluster, language))
        others = [row for row in np.argsort(-(vectors @ vectors[place])) if rows[row][1] != cluster][:3]
        made.append(Example(text, texts[rng.choice(others)], False, name, cluster, language))
    return made


def shipped_pairs(root: Path) -> Iterator[Example]:
    """The hard pairs that come with the project, labelled by one person; nothing is fitted on them."""
    with (root / "semantic_cache" / "tuning" / "pairs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Example(row["question"], row["other"], row["same"] == "1", "shipped", row["group"], row["language"])


def some_of(examples: list[Example], most: int, seed: int) -> list[Example]:
    """At most so many, and the rest of the last group, by whole groups that are drawn."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for one in examples:
        groups[one.group].append(one)
    names = sorted(groups)
    random.Random(seed).shuffle(names)
    out: list[Example] = []
    for name in names:
        if len(out) < most:
            out += groups[name]
    return out
