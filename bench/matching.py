"""Serve it only if it is right: the verifier beside cosine thresholds and other caches' rules, on the same pairs.

    python bench/matching.py [--data ../shared/data] [--streams 1200]

Pairs: of the sets that the pair model was trained on only other groups count, and each of them is measured once more
by models that never saw the set. Streams: questions of duplicate clusters with Zipf repetition, none trained on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from labelled import missing
from machine import describe, spread, write
from matching_pairs import budget_over_splits, by_set, in_band, likelihoods, traps
from matching_streams import stream_figures

from normalize import Normalizer
from semantic_cache.encoder import Encoder, PairEnsemble, WordVectors, shipped_adapters
from semantic_cache.encoder.opened import packed_weights
from semantic_cache.matching import Budget, Compared, veto
from semantic_cache.matching.features import features
from semantic_cache.matching.shipped import shipped_cut_table
from semantic_cache.matching.verifier import align
from training.examples import SETS, part_of
from training.fit import NEVER_SAW, all_examples
from training.scoring import Scored, score

ROOT = Path(__file__).parents[1]
LEARNED_FROM = frozenset(SETS)
BOTH = "1+2"


def pairs(scored: Scored) -> dict[str, Any]:
    """Figures by set, and those of the traps."""
    shipped = json.loads((ROOT / "semantic_cache" / "matching" / "verifier.json").read_text("utf-8"))
    cut = shipped_cut_table().cut(Budget())
    sources = np.array([one.source for one in scored.examples])
    # Parts "fit" chose the weights, also of sets that no pair model was trained on.
    fitted = np.array([part_of(one.source, one.group) == "fit" for one in scored.examples])
    measured = ~(fitted & np.isin(sources, [*SETS, *(name for name in set(sources) if name.startswith("contrast"))]))
    result: dict[str, Any] = {"default budget": {"cut": cut.probability, "upper bound": cut.upper}, "sets": {}}
    for name in sorted(set(sources.tolist())):
        part = scored.take((sources == name) & measured)
        rules = {"features": likelihoods(part, shipped, None), "verifier": likelihoods(part, shipped, BOTH)}
        # `python -m training.fit` writes one for each set that an adapter never saw.
        if name in NEVER_SAW and (values := ROOT / "training" / "unseen" / f"{name}.json").exists():
            unseen = json.loads(values.read_text("utf-8"))
            rules["verifier, set never seen"] = likelihoods(part, unseen, NEVER_SAW[name])
        row = by_set(part, rules, cut.probability)
        row["seen in training"] = name in LEARNED_FROM or name.startswith("contrast")
        result["sets"][name] = row
    trap = scored.take(np.array([one.source.startswith("contrast") for one in scored.examples]) & measured)
    result["traps"] = traps(trap, likelihoods(trap, shipped, BOTH), cut.probability or 2.0)
    result["in band"] = in_band(scored, shipped)
    result["budgets"] = [budget_over_splits(scored, BOTH, wrong) for wrong in (0.01, 0.02, 0.05)]
    return result


def times(scored: Scored, model: PairEnsemble, encoder: Encoder, normalizer: Normalizer) -> dict[str, Any]:
    """Milliseconds of each step, on one thread; no text is met twice."""
    words = WordVectors(encoder.packed, encoder.pieces)
    rows: dict[str, list[float]] = {"embedding": [], "guards": [], "features": [], "pair model": []}
    some = [
        one for one in scored.examples if 15 <= len(one.one) <= 60 and one.source in ("qqp", "shipped", "kor_qpair")
    ]
    for one in some[:300]:
        asked, stored = normalizer(one.one), normalizer(one.other)
        here, there = (Compared(side.facts, side.key, side.language, side.text) for side in (asked, stored))
        started = perf_counter()
        vector = encoder.vectors([asked.text])[0]
        rows["embedding"].append(perf_counter() - started)
        started = perf_counter()
        veto(here, there, verified=True)
        rows["guards"].append(perf_counter() - started)
        started = perf_counter()
        features(here, there, float(vector @ vector), align(words, here, there))
        rows["features"].append(perf_counter() - started)
        started = perf_counter()
        model.logits([(asked.text, stored.text)])
        rows["pair model"].append(perf_counter() - started)
    return {name: spread([1000 * value for value in values]) for name, values in rows.items()}


def table(result: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [
        "| set (pairs, groups) | never trained on | cosine | features | verifier | never saw it "
        "| area: cosine / verifier | default budget: hits, wrong |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result["pairs"]["sets"].items():
        unseen = row.get("verifier, set never seen")
        now = row["as it comes"]["default budget"]
        lines.append(
            f"| {name} ({row['pairs']}, {row['cosine']['groups']}) | {'' if row['seen in training'] else 'yes'} "
            f"| {shown(row['cosine'])} | {shown(row['features'])} | {shown(row['verifier'])} "
            f"| {shown(unseen) if unseen else '' if row['seen in training'] else 'as it is'} "
            f"| {row['cosine']['area']:.3f} / {row['verifier']['area']:.3f} "
            f"| {now['hits']:.1%}, {now['wrong']} of {now['served']} |"
        )
    lines += ["", "| stream | rule | hits a request | wrong a hit | wrong a request |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {rule} | {row['hit rate']:.1%} | {row['wrong per hit']:.1%} | {row['wrong per request']:.2%} |"
        for name, rules in result["streams"].items()
        for rule, row in rules.items()
    ]
    return "\n".join(lines)


def shown(figures: dict[str, Any]) -> str:
    """Hits at 2 % wrong, with their interval."""
    low, high = figures["interval at 2% wrong"]
    return f"{figures['hits at 2% wrong']:.1%} ({100 * low:.0f}–{100 * high:.0f})"


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
    both = PairEnsemble(encoder, shipped_adapters())
    models = {str(number): model for number, model in enumerate(both.models, 1)}
    scored = score(all_examples(options.data, encoder), encoder, models, normalizer, ROOT / "training" / "out")
    alone = Encoder(packed_weights(), threads=1)
    result = {
        **describe("onnxruntime", "rapidfuzz", "scikit-learn"),
        "pairs": pairs(scored),
        "streams": stream_figures(options.data, encoder, both, normalizer, options.streams),
        "milliseconds": times(scored, PairEnsemble(alone, shipped_adapters()), alone, normalizer),
    }
    print(write("matching", result))
    print(table(result))


if __name__ == "__main__":
    main()
