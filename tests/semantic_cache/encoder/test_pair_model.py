"""The pair model that is shipped runs as the one that was trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from semantic_cache.encoder import Encoder, PairEnsemble, PairModel, open_encoder, shipped_adapters
from training.joint_model import JointModel, LowerLayers

_PAIRS = (
    ("How do I reset my password?", "I forgot my password, what now?"),
    ("How do I reset my password?", "How do I reset my PIN?"),
    ("서울에서 부산까지 얼마나 걸려요?", "부산에서 서울까지 얼마나 걸려요?"),
    ("a", "Qual é o horário de atendimento aos sábados e aos domingos na loja do centro?"),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


def _in_torch(encoder: Encoder, model: JointModel, pairs: tuple[tuple[str, str], ...]) -> np.ndarray:
    packed, logits = encoder.packed, []
    lower = LowerLayers(packed, 6)

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


def test_onnx_gives_the_logits_of_torch(encoder: Encoder) -> None:
    torch.manual_seed(0)
    model = JointModel(encoder.packed, 6, rank=4).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
        model.inner.weight.normal_(0.0, 1.0)  # the head is loud, so that small differences below it are heard
        model.out.weight.normal_(0.0, 1.0)
    adapter = {name: value.detach().numpy() for name, value in model.named_parameters()}
    expected = _in_torch(encoder, model, _PAIRS)
    pairs = PairModel(encoder, adapter)
    assert pairs.logits(_PAIRS) == pytest.approx(expected, abs=1e-2)
    assert [pairs.logit(*pair) for pair in _PAIRS] == pytest.approx(expected, abs=1e-2)
    assert np.ptp(expected) > 0.1  # the pairs are told apart at all


def test_the_shipped_model_tells_a_paraphrase_from_a_near_miss(encoder: Encoder) -> None:
    logits = PairEnsemble(encoder, shipped_adapters()).logits(_PAIRS)
    assert logits[0] > logits[1]


def test_long_texts_are_known_not_to_fit(encoder: Encoder) -> None:
    pairs = PairEnsemble(encoder, shipped_adapters())
    assert pairs.fits("How do I reset my password?")
    assert not pairs.fits("word " * 200)


def test_no_pairs_are_no_logits(encoder: Encoder) -> None:
    assert PairEnsemble(encoder, shipped_adapters()).logits([]).shape == (0,)
