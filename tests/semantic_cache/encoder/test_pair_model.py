"""The pair model that is shipped runs as the one that was trained."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from semantic_cache.encoder import Encoder, PairModel, shipped_weights
from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER
from semantic_cache.encoder.graph import Graph
from semantic_cache.encoder.int8_graph import Int8Graph
from training.evaluate_sets import shipped_pairs
from training.joint_model import JointModel, LowerLayers

States = Callable[[str], np.ndarray]

_PAIRS = (
    ("How do I reset my password?", "I forgot my password, what now?"),
    ("How do I reset my password?", "How do I reset my PIN?"),
    ("서울에서 부산까지 얼마나 걸려요?", "부산에서 서울까지 얼마나 걸려요?"),
    ("a", "Qual é o horário de atendimento aos sábados e aos domingos na loja do centro?"),
)


def _shipped(encoder: Encoder, kind: type[Graph] = Int8Graph) -> PairModel:
    return PairModel(encoder, shipped_weights(encoder.packed)[0], kind)


def _in_torch(encoder: Encoder, model: JointModel, pairs: tuple[tuple[str, str], ...]) -> np.ndarray:
    packed, logits = encoder.packed, []
    lower = LowerLayers(packed, FIRST_UPPER_LAYER).eval()

    def states(text: str) -> torch.Tensor:
        ids = [packed.bos, *encoder.pieces([f"query: {text}"])[0], packed.eos]
        words = torch.tensor(packed.words.rows(np.array([ids])))
        out: torch.Tensor = lower(words, torch.ones(1, len(ids), dtype=torch.bool))
        return out

    with torch.no_grad():
        for one, other in pairs:
            here, there = states(one), states(other)
            masks = [torch.ones(side.shape[:2], dtype=torch.bool) for side in (here, there)]
            logits.append(float(model(here, masks[0], there, masks[1])))
    return np.array(logits)


def test_onnx_gives_the_logits_of_torch(encoder: Encoder, exact_states: States) -> None:
    torch.manual_seed(0)
    model = JointModel(encoder.packed, FIRST_UPPER_LAYER).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.01)
        model.inner.weight.normal_(0.0, 1.0)  # the head is loud, so that small differences below it are heard
        model.out.weight.normal_(0.0, 1.0)
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    expected = _in_torch(encoder, model, _PAIRS)
    states = [(exact_states(one), exact_states(other)) for one, other in _PAIRS]
    spread = np.ptp(expected)
    assert spread > 0.1  # the pairs are told apart at all
    rounded, exact = PairModel(encoder, weights), PairModel(encoder, weights, Graph)
    assert rounded.logits(_PAIRS) == pytest.approx(expected, abs=0.05 * spread)
    assert exact.logits_of_states(states) == pytest.approx(expected, abs=1e-2)
    assert exact.fingerprint != rounded.fingerprint


def test_the_shipped_model_in_int8_judges_as_in_float32(encoder: Encoder, exact_states: States) -> None:
    pairs = [(pair.one, pair.other) for pair in islice(shipped_pairs(Path(__file__).parents[3]), 60)]
    rounded = _shipped(encoder).logits(pairs)
    states = [(exact_states(one), exact_states(other)) for one, other in pairs]
    exact = _shipped(encoder, Graph).logits_of_states(states)
    assert np.corrcoef(rounded, exact)[0, 1] > 0.999
    assert np.abs(rounded - exact).mean() < 0.01 * np.ptp(exact)


def test_a_pair_is_as_probable_alone_as_beside_others(encoder: Encoder) -> None:
    pairs = _shipped(encoder)
    assert [pairs.logit(*pair) for pair in _PAIRS] == pairs.logits(_PAIRS).tolist()


def test_the_shipped_model_tells_paraphrases_from_near_misses_that_it_never_saw(encoder: Encoder) -> None:
    pairs = list(islice(shipped_pairs(Path(__file__).parents[3]), 200))
    logits = _shipped(encoder).logits([(pair.one, pair.other) for pair in pairs])
    same = np.array([pair.same for pair in pairs])
    right = logits[same][:, None] > logits[~same][None]
    assert right.mean() > 0.7  # a cosine: under 0.4


def test_long_texts_are_known_not_to_fit(encoder: Encoder) -> None:
    pairs = _shipped(encoder)
    assert pairs.fits("How do I reset my password?")
    assert not pairs.fits("word " * 200)


def test_no_pairs_are_no_logits(encoder: Encoder) -> None:
    assert _shipped(encoder).logits([]).shape == (0,)
