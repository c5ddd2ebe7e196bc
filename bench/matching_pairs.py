"""Labelled pairs under each rule: hits at a given share of wrong ones, by set; traps by kind; budgets over splits."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rivals import GPTCacheDefault, RedisVLDefault
from sklearn.metrics import roc_auc_score

from semantic_cache.matching.cut_table import Budget, CutTable, LabelledSet, counted
from semantic_cache.matching.features import FEATURES
from semantic_cache.tuning.cuts import CUTS
from training.fit import NOT_FITTED, columns, fit_small, judged
from training.meanings import meanings
from training.scoring import Scored

__all__ = ["budget_over_splits", "by_set", "hits_at", "likelihoods", "traps"]

WRONG_SHARES = (0.01, 0.02, 0.05)
_ONE_KEY = 0.99
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
    """(n,) float64: what the cache gives each pair: 0.99 for one key, -inf where a guard refuses, else P.

    Args:
        model: Which pair model's logits the uncertain band is settled by; None: features alone.
    """
    first = _small(values["features"], scored, None)
    out = first
    if model is not None:
        low, high = values["band"]
        out = np.where((first > low) & (first < high), _small(values["pair"], scored, model), first)
    out = np.where(judged(scored), out, -np.inf)
    return np.where(scored.one_key, _ONE_KEY, out)


def in_band(scored: Scored, values: Mapping[str, Any]) -> float:
    """Share of the pairs that come to the verifier and are given to the pair model."""
    first, (low, high), rows = _small(values["features"], scored, None), values["band"], judged(scored)
    return float(((first > low) & (first < high))[rows].mean())


def _small(values: Mapping[str, Any], scored: Scored, model: str | None) -> NDArray[np.float64]:
    names, table = columns(scored, model)
    weights = np.array([values["weights"].get(name, 0.0) for name in names])
    out: NDArray[np.float64] = 1 / (1 + np.exp(-(table @ weights + values["bias"])))
    return out


def by_set(scored: Scored, rules: Mapping[str, NDArray[np.float64]], cut: float | None) -> dict[str, Any]:
    """One set's figures: every rule's hits at 1, 2 and 5 % wrong, area under the curve; and what defaults do."""
    same, cosine = scored.same, scored.features[:, FEATURES.index("cosine")].astype(np.float64)
    row: dict[str, Any] = {"pairs": len(same), "same": int(same.sum())}
    for name, score in {"cosine": cosine, **rules}.items():
        finite = np.where(np.isfinite(score), score, -1.0)
        row[name] = {f"hits at {wrong:.0%} wrong": round(hits_at(score, same, wrong), 4) for wrong in WRONG_SHARES}
        row[name] |= _intervals(scored, score)
        row[name]["area"] = round(float(roc_auc_score(same, finite)), 4) if 0 < same.sum() < len(same) else None
    defaults = {"GPTCache default": cosine >= GPTCacheDefault().cut, "RedisVL default": cosine >= RedisVLDefault().cut}
    if cut is not None and "verifier" in rules:
        defaults["default budget"] = rules["verifier"] >= cut
        row["calibration error"] = round(_calibration_error(rules["verifier"], same), 4)
    row["as it comes"] = {name: _operating(served, same) for name, served in defaults.items()}
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


def _operating(served: NDArray[np.bool_], same: NDArray[np.bool_]) -> dict[str, Any]:
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


def budget_over_splits(scored: Scored, model: str, wrong_hits: float, splits: int = 20) -> dict[str, Any]:
    """Groups dealt into halves at random: the rule is fitted on one and its wrong share counted on the other."""
    budget = Budget(wrong_hits)
    rows = scored.take(judged(scored) & np.array([one.source not in NOT_FITTED for one in scored.examples]))
    names, table = columns(rows, model)
    groups = [f"{one.source}/{one.group}" for one in rows.examples]
    shares, served_shares, kept, promised, broken = [], [], 0, 0, 0
    for seed in range(splits):
        unique = sorted(set(groups))
        random.Random(seed).shuffle(unique)
        first, second = set(unique[: len(unique) // 3]), set(unique[len(unique) // 3 : 2 * len(unique) // 3])
        one, two = (np.array([group in part for group in groups]) for part in (first, second))
        rest = ~one & ~two
        small = fit_small(names, table[one], rows.same[one], _kinds(rows, one))
        cut = CutTable(CUTS, tuple(_counted(rows, two, small.probability(table)))).cut(budget)
        served = small.probability(table)[rest] >= (2.0 if cut.probability is None else cut.probability)
        wrong = int((served & ~rows.same[rest]).sum())
        share = wrong / max(1, int(served.sum()))
        shares.append(round(share, 5))
        served_shares.append(float((served & rows.same[rest]).sum() / rows.same[rest].sum()))
        kept += share <= wrong_hits
        promised += not cut.refusal
        broken += not cut.refusal and share > wrong_hits
    return {
        "budget": wrong_hits, "splits": splits, "kept": kept, "promised": promised, "promised and broken": broken,
        "wrong shares": shares,
        "median share of same-meaning pairs served": round(float(np.median(served_shares)), 4),
    }  # fmt: skip


def _kinds(rows: Scored, chosen: NDArray[np.bool_]) -> Sequence[str]:
    return [one.source for one, wanted in zip(rows.examples, chosen, strict=True) if wanted]


def _counted(rows: Scored, chosen: NDArray[np.bool_], probability: NDArray[np.float64]) -> list[LabelledSet]:
    sources, groups = np.array([one.source for one in rows.examples]), np.array(meanings(rows.examples))
    out = []
    for source in sorted(set(sources[chosen].tolist())):
        mine = chosen & (sources == source)
        alike = groups[mine].tolist()
        out.append(counted(source, "", CUTS, probability[mine].tolist(), rows.same[mine].tolist(), alike))
    return out
