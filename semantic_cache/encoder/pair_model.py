"""The cross-encoder: reads two questions at once and says whether the answer to one is right for the other.

Its upper layers are the encoder's, trained further for this; `training/` makes them (pair_weights.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER, Encoder, open_session, run
from semantic_cache.encoder.graph import Graph
from semantic_cache.encoder.int8_graph import Int8Graph
from semantic_cache.encoder.pair_graph import joint_model
from semantic_cache.encoder.pair_weights import PairWeights

__all__ = ["MOST_PAIR_TOKENS", "PairModel"]

MOST_PAIR_TOKENS = 96
"""The longest text it was trained on, in tokens."""

_LAYERS = "layers."
_HEAD = {"inner.w": "inner.weight", "inner.b": "inner.bias", "out.w": "out.weight", "out.b": "out.bias"}


class PairModel:
    """Thread-safe.

    Args:
        encoder: Gives the states after the lower layers.
        weights: What was learned.
        kind: Of the layers.
    """

    def __init__(self, encoder: Encoder, weights: PairWeights, kind: type[Graph] = Int8Graph) -> None:
        self._encoder = encoder
        self._sides, self._summary = weights["side"], weights["summary"]
        tensors = {name.removeprefix(_LAYERS): value for name, value in weights.items() if name.startswith(_LAYERS)}
        tensors |= {mine: weights[name] for mine, name in _HEAD.items()}
        graph = joint_model(encoder.packed, FIRST_UPPER_LAYER, tensors, kind)
        self.fingerprint = _fingerprint(graph, self._sides, self._summary)
        self._session = open_session(graph, encoder.threads)

    def logit(self, one: str, other: str) -> float:
        """Log odds that one answer serves both; positive for yes.

        Raises:
            EmbeddingError: A text cannot be read.
        """
        return float(self.logits([(one, other)])[0])

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(len(pairs),) float32: `logit` of each."""
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        return self.logits_of_states([(self._encoder.states(one), self._encoder.states(other)) for one, other in pairs])

    def logits_of_states(
        self, states: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
    ) -> NDArray[np.float32]:
        """The same for questions that are read half-way: pairs of (tokens, width) after the lower layers."""
        # One at a time: nothing is padded, and a pair is as probable alone as beside others (int8_graph.py).
        return np.array([self.logit_of_states(one, other) for one, other in states], dtype=np.float32)

    def logit_of_states(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        """Of one such pair."""
        middle = 1 + len(one)
        states = np.concatenate([self._summary[None], one + self._sides[0], other + self._sides[1]])[None]
        masks = {name: np.zeros(states.shape[:2], dtype=np.int32) for name in ("mask", "here", "there")}
        masks["mask"][:] = masks["here"][:, 1:middle] = masks["there"][:, middle:] = 1
        return float(run(self._session, {"states": states, **masks})[0])

    def fits(self, text: str) -> bool:
        """Whether the text is no longer than those it was trained on."""
        return len(text) < MOST_PAIR_TOKENS // 2 or self._encoder.count_tokens(text) <= MOST_PAIR_TOKENS


def _fingerprint(graph: bytes, *marks: NDArray[np.float32]) -> str:
    return hashlib.sha256(graph + b"".join(one.tobytes() for one in marks)).hexdigest()[:16]
