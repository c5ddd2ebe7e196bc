"""Streams of questions through the product and under each rival's rule: hits, and wrong hits per hit and per request.

All see the same vectors. Only stored words are exact hits: a question that was served is not stored, and is decided on
again when it comes back, right or wrong. So exact hits differ, and what compares is all that is served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from labelled import CLUSTERS, Text, read_clusters
from matching_cosine import CosineCut
from matching_product import Request, play
from numpy.typing import NDArray
from rivals import CosineThreshold, GPTCacheDefault, OnlineRule, RedisVLDefault, VCache
from streams import StreamResult, make_stream, replay, replay_pairs

from normalize import NormalizeError, Normalizer, Question
from semantic_cache.encoder import Encoder
from semantic_cache.matching import Budget, Compared, veto
from training.clusters import joined

__all__ = ["STREAMS", "stream_figures", "stream_table"]

STREAMS = ("qqp_clusters", "stackfaq_clusters", "rasa_faq_clusters", "smilestyle_q")
ZIPF = 0.9
FIXED = 0.96
_NEAREST = 8  # as many as the product judges


@dataclass(frozen=True, slots=True)
class _Stream:
    """Questions in their order, what normalization made of each text, and the vectors: (len(asked), width) float32."""

    asked: Sequence[Text]
    questions: Mapping[str, Question]
    vectors: NDArray[np.float32]


def stream_figures(
    data: Path, encoder: Encoder, cuts: Sequence[CosineCut], length: int
) -> tuple[dict[str, dict[str, Any]], list[Request]]:
    """Stream's name → rule's name → figures; and every request that the product was asked."""
    out: dict[str, dict[str, Any]] = {}
    asked: list[Request] = []
    normalizer = Normalizer()
    for name in STREAMS:
        if not (data / name).is_dir() or name not in CLUSTERS:
            continue
        texts = read_clusters(data, name)
        counted_as = joined((one.text, one.cluster) for one in texts)
        texts = [replace(one, cluster=counted_as[one.cluster]) for one in texts]
        stream = _stream(texts, encoder, normalizer, length)
        played = play(stream.asked, Budget())
        asked += played.requests
        out[name] = {**_rivals(stream, cuts), "Samewise, default budget": played.figures()}
    return out, asked


def _stream(texts: Sequence[Text], encoder: Encoder, normalizer: Normalizer, length: int) -> _Stream:
    taken = {one.text: seen for one in texts if (seen := _taken(one.text, normalizer)) is not None}
    asked = make_stream([one for one in texts if one.text in taken], 0, length, ZIPF)
    # What the product embeds: the cleaned text, one at a time.
    vectors = {one.text: encoder.vectors([taken[one.text].text])[0] for one in asked}
    return _Stream(asked, taken, np.stack([vectors[one.text] for one in asked]))


def _taken(text: str, normalizer: Normalizer) -> Question | None:
    try:
        return normalizer(text)
    except NormalizeError:
        return None


def _rivals(stream: _Stream, cuts: Sequence[CosineCut]) -> dict[str, Any]:
    rules: dict[str, OnlineRule] = {
        rule.name: rule for rule in (GPTCacheDefault(), RedisVLDefault(), CosineThreshold(FIXED), VCache(0.02))
    }
    rules |= {one.name: CosineThreshold(_least(one)) for one in cuts if not one.guarded}
    alone = {name: replay(stream.asked, stream.vectors, rule, 0, asked_is_exact=False) for name, rule in rules.items()}
    guarded = {one.name: _guarded(stream, _least(one)) for one in cuts if one.guarded}
    return {name: _figures(result) for name, result in {**alone, **guarded}.items()}


def _least(one: CosineCut) -> float:
    return 1.0 if one.cosine is None else one.cosine


def _guarded(stream: _Stream, least: float) -> StreamResult:
    """A cosine behind the product's guards; equal keys are served whatever they say."""
    sides = {text: Compared(seen.facts, seen.key, seen.language, seen.text) for text, seen in stream.questions.items()}

    def decide(asked: int, entry: int, similarity: float) -> bool:
        here, there = sides[stream.asked[asked].text], sides[stream.asked[entry].text]
        return here.key == there.key or (similarity >= least and veto(here, there, verified=True) is None)

    return replay_pairs(stream.asked, stream.vectors, decide, _NEAREST, asked_is_exact=False)


def _figures(result: StreamResult) -> dict[str, Any]:
    return {
        "requests": result.requests, "exact": result.exact_hits, "hits": result.hits, "wrong": result.wrong,
        "reachable": result.reachable, "hit rate": round(result.hit_rate, 4),
        "served rate": round(result.served_rate, 4),
        "wrong per hit": round(result.wrong_per_hit, 4), "wrong per request": round(result.wrong_per_request, 5),
        "over time": [[point.requests, point.hits, point.wrong] for point in result.curve],
    }  # fmt: skip


def stream_table(streams: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Rows for people: a rule a row."""
    lines = [
        "| stream | rule | served a request | by decision | wrong a hit | wrong a request |",
        "|---|---|---|---|---|---|",
    ]
    for name, rules in streams.items():
        for rule, row in rules.items():
            lines.append(
                f"| {name} | {rule} | {row['served rate']:.1%} | {row['hit rate']:.1%} "
                f"| {row['wrong per hit']:.1%} ({row['wrong']} of {row['hits']}) | {row['wrong per request']:.2%} |"
            )
    return lines
