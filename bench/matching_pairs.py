"""Labelled pairs under each rule: hits at a given share of wrong ones, by set; traps by kind."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matching_cosine import CosineCut, cosines, served_at
from numpy.typing import NDArray
from rivals import GPTCacheDefault, RedisVLDefault
from sklearn.metrics import roc_auc_score

from training.fit import columns, examined, judged
from training.meanings import meanings
from training.scoring import Scored

__all__ = ["Cuts", "by_set", "hits_at", "likelihoods", "operating", "traps"]

WRONG_SHARES = (0.01, 0.02, 0.05)
_ONE_KEY = 1.0
_LEAST_SERVED = 20
_DRAWS = 200


def hits_at(score: NDArray[np.float64], same: NDArray[np.bool_], wrong: float) -> float:
    """The largest share of the same-meaning pairs that any cut serves with at most that share of the served wrong."""
    order = np.argsort(-score, kind="stable")
    served, right = np.arange(1, len(order) + 1), np.cumsum(same[order])
    last = np.append(score[order][1:] != score[order][:-1], True)  # equal scores are served together
    fine = last & np.isfinite(score[order]) & (served >= _LEAST_SERVED) & (served - right <= wrong * served)
    return float(right[fine].max() / max(1, same.sum())) if fine.any() else 0.0


def likelihoods(scored: Scored, values: Mapping[str, Any], model: str | None) -> NDArray[np.float64]:
    """(n,) float64: what the cache gives each pair: 1 for one key, which is served whatever the cut, -inf where a guard
    refuses, else P.

    Args:
        model: Which pair model's logits the uncertain band is settled by; None: features alone.
    """
    first = _small(values["features"], scored, None)
    out = first
    if model is not None:
        low, high = values["band"]
        out = np.where((first > low) & (first < high), _small(values["pair"], scored, model), first)
    out = np.where(judged(scored, model), out, -np.inf)
    return np.where(scored.one_key, _ONE_KEY, out)


def in_band(scored: Scored, values: Mapping[str, Any]) -> float:
    """Share of the pairs that come to the verifier and are given to the pair model."""
    first, (low, high), rows = _small(values["features"], scored, None), values["band"], examined(scored)
    return float(((first > low) & (first < high))[rows].mean())


def _small(values: Mapping[str, Any], scored: Scored, model: str | None) -> NDArray[np.float64]:
    names, table = columns(scored, model)
    weights = np.array([values["weights"].get(name, 0.0) for name in names])
    out: NDArray[np.float64] = 1 / (1 + np.exp(-(table @ weights + values["bias"])))
    return out


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is served as it comes: the verifier's least probability for each budget, None for nothing; and cosines."""

    verifier: Mapping[float, float | None]
    cosine: Sequence[CosineCut]


def by_set(scored: Scored, rules: Mapping[str, NDArray[np.float64]], cuts: Cuts) -> dict[str, Any]:
    """One set's figures: every rule's hits at 1, 2 and 5 % wrong, area under the curve; and what defaults do."""
    same, cosine = scored.same, cosines(scored)
    row: dict[str, Any] = {"pairs": len(same), "same": int(same.sum())}
    for name, score in {"cosine": cosine, **rules}.items():
        finite = np.where(np.isfinite(score), score, -1.0)
        row[name] = {f"hits at {wrong:.0%} wrong": round(hits_at(score, same, wrong), 4) for wrong in WRONG_SHARES}
        row[name] |= _intervals(scored, score)
        row[name]["area"] = round(float(roc_auc_score(same, finite)), 4) if 0 < same.sum() < len(same) else None
    defaults = {"GPTCache default": cosine >= GPTCacheDefault().cut, "RedisVL default": cosine >= RedisVLDefault().cut}
    defaults |= {one.name: served_at(scored, one) for one in cuts.cosine}
    if "verifier" in rules:
        defaults |= {
            f"verifier for {budget:.0%}": rules["verifier"] >= (2.0 if cut is None else cut)
            for budget, cut in cuts.verifier.items()
        }
        row["calibration error"] = round(_calibration_error(rules["verifier"], same), 4)
    row["as it comes"] = {name: operating(served, same) for name, served in defaults.items()}
    return row


def _intervals(scored: Scored, score: NDArray[np.float64]) -> dict[str, Any]:
    """Nine in ten of the figures that whole groups, drawn anew, give: few groups say little, however many pairs."""
    groups: dict[str, list[int]] = {}
    for place, group in enumerate(meanings(scored.examples)):
        groups.setdefault(group, []).append(place)
    names, rng = sorted(groups), random.Random(0)
    draws = [[place for name in rng.choices(names, k=len(names)) for place in groups[name]] for _ in range(_DRAWS)]
    out: dict[str, Any] = {"groups": len(names)}
    for wrong in WRONG_SHARES:
        drawn = [hits_at(score[draw], scored.same[draw], wrong) for draw in draws]
        low, high = np.quantile(drawn, (0.05, 0.95))
        out[f"interval at {wrong:.0%} wrong"] = [round(float(low), 4), round(float(high), 4)]
    return out


def operating(served: NDArray[np.bool_], same: NDArray[np.bool_]) -> dict[str, Any]:
    """What serving these pairs comes to; `hits` is the share of the right ones, `traps served` that of the others."""
    wrong = int((served & ~same).sum())
    return {
        "hits": round(float((served & same).sum() / max(1, same.sum())), 4),
        "served": int(served.sum()), "wrong": wrong,
        "wrong share": round(wrong / max(1, int(served.sum())), 4),
        "traps served": round(wrong / max(1, int((~same).sum())), 4),
    }  # fmt: skip


def _calibration_error(score: NDArray[np.float64], same: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over the pairs that are judged, in bins of equal count."""
    rows = np.isfinite(score) & (score != _ONE_KEY)
    order = np.argsort(score[rows])
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(score[rows][part].mean() - same[rows][part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / max(1, rows.sum()))


def traps(scored: Scored, score: NDArray[np.float64], cut: float) -> dict[str, Any]:
    """By kind of change: how many traps are served at the cut, and how many honest pairs."""
    kinds: dict[str, list[int]] = {}
    for place, one in enumerate(scored.examples):
        kinds.setdefault(one.kind or one.source, []).append(place)
    out = {}
    for kind, places in sorted(kinds.items()):
        served, same = score[places] >= cut, scored.same[places]
        out[kind] = {"pairs": len(places), "honest": bool(same.all()), "served": round(float(served.mean()), 4)}
    return out
