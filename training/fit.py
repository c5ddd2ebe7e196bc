"""Fits the verifier's small models and its cut table on pairs that no pair model was trained on.

    python -m training.fit

Of each set the part "fit" (other groups than those that were trained on) fits the small models and, cross-fitted over
groups, the cut table; the part "test" is left for measuring. For every set that a pair model learned from the same is
done once more with nothing that ever saw the set: the other pair model, and small models without it. Writes
semantic_cache/matching/verifier.json and training/unseen/SET.json.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from normalize import Normalizer
from semantic_cache.encoder.encoder import Encoder
from semantic_cache.encoder.opened import packed_weights
from semantic_cache.encoder.pair_ensemble import PairEnsemble
from semantic_cache.encoder.pair_model import PairModel
from semantic_cache.encoder.pair_weights import shipped_weights
from semantic_cache.matching.examined import SURE
from semantic_cache.matching.features import FEATURES
from semantic_cache.matching.guards import DOUBTFUL, HARD
from semantic_cache.matching.verifier import MOST_LOGIT
from semantic_cache.tuning.cuts import CUTS
from training.asked import asked_pairs
from training.evaluate_sets import CLUSTER_SETS, UNSEEN_PAIRS, cluster_pairs, labelled, shipped_pairs, some_of
from training.evidence import table_of
from training.examples import SETS, Example, dealt, family_of, part_of
from training.families import Family, family_pairs, read_families
from training.mix import CONTRAST, MEASURED_CONTRAST, contrast_examples
from training.natural import LISTS
from training.scoring import Scored, score

ROOT = Path(__file__).parents[1]
MOST = 500
"""So many pairs of a set, by whole groups."""
_SENTENCES = 100  # of the sets of long statements
_FOLDS = 5
_RIDGE = 5.0
_BAND = (0.02, 1.0)
"""Outside of it the features decide alone. A higher beginning loses paraphrases in other words, and saves little: of a
question the likeliest few are read anyway."""
STATEMENTS = "pawsx"
"""The family of sets of long statements, which are no questions."""
NOT_COUNTED = (STATEMENTS, "families")
"""Statements teach what words do, but nobody asks them. Of the families half of the pairs are near misses in other
words, which no model here tells apart well enough for 1 or 2 %: they are measured, and said, beside the budgets."""
_FAMILY_WEIGHTS = {STATEMENTS: 0.3, "families": 2.0}


@dataclass(frozen=True)
class Small:
    """Logistic regression over named columns."""

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: float

    def probability(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        out: NDArray[np.float64] = 1 / (1 + np.exp(-(table @ self.weights + self.bias)))
        return out

    def values(self) -> dict[str, Any]:
        weights = {name: round(float(one), 5) for name, one in zip(self.names, self.weights, strict=True) if one}
        return {"weights": weights, "bias": round(self.bias, 5)}


def all_examples(data: Path, encoder: Encoder) -> list[Example]:
    """Everything that is fitted on or measured; nothing that a pair model was trained on."""
    examples: list[Example] = []
    for name in SETS:
        most = _SENTENCES if SETS[name].family == STATEMENTS else MOST
        unseen = [one for one in labelled(data, name, 10**9) if part_of(one.source, one.group) != "train"]
        # What fits also proves a budget: of that no pair is left out.
        examples += [one for one in unseen if part_of(one.source, one.group) == "fit"][: most if most < MOST else None]
        examples += [one for one in unseen if part_of(one.source, one.group) == "test"][:most]
    for name in UNSEEN_PAIRS:
        examples += labelled(data, name, MOST)
    for name in CLUSTER_SETS:
        examples += cluster_pairs(data, name, encoder, MOST)
    contrast = [one for one in contrast_examples(*MEASURED_CONTRAST) if part_of(one.source, one.group) != "train"]
    return [*examples, *contrast, *asked_pairs(), *all_families(), *shipped_pairs(ROOT)]


def all_families() -> list[Example]:
    """Those that fit, and of each language some that measure."""
    families = read_families()
    return [
        one
        for language in CONTRAST
        for part, most in (("fit", 10**9), ("test", MOST))
        for one in some_of(list(family_pairs(_part(families, language, part), 1.0, random.Random(0))), most, 0)
    ]


def _part(families: list[Family], language: str, part: str) -> list[Family]:
    """Those of a language that fall into a part. A topic's name without its file's says what it is about: what two
    writers chose is kept back only if no model learned from either."""
    mine = [(one, part_of(f"families_{language}", one.topic)) for one in families if one.language == language]
    learned = {_about(one) for one, where in mine if where == "train"}
    return [one for one, where in mine if where == part and _about(one) not in learned]


def _about(family: Family) -> str:
    return family.topic.partition("/")[2]


def examined(scored: Scored) -> NDArray[np.bool_]:
    """(n,) bool: the pairs that come to the verifier: other keys, and no hard guard refuses them."""
    refused = scored.features[:, [FEATURES.index(f"guard_{name}") for name in sorted(HARD)]].any(axis=1)
    out: NDArray[np.bool_] = ~scored.one_key & ~refused
    return out


def judged(scored: Scored, model: str | None) -> NDArray[np.bool_]:
    """(n,) bool: of those, the ones that are served by their probability: no near miss, or one a pair model is sure of.

    Args:
        model: The pair model; None: there is none.
    """
    near = scored.features[:, FEATURES.index(f"guard_{DOUBTFUL}")] > 0
    sure = scored.logits[model] >= SURE if model is not None else np.zeros(len(near), dtype=bool)
    return examined(scored) & (~near | sure)


def columns(scored: Scored, model: str | None) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and (n, columns) float64: the features, and a pair model's logit on two sides."""
    table = scored.features.astype(np.float64)
    if model is None:
        return FEATURES, table
    logit = scored.logits[model]
    sides = np.clip(logit, 0, MOST_LOGIT), np.clip(logit, -MOST_LOGIT, 0)
    return (*FEATURES, "pair_for", "pair_against"), np.column_stack([table, *sides])


def fit_small(
    names: tuple[str, ...], table: NDArray[np.float64], same: NDArray[np.bool_], sources: Sequence[str]
) -> Small:
    """Logistic regression in which nothing that speaks for a paraphrase may count against it, nor the other way round.

    Every family of sources weighs the same, and in it either label: what is asked in use is like none of them.
    """
    families = [family_of(source) for source in sources]
    counts = Counter(zip(families, same.tolist(), strict=True))
    weight = np.array(
        [_FAMILY_WEIGHTS.get(one, 1.0) / counts[one, label] for one, label in zip(families, same.tolist(), strict=True)]
    )
    weight /= weight.mean()
    middle, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread < 1e-6] = np.inf
    scaled, sign = (table - middle) / spread, np.where(same, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scaled @ values[:-1] + values[-1])
        slope = -sign * weight / (1 + np.exp(margin))
        total = (weight * np.logaddexp(0, -margin)).sum() + _RIDGE * (values[:-1] ** 2).sum()
        return float(total), np.append(scaled.T @ slope + 2 * _RIDGE * values[:-1], slope.sum())

    bounds = [*(_bounds(name) for name in names), (None, None)]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    weights = found.x[:-1] / spread
    return Small(names, weights, float(found.x[-1] - weights @ middle))


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name.startswith(("guard_", "only", "rarest", "one_for_one")):
        return None, 0.0
    return (None, None) if name in ("same_length", "short", "korean", "english", "changed") else (0.0, None)


def fitted(
    scored: Scored, model: str, without: set[str]
) -> tuple[dict[str, Any], NDArray[np.bool_], NDArray[np.float64]]:
    """Both small models on the parts "fit" of all sources but some, with the rows and cross-fitted probabilities."""
    sources = np.array([one.source for one in scored.examples])
    part = np.array(
        [part_of(one.source, one.group) == "fit" and one.source not in NOT_FITTED for one in scored.examples]
    )
    part &= ~np.isin(sources, sorted(without))
    rows = part & judged(scored, model)
    values: dict[str, Any] = {}
    # The features choose what the pair model reads, near misses among them, of which they must know how many are none.
    for name, wanted, chosen in (("features", None, part & examined(scored)), ("pair", model, rows)):
        those = scored.take(chosen)
        values[name] = fit_small(*columns(those, wanted), those.same, [one.source for one in those.examples]).values()
    here = scored.take(rows)
    kinds = [one.source for one in here.examples]
    names, table = columns(here, model)
    fold = np.array([_fold(one) for one in here.examples])
    crossed = np.zeros(len(here.same))
    for one in range(_FOLDS):
        inside = fold == one
        outside = [kind for kind, is_in in zip(kinds, inside, strict=True) if not is_in]
        small = fit_small(names, table[~inside], here.same[~inside], outside)
        crossed[inside] = small.probability(table[inside])
    return values, rows, crossed


NEVER_SAW = {
    "checklist_qqp": "2", "parakqc_pairs": "2",
    "text2sql_advising": "1", "kor_qpair": "1", "pawsx_en": "1", "pawsx_ko": "1", "pawsx_es": "1",
}  # fmt: skip
"""Set → the pair model that was trained without it."""
BOTH = "both"
NOT_FITTED = {*UNSEEN_PAIRS, *CLUSTER_SETS, "shipped"}


def pair_models(encoder: Encoder) -> dict[str, PairModel | PairEnsemble]:
    """The shipped one, which is an ensemble of two, as `BOTH`, and those two, as "1" and "2"."""
    alone = [PairModel(encoder, one) for one in shipped_weights(encoder.packed)]
    models = {str(number): one for number, one in enumerate(alone, 1)}
    return {**models, BOTH: PairEnsemble(encoder, alone)}


def needed(model: str, one: Example) -> bool:
    """Whether a pair model's logits are used: the shipped one's always, the others' to fit without the sets they never
    saw and to measure those."""
    fitted_on = one.source not in NOT_FITTED and part_of(one.source, one.group) == "fit"
    return model == BOTH or fitted_on or NEVER_SAW.get(one.source) == model


def check_learned(about: Path) -> None:
    """Refuse pair models that learned from what may not ship, or from a set that they are said never to have seen.

    Args:
        about: The folder of `pair_model_1.json` and `pair_model_2.json`.
    """
    for number in ("1", "2"):
        learned = set(json.loads((about / f"pair_model_{number}.json").read_text("utf-8"))["learned"])
        made = {f"{source}_{language}" for source in ("contrast", "families") for language in CONTRAST}
        allowed = {*SETS, *LISTS, *made}
        unseen = {name for name, model in NEVER_SAW.items() if model == number}
        if wrong := sorted(learned - allowed | learned & unseen):
            raise SystemExit(
                f"pair_model_{number} learned from {', '.join(wrong)}: train it anew (training/README.md)."
            )


def _fold(one: Example) -> int:
    return dealt(f"{one.source}/{one.group}", _FOLDS)


def verifier_values(scored: Scored, model: str, without: set[str]) -> dict[str, Any]:
    """A whole verifier.json."""
    values, rows, crossed = fitted(scored, model, without)
    here = scored.take(rows)
    counts = np.array([family_of(one.source) not in NOT_COUNTED for one in here.examples])
    mine = here.take(counts)
    table = table_of(CUTS, mine.examples, crossed[counts], mine.same)
    return {**values, "band": list(_BAND), "sure": SURE, "cuts": table.values()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"The labelled data is not here: {options.data}. Name its folder with --data.")
    check_learned(ROOT / "training")
    encoder = Encoder(packed_weights(), threads=2)
    models = pair_models(encoder)
    scored = score(all_examples(options.data, encoder), encoder, models, needed, ROOT / "training" / "out")
    _write(ROOT / "semantic_cache" / "matching" / "verifier.json", verifier_values(scored, BOTH, set()))
    for name, model in NEVER_SAW.items():
        kin = {one for one in SETS if family_of(one) == family_of(name)}
        _write(ROOT / "training" / "unseen" / f"{name}.json", verifier_values(scored, model, kin))


def _write(path: Path, values: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"normalizer": Normalizer.VERSION, **values}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
