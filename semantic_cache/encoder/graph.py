"""Encoder layers as ONNX graphs, built by hand from numpy weights with ONNX Runtime's fused operators.

`Graph` computes in float32 and serves for training and as a measure; the product runs `Int8Graph`.

Exporting from torch would need torch and seconds at set-up; the graph is twelve times the same six operators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["FUSED", "STATES", "Graph", "Weights", "inputs_of", "lower_model", "upper_model"]

Weights = Mapping[str, NDArray[np.float32]]
_OPSET, FUSED = 17, "com.microsoft"
_IR_VERSION = 10
STATES = ("batch", "tokens")


class Graph:
    """Nodes and weights of one graph under construction."""

    def __init__(self, model: PackedModel) -> None:
        self.model = model
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, NDArray[np.generic]] = {}

    def weight(self, name: str, value: NDArray[np.generic]) -> str:
        self._weights[name] = np.asarray(value, order="C")
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        return self.nodes(operator, inputs, [output], domain, **attributes)[0]

    def nodes(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> Sequence[str]:
        self._nodes.append(helper.make_node(operator, list(inputs), list(outputs), domain=domain, **attributes))
        return outputs

    def layers(self, states: str, mask: str, numbers: Sequence[int], tensors: Weights) -> str:
        """Layers one behind the other over (batch, tokens, width) states and a (batch, tokens) int32 mask."""
        for number in numbers:
            states = self._layer(states, mask, f"l{number}", tensors)
        return states

    def _layer(self, states: str, mask: str, name: str, tensors: Weights) -> str:
        mixed = self._attention(states, mask, name, tensors)
        out = self._product(mixed, f"{name}.ao", tensors[f"{name}.ao.w"])
        states = self._norm(out, states, f"{name}.aln", tensors[f"{name}.ao.b"], tensors)
        inner = self._product(states, f"{name}.fi", tensors[f"{name}.fi.w"])
        gelu = self.node(
            "BiasGelu", [inner, self.weight(f"{name}.fi.b", tensors[f"{name}.fi.b"])], f"{name}.gelu", FUSED
        )
        outer = self._product(gelu, f"{name}.fo", tensors[f"{name}.fo.w"])
        return self._norm(outer, states, f"{name}.oln", tensors[f"{name}.fo.b"], tensors)

    def _attention(self, states: str, mask: str, name: str, tensors: Weights) -> str:
        into = self.weight(f"{name}.qkv", np.concatenate([tensors[f"{name}.{part}.w"].T for part in "qkv"], axis=1))
        inputs = [states, into, self._attention_bias(name, tensors), mask]
        return self.node("Attention", inputs, f"{name}.mixed", FUSED, num_heads=self.model.heads, unidirectional=0)

    def _attention_bias(self, name: str, tensors: Weights) -> str:
        return self.weight(f"{name}.qkv.b", np.concatenate([tensors[f"{name}.{part}.b"] for part in "qkv"]))

    def _product(self, states: str, name: str, matrix: NDArray[np.float32]) -> str:
        """(batch, tokens, in) → (batch, tokens, out) by an (out, in) matrix; `name` is that of the matrix, "l3.fi"."""
        return self.node("MatMul", [states, self.weight(name, matrix.T)], f"{name}.product")

    def _norm(self, new: str, skip: str, name: str, bias: NDArray[np.float32], tensors: Weights) -> str:
        gamma = self.weight(f"{name}.w", tensors[f"{name}.w"])
        beta = self.weight(f"{name}.b", tensors[f"{name}.b"])
        inputs = [new, skip, gamma, beta, self.weight(f"{name}.bias", bias)]
        return self.node("SkipLayerNormalization", inputs, f"{name}.states", FUSED, epsilon=float(self.model.epsilon))

    def mean(self, states: str, mask: str, name: str) -> str:
        """(batch, width): the mean over the tokens that the (batch, tokens) int32 mask holds 1 for."""
        weights = self.node("Cast", [mask], f"{name}.cast", to=TensorProto.FLOAT)
        column = self.node("Unsqueeze", [weights, self.weight(f"{name}.axis", np.array([2]))], f"{name}.column")
        summed = self.node("MatMul", [self._row(column, name), states], f"{name}.sum")
        flat = self.node("Squeeze", [summed, self.weight(f"{name}.one", np.array([1]))], f"{name}.flat")
        count = self.node(
            "ReduceSum", [weights, self.weight(f"{name}.last", np.array([1]))], f"{name}.count", keepdims=1
        )
        return self.node("Div", [flat, count], name)

    def _row(self, column: str, name: str) -> str:
        return self.node("Transpose", [column], f"{name}.row", perm=[0, 2, 1])

    def build(
        self, inputs: Mapping[str, tuple[int, Sequence[str | int]]], outputs: Mapping[str, Sequence[str | int]]
    ) -> bytes:
        """The serialized model; inputs are name → (type, shape), outputs name → shape, all float32."""
        graph = helper.make_graph(
            self._nodes,
            "samewise",
            [helper.make_tensor_value_info(name, kind, list(shape)) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in outputs.items()],
            [numpy_helper.from_array(value, name) for name, value in self._weights.items()],
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(FUSED, 1)]
        data: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION).SerializeToString()
        return data


def lower_model(model: PackedModel, layers: int, kind: type[Graph]) -> bytes:
    """`words` (batch, tokens, width), `mask` (batch, tokens) int32 → `states` after the first layers."""
    graph = kind(model)
    tensors = model.tensors
    position = graph.weight("position", tensors["emb.pos"] + tensors["emb.type"][0])
    zero, one = graph.weight("zero", np.array([0])), graph.weight("one", np.array([1]))
    shape = graph.node("Shape", ["words"], "shape")
    tokens = graph.node("Slice", [shape, one, graph.weight("two", np.array([2]))], "tokens")
    here = graph.node("Slice", [position, zero, tokens, zero], "here")
    placed = graph.node("Add", ["words", here], "placed")
    gamma, beta = graph.weight("emb.ln.w", tensors["emb.ln.w"]), graph.weight("emb.ln.b", tensors["emb.ln.b"])
    states = graph.node("LayerNormalization", [placed, gamma, beta], "embedded", axis=-1, epsilon=float(model.epsilon))
    states = graph.layers(states, "mask", range(layers), tensors)
    graph.node("Identity", [states], "states")
    return graph.build(inputs_of(model, "words"), {"states": (*STATES, model.width)})


def upper_model(model: PackedModel, first: int, kind: type[Graph]) -> bytes:
    """`states` (batch, tokens, width), `mask` (batch, tokens) int32 → `mean` (batch, width), not of unit length."""
    graph = kind(model)
    states = graph.layers("states", "mask", range(first, model.layers), model.tensors)
    graph.mean(states, "mask", "mean")
    return graph.build(inputs_of(model, "states"), {"mean": ("batch", model.width)})


def inputs_of(model: PackedModel, name: str) -> dict[str, tuple[int, Sequence[str | int]]]:
    """What every graph takes: (batch, tokens, width) float32 by this name, and `mask`, (batch, tokens) int32."""
    return {name: (TensorProto.FLOAT, (*STATES, model.width)), "mask": (TensorProto.INT32, STATES)}
