"""How much of what is learned from: labelled pairs, pairs out of question lists, contrast pairs made by rules."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from normalize import Normalizer
from training.clusters import spoken
from training.contrast import contrast_pairs
from training.examples import SETS, Example, pair_sets, part_of, question_lists
from training.families import family_pairs, read_families
from training.natural import LISTS, Row, list_pairs
from training.refusals import Refusals
from training.states import States
from training.unlearned import DRAWN_FROM, Unlearned

__all__ = ["CONTRAST", "DIFFERING", "MEASURED_CONTRAST", "Mix", "contrast_examples", "training_mix"]

CONTRAST = {"en": 20_000, "ko": 20_000, "ru": 7_000, "pt": 7_000, "es": 7_000}
MEASURED_CONTRAST = (0, 0.08)
"""Seed and scale of the contrast pairs that are fitted on and measured."""
_CONTRAST_SHARE = 0.6  # of CONTRAST: more of it teaches the templates
DIFFERING = 1.3
"""Pairs of two meanings for every pair of one, of the families."""
_REFUSED_KEPT = 0.3  # of the contrast pairs that differ and that a guard refuses anyway


@dataclass(frozen=True, slots=True)
class Mix:
    """What a pair model is trained on.

    Args:
        seed: Of every choice.
        scale: Share of the usual number of contrast pairs and pairs out of lists.
        left_out: Labelled sets that it does not learn from, nor from the lists that they were drawn from.
        families: Share of the pairs of the families of close questions.
        whole: Files of families (`en_aj`) of which all pairs that may be learned are, whatever the share.
    """

    seed: int
    scale: float
    left_out: frozenset[str]
    families: float = 1.0
    whole: frozenset[str] = frozenset()


def training_mix(data: Path, states: States, mix: Mix) -> list[Example]:
    """Every pair that is learned from, with the states of its texts prepared."""
    rng, refused = random.Random(mix.seed), Refusals(Normalizer())
    unlearned = Unlearned(data, contrast_examples(*MEASURED_CONTRAST))
    mixed: list[Example] = []
    for source in SETS:
        if source not in mix.left_out:
            mixed += _some(_learned(list(pair_sets(data, [source])), unlearned), SETS[source].most, rng)
    if mix.families or mix.whole:
        close = _learned(list(family_pairs(read_families(), DIFFERING, random.Random(mix.seed))), unlearned)
        close, drawn_from = _parted(close, lambda one: one.group.partition("/")[0] in mix.whole)
        close += _some(drawn_from, int(mix.families * len(drawn_from)), rng)
        states.prepare({text for one in close for text in (one.one, one.other)}, "families")
        mixed += close
    contrast = _learned(contrast_examples(mix.seed, _CONTRAST_SHARE * mix.scale), unlearned)
    mixed += [one for one in contrast if one.same or not refused(one.one, one.other) or rng.random() < _REFUSED_KEPT]
    rows = [row for row in question_lists(data) if DRAWN_FROM.get(row[0], row[0]) not in mix.left_out]
    states.prepare({text for _, _, text, _, _ in rows}, "lists", vectors=True)
    for source, taken in LISTS.items():
        mine = _learned_rows([row for row in rows if row[0] == source], unlearned)
        counts = {name: int(getattr(taken, name) * mix.scale) for name in ("misses", "rephrasings", "copies")}
        mixed += list_pairs(mine, states.vectors, replace(taken, **counts), refused, rng) if mine else []
    states.prepare({text for one in mixed for text in (one.one, one.other)}, f"pairs{mix.seed}")
    return mixed


def contrast_examples(seed: int, scale: float = 1.0) -> list[Example]:
    """Pairs made by rules, in five languages."""
    return [
        Example(pair.one, pair.other, pair.same, f"contrast_{language}", pair.group, language, pair.kind)
        for language, count in CONTRAST.items()
        for pair in contrast_pairs(language, int(count * scale), seed)
    ]


def _parted(examples: list[Example], wanted: Callable[[Example], bool]) -> tuple[list[Example], list[Example]]:
    return [one for one in examples if wanted(one)], [one for one in examples if not wanted(one)]


def _learned(examples: list[Example], unlearned: Unlearned) -> list[Example]:
    """Those of the part that is learned from, without texts that are measured."""
    kept_away = {source: unlearned.of(source) for source in {one.source for one in examples}}
    return [
        one
        for one in examples
        if part_of(one.source, one.group) == "train"
        and kept_away[one.source].isdisjoint((spoken(one.one), spoken(one.other)))
    ]


def _learned_rows(rows: list[Row], unlearned: Unlearned) -> list[Row]:
    """Without texts that are measured, and of what a measured set was drawn from, without whole answers it holds."""
    if not rows:
        return []
    source = rows[0][0]
    kept_away, kept_back = unlearned.of(source), unlearned.kept_back(source)
    held = {name for _, _, text, name, _ in rows if spoken(text) in kept_back}
    return [row for row in rows if row[3] not in held and spoken(row[2]) not in kept_away]


def _some(examples: list[Example], most: int, rng: random.Random) -> list[Example]:
    return rng.sample(examples, min(len(examples), most))
