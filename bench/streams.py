"""Streams of questions that repeat themselves in other words, and a cache simulated over one of them.

The questions come from clusters of duplicates, so it is known which stored answer is right: that of the same cluster.
Entries are named by the position in the stream of the question that was stored; nothing is ever evicted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from labelled import Text
from numpy.typing import NDArray
from rivals import OnlineRule

__all__ = ["StreamResult", "Tally", "make_stream", "replay", "replay_pairs"]

Decide = Callable[[int, int, float], bool]
"""(position of the asked question, position of the stored one, their cosine) -> is the stored answer served?"""

_POINTS = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts after some requests of a stream.

    `exact_hits` are requests whose very words are known (see `replay`); they are nobody's decision, so they are no
    `hits` and are right by definition. `hits` are the stored answers served by decision, `wrong` those of another
    cluster. `reachable` are the decisions for which the cache held an answer of the right cluster, near or not.
    """

    requests: int = 0
    exact_hits: int = 0
    hits: int = 0
    wrong: int = 0
    reachable: int = 0

    @property
    def hit_rate(self) -> float:
        """Hits by decision a request, in [0, 1]."""
        return self.hits / self.requests if self.requests else 0.0

    @property
    def served_rate(self) -> float:
        """Answers that came from the cache a request, exact hits and hits by decision together, in [0, 1]."""
        return (self.exact_hits + self.hits) / self.requests if self.requests else 0.0

    @property
    def wrong_per_hit(self) -> float:
        return self.wrong / self.hits if self.hits else 0.0

    @property
    def wrong_per_request(self) -> float:
        return self.wrong / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class StreamResult(Tally):
    """The counts of a whole stream, and those after each twentieth of it (`curve`, cumulative, the end included)."""

    curve: tuple[Tally, ...] = ()


def make_stream(clusters: Sequence[Text], seed: int, length: int, zipf: float) -> list[Text]:
    """`length` questions: a cluster by Zipf's law, and any of its members, with repetitions.

    The cluster of rank r (the ranks are shuffled by `seed`) is asked with a weight of r ** -zipf; 0 asks all alike.
    A cluster of one member is asked as well: nothing but itself answers it. ValueError for no text, a length under 1
    or a negative `zipf`.
    """
    if not clusters or length < 1 or zipf < 0:
        raise ValueError(f"no stream of {length} from {len(clusters)} texts at zipf {zipf}: give at least 1, 1 and 0")
    members: dict[str, list[Text]] = {}
    for text in clusters:
        members.setdefault(text.cluster, []).append(text)
    rng = random.Random(seed)
    ranked = list(members.values())
    rng.shuffle(ranked)
    weights = [rank**-zipf for rank in range(1, len(ranked) + 1)]
    return [rng.choice(cluster) for cluster in rng.choices(ranked, weights, k=length)]


def replay(
    stream: Sequence[Text],
    vectors: NDArray[np.float32],
    rule: OnlineRule,
    seed: int,
    *,
    asked_is_exact: bool = True,
) -> StreamResult:
    """What a cache with this rule serves over the stream: the nearest entry is offered to the rule, no other.

    `vectors` are unit vectors of shape (len(stream), dimensions), the stream's questions in its order. `rule` keeps
    what it learns, so it must be a fresh one for each stream. `seed` is that of the rule's own chances.

    With `asked_is_exact`, words that were asked before are an exact hit, so that all rules have the same exact hits
    and decide about the same requests. Without it only stored words are: a question that was served is not stored, and
    is decided about each time it comes back, wrong answers included; the exact hits then differ from rule to rule, and
    only `served_rate` compares them. ValueError for vectors of another shape or length.
    """
    rng = random.Random(seed)
    play = _Play(
        decide=lambda _, entry, similarity: rule.decide(entry, similarity, rng),
        learn=rule.learn,
        stores_confirmed=rule.stores_confirmed,
        candidates=1,
        asked_is_exact=asked_is_exact,
    )
    return _play(stream, vectors, play)


def replay_pairs(
    stream: Sequence[Text],
    vectors: NDArray[np.float32],
    decide: Decide,
    candidates: int = 1,
    *,
    asked_is_exact: bool = True,
) -> StreamResult:
    """As `replay`, for a rule that reads the two questions, `stream[asked]` and `stream[entry]`.

    It is offered the `candidates` nearest entries, the nearest first, and the first that it accepts is served; the
    others are not offered. Every miss is stored.
    """
    if candidates < 1:
        raise ValueError(f"{candidates} candidates: at least one entry must be offered")
    return _play(stream, vectors, _Play(decide, lambda *_: None, True, candidates, asked_is_exact))


@dataclass(frozen=True, slots=True)
class _Play:
    decide: Decide
    learn: Callable[[int, float, bool], None]
    stores_confirmed: bool
    candidates: int
    asked_is_exact: bool


class _Entries:
    """Stored questions: their vectors in one matrix, exact search, known words and clusters for the reckoning."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = vectors
        self._matrix = np.empty_like(vectors)
        self._positions: list[int] = []
        self.words: set[str] = set()
        self.clusters: set[str] = set()

    def add(self, position: int, text: Text) -> None:
        self._matrix[len(self._positions)] = self._vectors[position]
        self._positions.append(position)
        self.words.add(text.text)
        self.clusters.add(text.cluster)

    def nearest(self, position: int, count: int) -> list[tuple[int, float]]:
        """At most `count` (position stored, cosine), the nearest first; of equal ones, the earlier stored first."""
        cosines = self._matrix[: len(self._positions)] @ self._vectors[position]
        rows = np.arange(len(cosines))
        if count < len(cosines):
            # All that reach the count-th cosine, so that a tie there is also decided by age.
            rows = np.flatnonzero(cosines >= np.partition(cosines, -count)[-count])
        best = sorted((-float(cosines[row]), int(row)) for row in rows)[:count]
        return [(self._positions[row], -negative) for negative, row in best]


def _play(stream: Sequence[Text], vectors: NDArray[np.float32], play: _Play) -> StreamResult:
    _check(stream, vectors)
    entries, tally, curve = _Entries(vectors), Tally(), []
    ends = {-(-len(stream) * point // _POINTS) for point in range(1, _POINTS + 1)}
    for position in range(len(stream)):
        tally = _ask(stream, position, entries, play, tally)
        if tally.requests in ends:
            curve.append(tally)
    return StreamResult(tally.requests, tally.exact_hits, tally.hits, tally.wrong, tally.reachable, curve=tuple(curve))


def _ask(stream: Sequence[Text], position: int, entries: _Entries, play: _Play, tally: Tally) -> Tally:
    """One request; stores the question in `entries` on a miss. Returns the counts with it."""
    asked = stream[position]
    tally = replace(tally, requests=tally.requests + 1)
    if asked.text in entries.words:
        return replace(tally, exact_hits=tally.exact_hits + 1)
    if play.asked_is_exact:
        entries.words.add(asked.text)
    tally = replace(tally, reachable=tally.reachable + (asked.cluster in entries.clusters))
    nearest = entries.nearest(position, play.candidates)
    for entry, similarity in nearest:
        if play.decide(position, entry, similarity):
            wrong = stream[entry].cluster != asked.cluster
            return replace(tally, hits=tally.hits + 1, wrong=tally.wrong + wrong)
    confirmed = False
    if nearest:
        entry, similarity = nearest[0]
        confirmed = stream[entry].cluster == asked.cluster
        play.learn(entry, similarity, confirmed)
    if play.stores_confirmed or not confirmed:
        entries.add(position, asked)
    return tally


def _check(stream: Sequence[Text], vectors: NDArray[np.float32]) -> None:
    if vectors.ndim != 2 or len(vectors) != len(stream):
        raise ValueError(f"vectors of shape {vectors.shape} for {len(stream)} questions: give one row for each")
    norms = np.linalg.norm(vectors, axis=1)
    if len(norms) and abs(norms - 1).max() > 1e-3:
        raise ValueError(f"vectors of lengths {norms.min():.4f} to {norms.max():.4f}: make them unit vectors")
