"""The pair model as an ONNX graph, its matrices in int8: two thirds of the time that float32 takes.

ONNX Runtime's `DynamicQuantizeMatMul` needs no calibration: what goes in is quantized as it comes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from semantic_cache.encoder.graph import FUSED, STATES, Graph, Weights, inputs_of
from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["joint_model"]

_MOST = 63
"""Weights use seven bits. Processors without VNNI add two products in 16 bits: with eight bits that sum could saturate,
and one question would have other probabilities on another machine."""


class _Int8Graph(Graph):
    """Weights have one scale a column; inputs are quantized as they come, with one scale a call.

    What else is in a batch thus changes the result by a rounding: give it one sequence at a time.
    """

    def _layer(self, states: str, mask: str, name: str, tensors: Weights) -> str:
        qkv = [self._product(states, f"{name}.{part}", tensors) for part in "qkv"]
        mixed = self.node("MultiHeadAttention", [*qkv, "", mask], f"{name}.mixed", FUSED, num_heads=self.model.heads)
        out = self._product(mixed, f"{name}.ao", tensors)
        none = np.zeros(self.model.width, dtype=np.float32)  # the product has added it
        states = self._norm(out, states, f"{name}.aln", none, tensors)
        gelu = self.node("Gelu", [self._product(states, f"{name}.fi", tensors)], f"{name}.gelu", FUSED)
        return self._norm(self._product(gelu, f"{name}.fo", tensors), states, f"{name}.oln", none, tensors)

    def _product(self, states: str, name: str, tensors: Weights) -> str:
        matrix, scale = _int8(tensors[f"{name}.w"].T)
        weights = [self.weight(f"{name}.int8", matrix), self.weight(f"{name}.scale", scale)]
        bias = self.weight(f"{name}.b", tensors[f"{name}.b"])
        return self.node("DynamicQuantizeMatMul", [states, *weights, "", bias], f"{name}.y", FUSED)


def joint_model(model: PackedModel, first: int, weights: Weights) -> bytes:
    """The pair model: both questions' states in one sequence → `logit` (batch,).

    Inputs are `states` (batch, tokens, width), the sides' marks already added and the summary token first; `mask`,
    `here` and `there` (batch, tokens) int32: all tokens, the first question's, the second one's.

    Args:
        weights: The trained layers' tensors, and the head: `inner.w` (h, 3 width), `inner.b`,
            `out.w` (1, h), `out.b`.
    """
    graph = _Int8Graph(model)
    states = graph.layers("states", "mask", range(first, model.layers), weights)
    summary = graph.node("Gather", [states, graph.weight("first", np.array(0))], "summary", axis=1)
    here, there = graph.mean(states, "here", "mean.here"), graph.mean(states, "there", "mean.there")
    apart = graph.node("Abs", [graph.node("Sub", [here, there], "minus")], "apart")
    product = graph.node("Mul", [here, there], "product")
    read = graph.node("Concat", [summary, apart, product], "read", axis=1)
    inner = graph.node("MatMul", [read, graph.weight("inner.w", weights["inner.w"].T)], "inner")
    gelu = graph.node("BiasGelu", [inner, graph.weight("inner.b", weights["inner.b"])], "inner.gelu", FUSED)
    column = graph.node("MatMul", [gelu, graph.weight("out.w", weights["out.w"].T)], "column")
    biased = graph.node("Add", [column, graph.weight("out.b", weights["out.b"])], "biased")
    graph.node("Squeeze", [biased, graph.weight("last", np.array([1]))], "logit")
    inputs = inputs_of(model, "states")
    inputs |= {name: (TensorProto.INT32, STATES) for name in ("here", "there")}
    return graph.build(inputs, {"logit": ("batch",)})


def _int8(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(in, out) → the same in int8, and (out,) float32 scales."""
    scale = (np.maximum(np.abs(matrix).max(axis=0), 1e-12) / _MOST).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale
