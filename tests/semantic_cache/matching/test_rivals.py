"""The rules of other caches and the replayed streams, against known values, simulation and brute force."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).parents[3] / "bench"))  # the benchmarks are scripts, not a package

from labelled import Text
from rivals import Boundary, CosineThreshold, GPTCacheDefault, OnlineRule, RedisVLDefault, VCache, fit_boundary
from streams import StreamResult, make_stream, replay, replay_pairs


def _array(*numbers: float) -> NDArray[np.float64]:
    return np.array(numbers)


def _flags(*flags: int) -> NDArray[np.bool_]:
    return np.array(flags, dtype=bool)


def test_fixed_cuts_serve_from_their_cut_upwards() -> None:
    rng = random.Random(0)
    for rule, cut in ((CosineThreshold(0.75), 0.75), (GPTCacheDefault(), 0.6), (RedisVLDefault(), 0.9)):
        assert rule.cut == pytest.approx(cut)
        assert rule.decide(0, cut + 1e-6, rng)
        assert not rule.decide(0, cut - 1e-6, rng)
    with pytest.raises(ValueError, match=r"1\.5 is outside"):
        CosineThreshold(1.5)


@pytest.mark.filterwarnings("ignore")
def test_the_cut_of_gptcache_is_that_of_its_own_evaluation() -> None:
    reason = "gptcache is not installed: pip install -e '.[bench]'"
    evaluation_class = pytest.importorskip("gptcache.similarity_evaluation.distance", reason=reason)
    config_class = pytest.importorskip("gptcache.config", reason=reason)
    evaluation = evaluation_class.SearchDistanceEvaluation()
    low, high = evaluation.range()
    least = (high - low) * config_class.Config().similarity_threshold  # adapter.adapt, with its cache_factor of 1.0
    rule, served = GPTCacheDefault(), []
    for cosine in np.linspace(-1, 1, 100):  # an even number of steps: none falls on the cut itself
        score = evaluation.evaluation({}, {"search_result": (2 - 2 * cosine, None)})
        served.append(score >= least)
        assert rule.decide(0, float(cosine), random.Random(0)) == served[-1], cosine
    assert sum(served) == 20


def test_the_boundary_lies_in_the_middle_of_symmetric_observations() -> None:
    boundary = fit_boundary(_array(0.2, 0.4, 0.6, 0.8), _flags(0, 1, 0, 1))
    assert boundary is not None
    assert boundary.middle == pytest.approx(0.5, abs=1e-4)


def test_the_variance_is_the_inverse_information_about_the_middle() -> None:
    at, correct = _array(0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0), _flags(0, 0, 1, 0, 1, 0, 1, 1)
    boundary = fit_boundary(at, correct)
    assert boundary is not None

    def log_likelihood(middle: float, steepness: float) -> float:
        sign = np.where(correct, 1.0, -1.0)
        return float(-np.log1p(np.exp(-sign * steepness * (at - middle))).sum())

    t, g, step = boundary.middle, boundary.steepness, (1e-4, 1e-2)
    best = log_likelihood(t, g)
    for dt, dg in ((0.01, 0.0), (-0.01, 0.0), (0.0, 1.0), (0.0, -1.0)):
        assert log_likelihood(t + dt, g + dg) < best
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = np.eye(2)[i] * step, np.eye(2)[j] * step
            corners = [log_likelihood(*(np.array([t, g]) + p * a + q * b)) * p * q for p in (1, -1) for q in (1, -1)]
            hessian[i, j] = sum(corners) / (4 * step[i] * step[j])
    assert boundary.variance == pytest.approx(np.linalg.inv(-hessian)[0, 0], rel=0.01)


def test_separated_observations_take_the_tabled_variance_and_one_class_gives_no_boundary() -> None:
    boundary = fit_boundary(_array(0.0, 0.5, 0.6, 0.8, 0.9, 1.0), _flags(0, 0, 0, 1, 1, 1))
    assert boundary is not None
    assert 0.6 < boundary.middle < 0.8
    assert boundary.variance == pytest.approx(0.0354)
    assert fit_boundary(_array(0.1, 0.9), _flags(1, 1)) is None
    assert fit_boundary(_array(0.1, 0.9), _flags(0, 0)) is None


def test_observations_that_tell_nothing_leave_an_even_chance() -> None:
    boundary = fit_boundary(_array(0.0, 0.5, 0.6, 0.8, 0.9, 1.0), _flags(1, 1, 1, 0, 0, 0))
    assert boundary is not None
    assert boundary.exploring(1.0, delta=0.1) == pytest.approx(0.8, abs=0.001)


def test_exploring_has_its_known_values_when_the_boundary_is_certain() -> None:
    certain = Boundary(middle=0.7, steepness=1e4, variance=0.0)
    assert certain.exploring(0.9, delta=0.02) == 0.0
    assert certain.exploring(0.7, delta=0.02) == pytest.approx(1 - 0.02 / 0.5, abs=1e-4)
    assert certain.exploring(0.5, delta=0.02) == pytest.approx(1 - 0.02)
    doubtful = Boundary(middle=0.7, steepness=40.0, variance=0.01)
    taus = [doubtful.exploring(at, delta=0.02) for at in np.linspace(0.5, 1.0, 11)]
    assert taus == sorted(taus, reverse=True)
    assert taus[-1] > 0.0


def test_vcache_explores_until_an_entry_has_six_observations_its_two_first_ones_among_them() -> None:
    rule = VCache(0.1)
    for similarity, correct in ((0.6, False), (0.7, False), (0.9, True)):
        rule.learn(1, similarity, correct)
    assert rule.exploring(1, 0.99) == 1.0
    rule.learn(1, 0.95, True)
    assert rule.exploring(1, 0.99) < 1.0
    assert rule.exploring(2, 0.99) == 1.0  # what one entry taught says nothing of another


def test_vcache_without_first_observations_explores_while_it_has_seen_one_class() -> None:
    rule = VCache(0.1, seeded=False)
    for _ in range(8):
        rule.learn(1, 0.9, True)
    assert rule.exploring(1, 0.99) == 1.0
    rule.learn(1, 0.5, False)
    assert rule.exploring(1, 0.99) < 1.0
    with pytest.raises(ValueError, match="delta of 0"):
        VCache(0)


def test_vcache_serves_as_often_as_it_does_not_explore() -> None:
    rule, rng = VCache(0.1), random.Random(5)
    for similarity, correct in ((0.6, False), (0.8, True), (0.75, False), (0.7, True), (0.9, True)):
        rule.learn(1, similarity, correct)
    tau = rule.exploring(1, 0.9)
    assert 0.1 < tau < 0.9
    served = sum(rule.decide(1, 0.9, rng) for _ in range(4000))
    assert served / 4000 == pytest.approx(1 - tau, abs=0.03)


def test_vcache_keeps_its_error_rate_where_every_entry_has_another_threshold() -> None:
    """Its model is true here: right with sigmoid(25 (s - t)), t by entry. Tolerance: three standard deviations."""
    delta, thresholds, asked = 0.1, (0.6, 0.75, 0.9), 150
    wrong, hits = [], 0
    for seed in range(8):
        rng, rule = random.Random(seed), VCache(delta)
        wrong.append(0)
        for request in range(asked):
            entry, similarity = request % 3, rng.uniform(0.5, 1.0)
            correct = rng.random() < 1 / (1 + np.exp(-25 * (similarity - thresholds[entry])))
            if rule.decide(entry, similarity, rng):
                hits += 1
                wrong[-1] += not correct
            else:
                rule.learn(entry, similarity, correct)
    requests = asked * len(wrong)
    assert sum(wrong) / requests <= delta + 3 * (delta * (1 - delta) / requests) ** 0.5
    assert max(wrong) / asked <= delta + 3 * (delta * (1 - delta) / asked) ** 0.5
    assert hits / requests > 0.2  # a rule that never serves would keep any bound


def _clusters(count: int, size: int) -> list[Text]:
    return [Text(f"{cluster}-{member}", str(cluster), "en") for cluster in range(count) for member in range(size)]


def test_a_stream_is_the_same_again_and_follows_its_law_of_popularity() -> None:
    clusters = _clusters(8, 3)
    stream = make_stream(clusters, seed=1, length=20_000, zipf=1.0)
    assert stream == make_stream(clusters, seed=1, length=20_000, zipf=1.0)
    assert stream != make_stream(clusters, seed=2, length=20_000, zipf=1.0)
    shares = [count / 20_000 for _, count in Counter(text.cluster for text in stream).most_common()]
    harmonic = sum(1 / rank for rank in range(1, 9))
    assert shares == pytest.approx([1 / rank / harmonic for rank in range(1, 9)], abs=0.015)
    even = Counter(text.text for text in make_stream(clusters, seed=1, length=24_000, zipf=0.0))
    assert len(even) == 24
    assert all(abs(count - 1000) < 150 for count in even.values())
    with pytest.raises(ValueError, match="no stream of 0"):
        make_stream(clusters, seed=1, length=0, zipf=1.0)


def _stream_and_vectors(seed: int) -> tuple[list[Text], NDArray[np.float32]]:
    """200 questions of 10 clusters in 4 dimensions, clusters wide enough to run into each other."""
    rng, clusters = np.random.default_rng(seed), _clusters(10, 6)
    centres = {str(cluster): rng.normal(size=4) for cluster in range(10)}
    places = {text.text: centres[text.cluster] + 0.5 * rng.normal(size=4) for text in clusters}
    stream = make_stream(clusters, seed=seed, length=200, zipf=0.7)
    vectors = np.array([places[text.text] for text in stream])
    return stream, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@dataclass
class _Remembering:
    """A rule of two cuts by the entry's number, which writes down all that it is told."""

    stores_confirmed: bool
    name: str = "remembering"
    told: list[tuple[int, float, bool]] = field(default_factory=list)

    def decide(self, entry: int, similarity: float, rng: random.Random) -> bool:
        return similarity >= (0.8 if entry % 2 else 0.9)

    def learn(self, entry: int, similarity: float, correct: bool) -> None:
        self.told.append((entry, similarity, correct))


def _by_hand(
    stream: Sequence[Text], vectors: NDArray[np.float32], rule: OnlineRule, candidates: int = 1, known: bool = True
) -> list[tuple[int, int, int, int]]:
    """(exact hits, hits, wrong, reachable) after every request, one pair of vectors at a time."""
    stored: list[int] = []
    exact = hits = wrong = reachable = 0
    rows, rng = [], random.Random(0)
    for asked, text in enumerate(stream):
        if any(stream[before].text == text.text for before in (range(asked) if known else stored)):
            exact += 1
        else:
            reachable += any(stream[entry].cluster == text.cluster for entry in stored)
            cosine = {
                entry: sum(float(a) * float(b) for a, b in zip(vectors[entry], vectors[asked], strict=True))
                for entry in stored
            }
            near = sorted(stored, key=lambda entry: -cosine[entry])[:candidates]
            served = next((entry for entry in near if rule.decide(entry, cosine[entry], rng)), None)
            if served is not None:
                hits += 1
                wrong += stream[served].cluster != text.cluster
            else:
                same = bool(near) and stream[near[0]].cluster == text.cluster
                if near:
                    rule.learn(near[0], cosine[near[0]], same)
                if rule.stores_confirmed or not same:
                    stored.append(asked)
        rows.append((exact, hits, wrong, reachable))
    return rows


def _counts(result: StreamResult) -> list[tuple[int, int, int, int]]:
    return [(tally.exact_hits, tally.hits, tally.wrong, tally.reachable) for tally in result.curve]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("stores_confirmed", [True, False])
def test_a_replay_counts_and_teaches_what_brute_force_does(stores_confirmed: bool, known: bool) -> None:
    for seed in range(3):
        stream, vectors = _stream_and_vectors(seed)
        rule, again = _Remembering(stores_confirmed), _Remembering(stores_confirmed)
        result = replay(stream, vectors, rule, seed=0, asked_is_exact=known)
        rows = _by_hand(stream, vectors, again, known=known)
        assert _counts(result) == rows[9::10]
        assert [tally.requests for tally in result.curve] == list(range(10, 201, 10))
        assert (result.exact_hits, result.hits, result.wrong, result.reachable) == rows[-1]
        assert min(rows[-1]) > 0
        assert [(entry, correct) for entry, _, correct in rule.told] == [(e, correct) for e, _, correct in again.told]
        assert [at for _, at, _ in rule.told] == pytest.approx([at for _, at, _ in again.told], abs=1e-5)


def test_a_rule_of_pairs_is_offered_the_nearest_entries_in_their_order() -> None:
    stream, vectors = _stream_and_vectors(4)
    rule, offered = _Remembering(stores_confirmed=True), []

    def decide(asked: int, entry: int, similarity: float) -> bool:
        assert similarity == pytest.approx(float(vectors[asked] @ vectors[entry]), abs=1e-5)
        offered.append((asked, entry))
        return rule.decide(entry, similarity, random.Random(0))

    result = replay_pairs(stream, vectors, decide, candidates=3)
    assert _counts(result) == _by_hand(stream, vectors, _Remembering(stores_confirmed=True), candidates=3)[9::10]
    assert max(Counter(asked for asked, _ in offered).values()) == 3
    assert len(set(offered)) == len(offered)
    judge = replay_pairs(stream, vectors, lambda asked, entry, _: stream[asked].cluster == stream[entry].cluster, 200)
    assert (judge.wrong, judge.hits) == (0, judge.reachable)


def test_rates_are_by_request_and_by_hit_and_a_short_stream_has_a_short_curve() -> None:
    stream = [Text("a", "1", "en"), Text("b", "1", "en"), Text("c", "2", "en"), Text("a", "1", "en")]
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (4, 1))
    result = replay(stream, vectors, CosineThreshold(0.9), seed=0)
    assert (result.requests, result.exact_hits, result.hits, result.wrong, result.reachable) == (4, 1, 2, 1, 1)
    assert (result.hit_rate, result.wrong_per_hit, result.wrong_per_request) == (0.5, 0.5, 0.25)
    assert result.served_rate == 0.75
    assert [tally.requests for tally in result.curve] == [1, 2, 3, 4]


def test_vectors_that_do_not_fit_the_stream_are_refused() -> None:
    stream, vectors = _stream_and_vectors(0)
    with pytest.raises(ValueError, match=r"shape \(199, 4\) for 200 questions"):
        replay(stream, vectors[1:], CosineThreshold(0.9), seed=0)
    with pytest.raises(ValueError, match="make them unit vectors"):
        replay(stream, 2 * vectors, CosineThreshold(0.9), seed=0)
    with pytest.raises(ValueError, match="0 candidates"):
        replay_pairs(stream, vectors, lambda *_: True, candidates=0)
