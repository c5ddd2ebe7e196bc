"""Streams of questions under each rule: hit rate, and wrong hits per hit and per request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from labelled import CLUSTERS, read_clusters
from rivals import CosineThreshold, GPTCacheDefault, OnlineRule, RedisVLDefault, VCache
from streams import StreamResult, make_stream, replay, replay_pairs

from normalize import NormalizeError, Normalizer, Question
from semantic_cache.encoder import Encoder, PairEnsemble
from semantic_cache.matching import Budget, Compared, veto
from semantic_cache.matching.shipped import cascade_of, shipped_cut_table

__all__ = ["stream_figures"]

STREAMS = ("qqp_clusters", "stackfaq_clusters", "rasa_faq_clusters", "smilestyle_q")
ZIPF = 0.9
CANDIDATES = 4
ROOT = Path(__file__).parents[1]


def stream_figures(
    data: Path, encoder: Encoder, model: PairEnsemble, normalizer: Normalizer, length: int
) -> dict[str, dict[str, Any]]:
    """Stream's name → rule's name → figures."""
    values = json.loads((ROOT / "semantic_cache" / "matching" / "verifier.json").read_text("utf-8"))
    verifier, cut = cascade_of(values, encoder, model), shipped_cut_table().cut(Budget()).probability or 2.0
    out: dict[str, dict[str, Any]] = {}
    for name in STREAMS:
        if not (data / name).is_dir() or name not in CLUSTERS:
            continue
        texts = [one for one in read_clusters(data, name) if _taken(one.text, normalizer) is not None]
        stream = make_stream(texts, 0, length, ZIPF)
        unique = sorted({one.text for one in stream}, key=len)
        rows = np.concatenate([encoder.vectors(unique[at : at + 32]) for at in range(0, len(unique), 32)])
        place = {text: row for row, text in enumerate(unique)}
        vectors = rows[[place[one.text] for one in stream]]
        questions = {text: normalizer(text) for text in unique}
        sides = {text: Compared(one.facts, one.key, one.language, one.text) for text, one in questions.items()}

        def decide(asked: int, entry: int, similarity: float) -> bool:
            here, there = sides[stream[asked].text], sides[stream[entry].text]  # noqa: B023  (used in this round)
            if here.key == there.key:
                return True
            if veto(here, there, verified=True) is not None:
                return False
            return verifier.verify(here, [there], [similarity])[0].probability >= cut

        rules: list[OnlineRule] = [GPTCacheDefault(), RedisVLDefault(), CosineThreshold(0.96), VCache(0.02)]
        out[name] = {rule.name: _figures(replay(stream, vectors, rule, 0)) for rule in rules}
        out[name]["Samewise, default budget"] = _figures(replay_pairs(stream, vectors, decide, CANDIDATES))
    return out


def _taken(text: str, normalizer: Normalizer) -> Question | None:
    try:
        return normalizer(text)
    except NormalizeError:
        return None


def _figures(result: StreamResult) -> dict[str, Any]:
    return {
        "requests": result.requests, "exact": result.exact_hits, "hits": result.hits, "wrong": result.wrong,
        "reachable": result.reachable, "hit rate": round(result.hit_rate, 4),
        "wrong per hit": round(result.wrong_per_hit, 4), "wrong per request": round(result.wrong_per_request, 5),
        "over time": [[point.requests, point.hits, point.wrong] for point in result.curve],
    }  # fmt: skip
