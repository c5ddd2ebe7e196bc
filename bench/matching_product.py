"""A stream through the product itself: a real cache asked question by question, in the stream's order.

What a request goes through is `SemanticCache.lookup`, all of it: normalization, store, encoder, nearest and lexical
candidates, guards, verifier, policy. After a miss the cluster's name is stored as the answer. No language model runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from labelled import Text
from machine import spread

from semantic_cache import SemanticCache, Settings
from semantic_cache.answer import Trace, Verdict
from semantic_cache.matching import Budget

__all__ = ["Played", "Request", "play", "steps"]

_POINTS = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What came of one request.

    Args:
        source: Where the answer came from; "miss" where there was none.
        right: Whether it is that of the question's own cluster.
        reachable: Whether the cache held an answer of that cluster, near or not.
        judged: Candidates that came to the verifier.
        read: Those that the pair model reads.
        milliseconds: Of the whole lookup, as its caller waits.
        trace: Its steps.
    """

    source: str
    right: bool
    reachable: bool
    judged: int
    read: int
    milliseconds: float
    trace: Trace


@dataclass(frozen=True, slots=True)
class Played:
    """A whole stream, request by request."""

    requests: tuple[Request, ...] = field(default_factory=tuple)

    def figures(self) -> dict[str, Any]:
        """Counts as the rivals' are: exact hits are of stored words; hits are decisions, by key or by meaning."""
        count = Counter(one.source for one in self.requests)
        wrong = Counter(one.source for one in self.requests if not one.right and one.source != "miss")
        decided, total = count["normalized"] + count["semantic"], len(self.requests)
        mistaken = wrong["normalized"] + wrong["semantic"]
        return {
            "requests": total, "exact": count["exact"], "hits": decided, "wrong": mistaken,
            "by key": [count["normalized"], wrong["normalized"]],
            "by meaning": [count["semantic"], wrong["semantic"]],
            "wrong exact": wrong["exact"],
            "reachable": sum(one.reachable for one in self.requests if one.source != "exact"),
            "hit rate": round(decided / total, 4),
            "served rate": round((count["exact"] + decided) / total, 4),
            "wrong per hit": round(mistaken / max(1, decided), 4),
            "wrong per request": round(mistaken / total, 5),
            "over time": self._over_time(),
        }  # fmt: skip

    def _over_time(self) -> list[list[int]]:
        ends = [-(-len(self.requests) * point // _POINTS) for point in range(1, _POINTS + 1)]
        decided = [one.source in ("normalized", "semantic") for one in self.requests]
        wrong = [was and not one.right for was, one in zip(decided, self.requests, strict=True)]
        return [[end, sum(decided[:end]), sum(wrong[:end])] for end in ends]


def play(stream: Sequence[Text], budget: Budget) -> Played:
    """Ask a fresh cache, in memory, with default settings but for the budget."""
    held: set[str] = set()
    settings = Settings(store="sqlite://", budget=budget, sweep_seconds=0, show_progress=False)
    made: list[Request] = []
    with SemanticCache.open(settings) as cache:
        cache.lookup("Is the first question slower, because the models load?")
        for asked in stream:
            started = perf_counter()
            verdict = cache.lookup(asked.text)
            waited = 1000 * (perf_counter() - started)
            made.append(_request(asked, verdict, asked.cluster in held, waited))
            if not verdict.hit:
                cache.add(asked.text, asked.cluster)
                held.add(asked.cluster)
    return Played(tuple(made))


def _request(asked: Text, verdict: Verdict, reachable: bool, waited: float) -> Request:
    if problems := verdict.trace.degraded:
        raise SystemExit(f"The cache degraded at {asked.text!r}: {', '.join(problems)}")
    verified = [one for one in verdict.trace.candidates if one.verified_by is not None]
    return Request(
        source=verdict.source if verdict.hit else "miss",
        right=verdict.hit and verdict.entry.answer == asked.cluster,
        reachable=reachable,
        judged=len(verified),
        read=sum(one.pair_logit is not None for one in verified),
        milliseconds=waited,
        trace=verdict.trace,
    )


def steps(requests: Iterable[Request]) -> dict[str, Any]:
    """Milliseconds of each step and how often it is reached; how many lookups and candidates the pair model reads."""
    asked = list(requests)
    taken: dict[str, list[float]] = {}
    for one in asked:
        for timing in one.trace.timings:
            taken.setdefault(timing.step, []).append(timing.milliseconds)
    read = [one for one in asked if one.read]
    return {
        "lookups": len(asked),
        "by source": dict(Counter(one.source for one in asked)),
        "whole lookup": {
            source: spread([one.milliseconds for one in asked if one.source == source])
            for source in dict.fromkeys(one.source for one in asked)
        },
        "steps": {
            name: {"reached by": round(len(values) / len(asked), 4), **spread(values)} for name, values in taken.items()
        },
        "lookups that reach the pair model": round(len(read) / len(asked), 4),
        "candidates read, of those judged": [sum(one.read for one in asked), sum(one.judged for one in asked)],
        "candidates read a lookup that reaches it": round(sum(one.read for one in read) / max(1, len(read)), 2),
    }  # fmt: skip
