"""What ships reads a pair with two models, and with the second only where the first leaves it open."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from semantic_cache.encoder import Encoder, PairEnsemble, PairModel, shipped_weights
from semantic_cache.encoder.pair_ensemble import SECOND_READS_FROM
from training.evaluate_sets import shipped_pairs

_PAIRS = 120


@pytest.fixture(scope="module")
def alone(encoder: Encoder) -> list[PairModel]:
    return [PairModel(encoder, one) for one in shipped_weights(encoder.packed)]


@pytest.fixture(scope="module")
def ensemble(encoder: Encoder, alone: list[PairModel]) -> PairEnsemble:
    return PairEnsemble(encoder, alone)


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return [(pair.one, pair.other) for pair in islice(shipped_pairs(Path(__file__).parents[3]), _PAIRS)]


def test_it_is_the_mean_of_both_where_the_first_leaves_it_open_and_the_first_alone_elsewhere(
    ensemble: PairEnsemble, alone: list[PairModel], texts: list[tuple[str, str]]
) -> None:
    first, second = (model.logits(texts) for model in alone)
    read_on = first >= SECOND_READS_FROM
    assert 0 < read_on.sum() < _PAIRS
    assert ensemble.logits(texts) == pytest.approx(np.where(read_on, (first + second) / 2, first), abs=1e-6)


def test_the_second_is_not_asked_about_what_the_first_surely_denies(
    ensemble: PairEnsemble, texts: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[PairModel] = []
    plain = PairModel.logit_of_states

    def counted(self: PairModel, one: np.ndarray, other: np.ndarray) -> float:
        read.append(self)
        return plain(self, one, other)

    monkeypatch.setattr(PairModel, "logit_of_states", counted)
    logits = ensemble.logits(texts)
    assert _PAIRS < len(read) < 2 * _PAIRS
    assert (logits < SECOND_READS_FROM).any()


def test_a_pair_is_as_probable_alone_as_beside_others(ensemble: PairEnsemble, texts: list[tuple[str, str]]) -> None:
    some = texts[:8]
    assert [float(ensemble.logits([pair])[0]) for pair in some] == ensemble.logits(some).tolist()


def test_one_model_is_an_ensemble_too(encoder: Encoder, alone: list[PairModel], texts: list[tuple[str, str]]) -> None:
    single = PairEnsemble(encoder, alone[:1])
    assert single.logits(texts[:8]).tolist() == alone[0].logits(texts[:8]).tolist()


def test_its_fingerprint_is_of_all_its_models(encoder: Encoder, ensemble: PairEnsemble, alone: list[PairModel]) -> None:
    other_way = PairEnsemble(encoder, alone[::-1])
    prints = {ensemble.fingerprint, other_way.fingerprint, *(model.fingerprint for model in alone)}
    assert len(prints) == 4


def test_long_texts_and_no_texts(ensemble: PairEnsemble) -> None:
    assert ensemble.fits("How do I reset my password?")
    assert not ensemble.fits("word " * 200)
    assert ensemble.logits([]).shape == (0,)
