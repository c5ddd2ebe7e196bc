"""Serve it only if it is right: the verifier beside cosine thresholds and other caches' rules, on the same pairs.

    python bench/matching.py [--data ../shared/data] [--streams 1200]

Pairs: of the sets that the pair model was trained on only other groups count, and each of them is measured once more
by models that never saw the set. Streams: questions of duplicate clusters with Zipf repetition, none trained on, asked
of the product itself. Budgets: on other groups, and on sets that come later than those the rule was fitted on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from labelled import missing
from machine import describe, write
from matching_budgets import budgets_over_splits
from matching_cosine import BUDGETS, CosineCut, cosine_cuts, cosines, rule_values
from matching_pairs import Cuts, by_set, in_band, likelihoods, traps
from matching_pooled import pooled
from matching_product import steps
from matching_streams import stream_figures
from matching_tables import tables
from matching_time import budgets_over_time
from matching_times import times
from matching_traps import hard_pairs
from numpy.typing import NDArray

from normalize import Normalizer
from semantic_cache.encoder import Encoder
from semantic_cache.encoder.opened import open_encoder, packed_weights
from semantic_cache.matching import Budget
from semantic_cache.matching.shipped import shipped_cut_table
from training.examples import SETS, part_of
from training.fit import BOTH, NEVER_SAW, all_examples, needed, pair_models
from training.scoring import Scored, score

ROOT = Path(__file__).parents[1]
LEARNED_FROM = frozenset(SETS)
_WRITTEN = ("asked", "contrast", "families")
_UNSEEN = "verifier, set never seen"


def pairs(scored: Scored, cosine: tuple[CosineCut, ...]) -> dict[str, Any]:
    """Figures by set, those of the traps, and what budgets are worth on pairs that were not fitted on."""
    shipped = json.loads((ROOT / "semantic_cache" / "matching" / "verifier.json").read_text("utf-8"))
    verifier = {budget: shipped_cut_table().cut(Budget(budget)) for budget in BUDGETS}
    cuts = Cuts({budget: cut.probability for budget, cut in verifier.items()}, cosine)
    sources = np.array([one.source for one in scored.examples])
    # Parts "fit" chose the weights, also of sets that no pair model was trained on.
    fitted = np.array([part_of(one.source, one.group) == "fit" for one in scored.examples])
    written = [name for name in set(sources) if name.startswith(_WRITTEN)]
    measured = ~(fitted & np.isin(sources, [*SETS, *written]))
    contrast = np.array([one.source.startswith("contrast") for one in scored.examples])
    trap = scored.take(contrast & measured)
    seeing = {
        "features": likelihoods(scored, shipped, None),
        "verifier": (verified := likelihoods(scored, shipped, BOTH)),
    }
    by_rule = {**seeing, _UNSEEN: _never_saw(scored, sources, verified)}
    return {
        "rules": {f"verifier for {budget:.0%}": rule_values(cut) for budget, cut in verifier.items()}
        | {one.name: rule_values(one.cut) for one in cosine},
        "sets": {
            name: set_figures(name, scored, (sources == name) & measured, by_rule, cuts)
            for name in sorted(set(sources.tolist()))
        },
        "hard pairs": hard_pairs(scored, measured, {"cosine": cosines(scored), **seeing}, shipped_cut_table()),
        "one threshold for all": pooled(scored, measured, by_rule, cuts),
        "traps": traps(trap, verified[contrast & measured], verifier[Budget().wrong_hits].probability or 2.0),
        "in band": in_band(scored, shipped),
        "budgets": budgets_over_splits(scored, BOTH),
        "budgets over time": budgets_over_time(scored, BOTH),
    }


def _never_saw(scored: Scored, sources: NDArray[np.str_], verified: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) float64: of every set by models that never saw it; of what was written for the project other groups only."""
    out = verified.copy()
    for name, model in NEVER_SAW.items():
        rows = sources == name
        # `python -m training.fit` writes one for each set that a pair model never saw.
        values = json.loads((ROOT / "training" / "unseen" / f"{name}.json").read_text("utf-8"))
        out[rows] = likelihoods(scored.take(rows), values, model)
    return out


def set_figures(
    name: str, scored: Scored, chosen: NDArray[np.bool_], by_rule: dict[str, NDArray[np.float64]], cuts: Cuts
) -> dict[str, Any]:
    """One set under every rule, and under one that never saw it where the pair models learned from it."""
    rules = {rule: score[chosen] for rule, score in by_rule.items() if rule != _UNSEEN or name in NEVER_SAW}
    seen = name in LEARNED_FROM or name.startswith(_WRITTEN)
    return {**by_set(scored.take(chosen), rules, cuts), "seen in training": seen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--streams", type=int, default=1200, help="requests of a stream")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    if absent := missing(options.data):
        print(f"Missing: {', '.join(absent)}")
    encoder, normalizer = Encoder(packed_weights(), threads=2), Normalizer()
    models = pair_models(encoder)
    scored = score(all_examples(options.data, encoder), encoder, models, needed, ROOT / "training" / "out")
    alone = open_encoder()  # of one thread, and the product's own
    cosine = cosine_cuts(scored)
    streams, asked = stream_figures(options.data, alone, cosine, options.streams)
    result = {
        **describe("onnxruntime", "rapidfuzz", "scikit-learn"),
        "pairs": pairs(scored, cosine),
        "streams": streams,
        "lookups": steps(asked),
        "milliseconds": times(scored.examples, alone, pair_models(alone)[BOTH], normalizer),
    }
    print(write("matching", result))
    print(tables(result))


if __name__ == "__main__":
    main()
