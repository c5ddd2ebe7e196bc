"""How much of what is learned from: labelled pairs, near misses out of question lists, contrast pairs made by rules."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from training.contrast import contrast_pairs
from training.examples import SETS, Example, pair_sets, part_of, question_lists
from training.states import States
from training.surface_noise import noisy

__all__ = ["contrast_examples", "training_mix"]

CONTRAST = {"en": 20_000, "ko": 20_000, "ru": 7_000, "pt": 7_000, "es": 7_000}
LISTS = {"banking77": 1500, "clinc150": 700, "xquad_q": 300, "bank_faq": 400, "chatbot_ko": 800}
_NEIGHBOURS = 4
_CHUNK = 512


def training_mix(data: Path, states: States, seed: int, scale: float, left_out: set[str]) -> list[Example]:
    """Every pair that is learned from, with the states of its texts prepared."""
    rng = random.Random(seed)
    mixed: list[Example] = []
    by_source: dict[str, list[Example]] = defaultdict(list)
    for one in pair_sets(data):
        by_source[one.source].append(one)
    for source, examples in by_source.items():
        learned = [one for one in examples if part_of(one.source, one.group) == "train"]
        if source not in left_out:
            mixed += rng.sample(learned, min(len(learned), int(SETS[source].most * scale)))
    mixed += [one for one in contrast_examples(seed, scale) if part_of(one.source, one.group) == "train"]
    lists = list(question_lists(data))
    states.prepare({text for _, _, text, _, _ in lists}, "lists", vectors=True)
    for source, most in LISTS.items():
        mixed += _near_misses([row for row in lists if row[0] == source], states, int(most * scale), rng)
    states.prepare({text for one in mixed for text in (one.one, one.other)}, "pairs")
    return mixed


def contrast_examples(seed: int, scale: float = 1.0) -> list[Example]:
    """Pairs made by rules, in five languages."""
    return [
        Example(pair.one, pair.other, pair.same, f"contrast_{language}", pair.group, language, pair.kind)
        for language, count in CONTRAST.items()
        for pair in contrast_pairs(language, int(count * scale), seed)
    ]


def _near_misses(
    rows: list[tuple[str, str, str, str, str]], states: States, most: int, rng: random.Random
) -> list[Example]:
    """Each question with one of the nearest that want another answer; as many with a noisy copy of itself."""
    rng.shuffle(rows)
    rows = rows[: 4 * most]
    vectors = states.vectors(text for _, _, text, _, _ in rows)
    made: list[Example] = []
    for start in range(0, min(len(rows), most), _CHUNK):
        near = vectors[start : start + _CHUNK] @ vectors.T
        for row in range(min(_CHUNK, most - start)):
            source, language, text, name, place = rows[start + row]
            others = [
                other for other in np.argsort(-near[row])[:60] if rows[other][3] != name and rows[other][4] == place
            ]
            if others:
                other = rows[rng.choice(others[:_NEIGHBOURS])][2]
                made.append(Example(text, other, False, source, name, language, "near miss"))
                made.append(Example(text, noisy(text, language, rng), True, source, name, language, "noise"))
    return made
