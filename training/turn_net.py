"""The model of conversations in torch, for training: `semantic_cache.encoder.turn_model` computes the same in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from semantic_cache.encoder.encoder import Encoder
from semantic_cache.encoder.turn_model import INNER, QUERIES, RELATIONS, relations
from training.conversations import NextTurn

__all__ = ["Read", "TurnNet", "read_turns"]


@dataclass(frozen=True, slots=True)
class Read:
    """A next turn half-way up the encoder: states of it and of each of the user's turns before, (tokens, width)."""

    mine: NDArray[np.float32]
    before: tuple[NDArray[np.float32], ...]
    related: NDArray[np.float32]
    conditions: tuple[bool, ...]
    alone: bool


class _Queries(nn.Module):
    """Learned queries, each with what is read at the tokens that it attends to."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, QUERIES, bias=False)
        self.value = nn.Linear(width, QUERIES, bias=False)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(texts, tokens, width), (texts, tokens) bool → (texts, queries)."""
        scores = self.query(states).masked_fill(~mask[..., None], -1e9).softmax(dim=1)
        return cast(Tensor, (scores * self.value(states)).sum(1))


class TurnNet(nn.Module):
    """States of a turn and of those before → logit that it stands alone.

    Args:
        mean, deviation: (width,) of the states, which are read in units of it.
        dropout: Share of the numbers of each state that are left out in training.
    """

    def __init__(self, mean: Tensor, deviation: Tensor, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.last, self.before = _Queries(len(mean)), _Queries(len(mean))
        self.inner = nn.Linear(2 * QUERIES + RELATIONS, INNER)
        self.out = nn.Linear(INNER, 1)
        self.condition = nn.Linear(QUERIES, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: list[Read]) -> tuple[Tensor, Tensor]:
        """(len(batch),) logits, and for all turns before, one after another, that they set a condition."""
        left_open = self._looked_for(self.last, [one.mine for one in batch])
        counts = [len(one.before) for one in batch]
        found = self._looked_for(self.before, [states for one in batch for states in one.before])
        set_before = torch.stack([part.max(0).values for part in torch.split(found, counts)])
        related = torch.from_numpy(np.stack([one.related for one in batch]))
        read = self.dropout(torch.cat([left_open, set_before, related], dim=1))
        return self.out(self.inner(read).relu()).squeeze(1), self.condition(found).squeeze(1)

    def _looked_for(self, queries: _Queries, rows: list[NDArray[np.float32]]) -> Tensor:
        padded = nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
        mask = torch.arange(padded.shape[1])[None] < torch.tensor([len(row) for row in rows])[:, None]
        scaled = (padded - cast(Tensor, self.mean)) / cast(Tensor, self.deviation)
        return cast(Tensor, queries(self.dropout(scaled), mask))


def read_turns(turns: list[NextTurn], encoder: Encoder) -> list[Read]:
    """What the model reads of each, computed as the product does."""
    texts = {one.text for one in turns} | {said.content for one in turns for said in one.history if said.role == "user"}
    states = {text: np.array(encoder.states(text)) for text in texts}
    return [_read(one, states) for one in turns]


def _read(turn: NextTurn, states: dict[str, NDArray[np.float32]]) -> Read:
    mine = states[turn.text]
    before = tuple(states[one.content] for one in turn.history if one.role == "user")
    return Read(mine, before, relations(turn.history, turn.text, mine, before), turn.conditions, turn.alone)
