"""The encoder's layers with int8 matrices, for half the time of float32 and less.

ONNX Runtime's `DynamicQuantizeMatMul` needs no calibration: what goes in is quantized as it comes, with one scale for
all of it. A few numbers are far larger than all others, and always the same ones: they alone would set that scale, and
the vectors would have a cosine of 0.995 with float32's. They are multiplied apart, in float32 (Dettmers et al.,
"LLM.int8()", 2022), and it is 0.9997 on questions, 0.9994 at the worst.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.graph import FUSED, Graph, Weights

__all__ = ["LARGE_INNER", "LARGE_STATES", "Int8Graph", "rounded_columns"]

_MOST: Final = 63
"""Weights use seven bits. Processors without VNNI add two products in 16 bits: with eight bits that sum could saturate,
and one question would have other vectors and probabilities on another machine."""

LARGE_STATES: Final = (15, 35, 60, 87, 146, 297, 321, 351)
"""Places of the states that are among the largest in one layer or another, up to thirty times as large as most."""

LARGE_INNER: Final = (318, 1462, 354, 408, 778, 658, 1152, 413, 563, 742, 674, 119)
"""Of each layer the inner number that gets largest: up to 66 where no other gets above 6, for the first and last token.
In the last four layers none stands out."""


class Int8Graph(Graph):
    """Weights have one scale a column; what they are multiplied with has one scale a call.

    What else is in a batch thus changes the result by a rounding: give it one sequence at a time.
    """

    def _attention(self, states: str, mask: str, name: str, tensors: Weights) -> str:
        matrices = [tensors[f"{name}.{part}.w"] for part in "qkv"]
        joined = self._product(states, f"{name}.qkv", np.concatenate(matrices))
        sizes = self.weight(f"{name}.sizes", np.array([len(matrix) for matrix in matrices]))
        parts = self.nodes("Split", [joined, sizes], [f"{name}.{part}.y" for part in "qkv"], axis=-1)
        inputs = [*parts, self._attention_bias(name, tensors), mask]
        return self.node("MultiHeadAttention", inputs, f"{name}.mixed", FUSED, num_heads=self.model.heads)

    def _product(self, states: str, name: str, matrix: NDArray[np.float32]) -> str:
        large = _large(name)
        small = np.ones(matrix.shape[1], dtype=np.float32)
        small[large] = 0
        rounded, scale = rounded_columns((matrix * small).T)
        weights = [self.weight(f"{name}.int8", rounded), self.weight(f"{name}.scale", scale)]
        rest = self.node("Mul", [states, self.weight(f"{name}.small", small)], f"{name}.rest") if large else states
        product = self.node("DynamicQuantizeMatMul", [rest, *weights], f"{name}.product", FUSED)
        if not large:
            return product
        few = self.node("Gather", [states, self.weight(f"{name}.places", np.array(large))], f"{name}.few", axis=-1)
        apart = self.node("MatMul", [few, self.weight(f"{name}.large", matrix[:, large].T)], f"{name}.apart")
        return self.node("Add", [product, apart], f"{name}.sum")


def _large(name: str) -> list[int]:
    """Places of what a matrix is multiplied with that are multiplied in float32."""
    layer, _, part = name.partition(".")
    if part == "fo":
        return [LARGE_INNER[int(layer.removeprefix("l"))]]
    return [] if part == "ao" else list(LARGE_STATES)


def rounded_columns(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(in, out) → the same in int8, and (out,) float32 scales."""
    scale = (np.maximum(np.abs(matrix).max(axis=0), 1e-12) / _MOST).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale
