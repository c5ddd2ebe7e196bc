"""The cross-encoder: reads two questions at once and says whether the answer to one is right for the other.

Its upper layers are the encoder's with a learned low-rank update, shipped as about one megabyte; `training/` makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER, Encoder, open_session, run
from semantic_cache.encoder.graph import joint_model
from semantic_cache.errors import EmbeddingError

__all__ = ["MOST_PAIR_TOKENS", "PairEnsemble", "PairModel", "shipped_adapters"]

MOST_PAIR_TOKENS = 96
"""The longest text it was trained on, in tokens."""

_ALPHA = 32.0
_MATRICES = ("q", "k", "v", "ao", "fi", "fo")

Adapter = Mapping[str, NDArray[np.float32]]


class PairModel:
    """Thread-safe.

    Args:
        encoder: Gives the states after the lower layers.
        adapter: What was learned, by parameter name.
    """

    def __init__(self, encoder: Encoder, adapter: Adapter) -> None:
        self._encoder = encoder
        self.fingerprint = _fingerprint(adapter)
        self._sides, self._summary = adapter["side"], adapter["summary"]
        tensors = _adapted(encoder, adapter)
        self._session = open_session(joint_model(encoder.packed, FIRST_UPPER_LAYER, tensors), encoder.threads)

    def logit(self, one: str, other: str) -> float:
        """Log odds that one answer serves both; positive for yes.

        Raises:
            EmbeddingError: A text cannot be read.
        """
        return float(self.logits([(one, other)])[0])

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(len(pairs),) float32: `logit` of each, computed together."""
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        return self.logits_of_states([(self._encoder.states(one), self._encoder.states(other)) for one, other in pairs])

    def logits_of_states(
        self, states: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]
    ) -> NDArray[np.float32]:
        """The same for questions that are read half-way: pairs of (tokens, width) after the lower layers."""
        longest = max(len(one) + len(other) for one, other in states) + 1
        batch = np.zeros((len(states), longest, self._encoder.packed.width), dtype=np.float32)
        masks = {name: np.zeros((len(states), longest), dtype=np.int32) for name in ("mask", "here", "there")}
        for row, (one, other) in enumerate(states):
            middle, end = 1 + len(one), 1 + len(one) + len(other)
            batch[row, 0] = self._summary
            batch[row, 1:middle] = one + self._sides[0]
            batch[row, middle:end] = other + self._sides[1]
            masks["mask"][row, :end] = masks["here"][row, 1:middle] = masks["there"][row, middle:end] = 1
        return run(self._session, {"states": batch, **masks})

    def fits(self, text: str) -> bool:
        """Whether the text is no longer than those it was trained on."""
        return len(text) < MOST_PAIR_TOKENS // 2 or self._encoder.count_tokens(text) <= MOST_PAIR_TOKENS


class PairEnsemble:
    """Pair models that learned from different sets, over one encoder: their mean errs less than either. Thread-safe."""

    def __init__(self, encoder: Encoder, adapters: Sequence[Adapter]) -> None:
        self._encoder = encoder
        self.models = tuple(PairModel(encoder, adapter) for adapter in adapters)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(len(pairs),) float32: the mean of the models' log odds.

        Raises:
            EmbeddingError: A text cannot be read.
        """
        if not pairs:
            return np.zeros(0, dtype=np.float32)
        states = [(self._encoder.states(one), self._encoder.states(other)) for one, other in pairs]
        mean: NDArray[np.float32] = np.mean([model.logits_of_states(states) for model in self.models], axis=0)
        return mean

    def fits(self, text: str) -> bool:
        """Whether the text is no longer than those they were trained on."""
        return self.models[0].fits(text)


def shipped_adapters() -> tuple[Adapter, ...]:
    """What `training/train.py` made.

    Raises:
        EmbeddingError: It cannot be read.
    """
    try:
        folder = files("semantic_cache.matching")
        return tuple(_read(folder.joinpath(f"pair_adapter_{number}.npz").read_bytes()) for number in (1, 2))
    except Exception as error:  # a damaged archive is told in many ways
        raise EmbeddingError(
            f"The pair model of this installation cannot be read ({error}): install it anew."
        ) from error


def _read(data: bytes) -> Adapter:
    with np.load(BytesIO(data)) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


def _fingerprint(adapter: Adapter) -> str:
    digest = hashlib.sha256()
    for name in sorted(adapter):
        digest.update(name.encode() + adapter[name].tobytes())
    return digest.hexdigest()[:16]


def _adapted(encoder: Encoder, adapter: Adapter) -> dict[str, NDArray[np.float32]]:
    packed = encoder.packed
    tensors = dict(packed.tensors)
    for place, number in enumerate(range(FIRST_UPPER_LAYER, packed.layers)):
        for matrix in _MATRICES:
            up, down = (adapter[f"layers.{place}.{matrix}.{part}"] for part in ("up", "down"))
            tensors[f"l{number}.{matrix}.w"] = packed.tensors[f"l{number}.{matrix}.w"] + _ALPHA / len(down) * (
                up @ down
            )
    for mine, name in (
        ("inner.w", "inner.weight"),
        ("inner.b", "inner.bias"),
        ("out.w", "out.weight"),
        ("out.b", "out.bias"),
    ):
        tensors[mine] = adapter[name]
    return tensors
