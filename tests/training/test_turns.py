"""The model of conversations: trained in torch, run in numpy, measured on blocks that it did not learn from."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from semantic_cache.encoder import Encoder, TurnModel, open_encoder
from training import turns as training
from training.conversations import NextTurn, read_conversations
from training.turn_net import Read, TurnNet, read_turns

_ABOUT = Path(training.__file__).with_name("turns.json")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


def _some(count: int) -> list[NextTurn]:
    every = read_conversations()
    return every[:: len(every) // count][:count]


def test_numpy_computes_what_was_trained_in_torch(encoder: Encoder) -> None:
    turns = _some(12)
    reads = read_turns(turns, encoder)
    torch.manual_seed(0)
    nets = [TurnNet(torch.randn(384) * 0.1, torch.rand(384) + 0.5, 0.2).eval() for _ in range(2)]
    for net in nets:
        torch.nn.init.normal_(net.out.weight, std=2.0)  # else every probability is a half
    weights = {name: np.stack([net.state_dict()[name].numpy() for net in nets]) for name in nets[0].state_dict()}
    model = TurnModel(encoder, weights)
    found = np.array([model.stands_alone(one.history, one.text) for one in turns], dtype=np.float64)
    expected = training.probabilities(nets, reads)
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_net_learns_from_what_it_is_given(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "EPOCHS", 8)
    turns = _some(150)
    reads = read_turns(turns, encoder)
    found = training.probabilities([training.trained(reads, seed=0)], reads)
    alone = np.array([one.alone for one in turns])
    wrong = [-math.log(p if same else 1 - p) for p, same in zip(found.clip(1e-6, 1 - 1e-6), alone, strict=True)]
    assert np.mean(wrong) < 0.5  # a coin has 0.69


def test_no_block_is_judged_by_what_learned_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = _some(60)
    empty = np.zeros((1, 384), dtype=np.float32)
    reads = [Read(empty, (empty,), np.zeros(1, dtype=np.float32), one.conditions, one.alone) for one in turns]
    group_of = {id(read): one.group for read, one in zip(reads, turns, strict=True)}
    judged = []

    def learned_from(mine: list[Read]) -> set[str]:
        return {group_of[id(read)] for read in mine}

    def judge(learned: set[str], mine: list[Read]) -> np.ndarray:
        assert learned
        assert learned.isdisjoint(learned_from(mine))
        judged.extend(mine)
        return np.zeros(len(mine))

    monkeypatch.setattr(training, "nets", learned_from)
    monkeypatch.setattr(training, "probabilities", judge)
    training.cross_fitted(turns, reads)
    assert len(judged) == len(turns)


def test_what_is_said_of_it_belongs_to_the_conversations_that_are_there() -> None:
    about, turns = json.loads(_ABOUT.read_text("utf-8")), read_conversations()
    assert (about["turns"], about["blocks"]) == (len(turns), len({one.group for one in turns}))
