"""The pair model as an ONNX graph: layers as the encoder's, and a head."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from semantic_cache.encoder.graph import FUSED, STATES, Graph, Weights, inputs_of
from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["joint_model"]


def joint_model(model: PackedModel, first: int, weights: Weights, kind: type[Graph]) -> bytes:
    """The pair model: both questions' states in one sequence → `logit` (batch,).

    Inputs are `states` (batch, tokens, width), the sides' marks already added and the summary token first; `mask`,
    `here` and `there` (batch, tokens) int32: all tokens, the first question's, the second one's.

    Args:
        weights: The trained layers' tensors, and the head: `inner.w` (h, 3 width), `inner.b`,
            `out.w` (1, h), `out.b`.
    """
    graph = kind(model)
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
