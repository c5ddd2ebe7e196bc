"""The pair model's file: what it learned beyond the encoder's own weights, a byte a number.

A matrix is kept as its difference from the encoder's, int8 with one scale a row; differences are small, so that a step
is about 0.0001. Everything else is kept as float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER
from semantic_cache.encoder.packed_file import PackedModel
from semantic_cache.errors import EmbeddingError

__all__ = ["PairWeights", "averaged", "packed_difference", "read_difference", "shipped_weights"]

PairWeights = Mapping[str, NDArray[np.float32]]
"""Parameter's name → its values; those of a layer are named "layers.l6.q.w", the head's "inner.weight" and so on."""

_LAYERS, _SCALE = "layers.", ".scale"
_HEAD = ("side", "summary", "inner.weight", "inner.bias", "out.weight", "out.bias")


def packed_difference(weights: PairWeights, model: PackedModel) -> dict[str, NDArray[np.generic]]:
    """The arrays of the file.

    Args:
        model: The encoder that the weights were learned from.
    """
    out: dict[str, NDArray[np.generic]] = {}
    for name, value in weights.items():
        if not name.startswith(_LAYERS) or value.ndim != 2:
            out[name] = value.astype(np.float32)
            continue
        difference = value - model.tensors[name.removeprefix(_LAYERS)]
        scale = np.maximum(np.abs(difference).max(axis=1, keepdims=True), 1e-12) / 127
        out[name] = np.rint(difference / scale).astype(np.int8)
        out[name + _SCALE] = scale.astype(np.float32)
    return out


def read_difference(arrays: Mapping[str, NDArray[np.generic]], model: PackedModel) -> dict[str, NDArray[np.float32]]:
    """The weights of a file's arrays."""
    out: dict[str, NDArray[np.float32]] = {}
    for name, value in arrays.items():
        if name.endswith(_SCALE):
            continue
        if name + _SCALE not in arrays:
            out[name] = value.astype(np.float32)
            continue
        difference = value.astype(np.float32) * arrays[name + _SCALE].astype(np.float32)
        out[name] = model.tensors[name.removeprefix(_LAYERS)] + difference
    return out


def averaged(models: Sequence[PairWeights]) -> PairWeights:
    """The mean of models that went on from one: it errs less than either, and costs as much as one (Wortsman et al.,
    "Model soups", 2022)."""
    return {name: np.mean([one[name] for one in models], axis=0, dtype=np.float32) for name in models[0]}


def shipped_weights(model: PackedModel) -> tuple[PairWeights, ...]:
    """What `training` made: two models that learned from different sets.

    Raises:
        EmbeddingError: They cannot be read.
    """
    try:
        folder = files("semantic_cache.matching")
        return tuple(_read(folder.joinpath(f"pair_model_{number}.npz").read_bytes(), model) for number in (1, 2))
    except Exception as error:  # a damaged archive is told in many ways
        raise EmbeddingError(
            f"The pair model of this installation cannot be read ({error}): install it anew."
        ) from error


def _read(data: bytes, model: PackedModel) -> PairWeights:
    with np.load(BytesIO(data)) as file:
        weights = read_difference({name: file[name] for name in file.files}, model)
    wanted = {
        _LAYERS + name: value.shape for name, value in model.tensors.items() if _number_of(name) >= FIRST_UPPER_LAYER
    }
    missing = {*wanted, *_HEAD} - set(weights)
    strange = [name for name, value in weights.items() if value.shape != wanted.get(name, value.shape)]
    strange += [name for name, value in weights.items() if not np.isfinite(value).all()]
    if missing or strange:
        raise ValueError(f"missing or of another kind: {', '.join(sorted({*missing, *strange}))}")
    return weights


def _number_of(name: str) -> int:
    """Of the layer that a tensor of the encoder belongs to, -1 for none."""
    layer = name.partition(".")[0][1:]
    return int(layer) if layer.isdecimal() else -1
