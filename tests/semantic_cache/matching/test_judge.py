"""Neighbours become candidates; the first that no guard refuses and the policy serves is chosen."""

from __future__ import annotations

import pytest

from normalize import Normalizer
from semantic_cache.answer import Candidate
from semantic_cache.matching import Calibration, Judge, Threshold, calibration_for

_CALIBRATION = Calibration(slope=20.0, intercept=-18.0, threshold=0.9, languages=frozenset({"en"}))


def _candidate(similarity: float, veto: str | None = None) -> Candidate:
    return Candidate(1, "?", similarity, None, veto)


def test_a_refused_candidate_leaves_the_next_one_its_chance() -> None:
    judge = Judge(Threshold(0.9), _CALIBRATION)
    near, next_one = _candidate(0.99, "numbers differ"), _candidate(0.95)
    assert judge.chosen([near, next_one]) is next_one
    assert judge.chosen([near, _candidate(0.89)]) is None
    assert judge.chosen([]) is None


def test_without_a_threshold_nothing_is_served() -> None:
    assert Judge(Threshold(None), None).chosen([_candidate(1.0)]) is None
    assert str(Threshold(None)) == "nothing by similarity"


def test_a_language_that_the_embedder_does_not_know_is_not_matched() -> None:
    judge, normalize = Judge(Threshold(0.9), _CALIBRATION), Normalizer()
    assert judge.covers(normalize("Where is the pool?"))
    assert not judge.covers(normalize("수영장은 어디예요?"))
    assert Judge(Threshold(0.9), None).covers(normalize("수영장은 어디예요?"))


def test_probability_grows_with_similarity() -> None:
    probabilities = [_CALIBRATION.probability(similarity / 10) for similarity in range(-10, 11)]
    assert probabilities == sorted(probabilities)
    assert _CALIBRATION.probability(0.9) == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["multilingual-e5-small-q4", "all-MiniLM-L6-v2"])
def test_the_bundled_embedders_are_calibrated(name: str) -> None:
    calibration = calibration_for(name)
    assert calibration is not None
    assert 0.5 < calibration.threshold < 1.0
    assert calibration.slope > 0
    assert calibration.probability(calibration.threshold) > 0.5


def test_an_unknown_embedder_has_no_calibration() -> None:
    assert calibration_for("my/model") is None
