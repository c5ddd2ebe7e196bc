"""The pair model in torch, for training: the upper half of the encoder reads both questions at once.

The lower layers read each question alone, exactly as for its embedding, so their states are there already when a
question has been embedded; only the upper ones attend across (DeFormer, Cao et al. 2020; PreTTR, MacAvaney et al.
2020). All weights of the upper layers are learned.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["JointModel", "LowerLayers"]

_MATRICES = ("q", "k", "v", "ao", "fi", "fo")
_NORMS = ("aln", "oln")


class _Layer(nn.Module):
    """One layer of the encoder; its parameters have the names that they have in the packed model."""

    def __init__(self, model: PackedModel, number: int, dropout: float = 0.0) -> None:
        super().__init__()
        for name in (*_MATRICES, *_NORMS):
            part = nn.Module()
            for kind in ("w", "b"):
                part.register_parameter(kind, nn.Parameter(torch.tensor(model.tensors[f"l{number}.{name}.{kind}"])))
            self.add_module(name, part)
        self.heads, self.epsilon, self.dropout = model.heads, model.epsilon, dropout

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(batch, tokens, width) → the same; `mask` is (batch, 1, 1, tokens), 0 or -inf."""
        batch, tokens, width = x.shape
        q, k, v = (self._map(name, x).view(batch, tokens, self.heads, -1).transpose(1, 2) for name in "qkv")
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self._norm("aln", x + self._dropped(self._map("ao", mixed.transpose(1, 2).reshape(batch, tokens, width))))
        return self._norm("oln", x + self._dropped(self._map("fo", functional.gelu(self._map("fi", x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)

    def _map(self, name: str, x: Tensor) -> Tensor:
        part = self.get_submodule(name)
        return functional.linear(x, cast(Tensor, part.w), cast(Tensor, part.b))

    def _norm(self, name: str, x: Tensor) -> Tensor:
        part = self.get_submodule(name)
        return functional.layer_norm(x, (x.shape[-1],), cast(Tensor, part.w), cast(Tensor, part.b), self.epsilon)


def _additive(mask: Tensor) -> Tensor:
    return torch.zeros(mask.shape, dtype=torch.float32).masked_fill(~mask, -1e9)[:, None, None, :]


class LowerLayers(nn.Module):
    """Word vectors → states after the first `count` layers. Nothing in it is trained."""

    def __init__(self, model: PackedModel, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(model, number) for number in range(count))
        self.register_buffer("position", torch.tensor(model.tensors["emb.pos"] + model.tensors["emb.type"][0]))
        self.register_buffer("norm_w", torch.tensor(model.tensors["emb.ln.w"]))
        self.register_buffer("norm_b", torch.tensor(model.tensors["emb.ln.b"]))
        self.epsilon = model.epsilon

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """(batch, tokens, width) and (batch, tokens) bool → (batch, tokens, width)."""
        x = words + cast(Tensor, self.position)[: words.shape[1]]
        norm = cast(Tensor, self.norm_w), cast(Tensor, self.norm_b)
        x = functional.layer_norm(x, (x.shape[-1],), *norm, self.epsilon)
        for layer in self.layers:
            x = layer(x, _additive(mask))
        return x


class JointModel(nn.Module):
    """States of two questions → logit that the answer to one is right for the other.

    Args:
        model: The encoder.
        first: The number of the first layer that reads both questions.
        inner: Width of the head's hidden layer.
        dropout: Share of what a layer adds that is left out in training.
    """

    def __init__(self, model: PackedModel, first: int = 6, inner: int = 64, dropout: float = 0.0) -> None:
        super().__init__()
        numbers = range(first, model.layers)
        self.layers = nn.ModuleDict({f"l{number}": _Layer(model, number, dropout) for number in numbers})
        self.side = nn.Parameter(torch.zeros(2, model.width))
        self.summary = nn.Parameter(torch.randn(model.width) * 0.02)
        self.inner = nn.Linear(3 * model.width, inner)
        self.out = nn.Linear(inner, 1)

    def forward(self, one: Tensor, one_mask: Tensor, other: Tensor, other_mask: Tensor) -> Tensor:
        """(batch, m, width), (batch, m) bool, (batch, n, width), (batch, n) bool → (batch,) logits."""
        batch, length = one.shape[0], one.shape[1]
        summary = self.summary.expand(batch, 1, -1)
        x = torch.cat([summary, one + self.side[0], other + self.side[1]], dim=1)
        mask = torch.cat([torch.ones(batch, 1, dtype=torch.bool), one_mask, other_mask], dim=1)
        additive = _additive(mask)
        for layer in self.layers.values():
            x = layer(x, additive)
        here = _mean(x[:, 1 : 1 + length], one_mask)
        there = _mean(x[:, 1 + length :], other_mask)
        read = torch.cat([x[:, 0], (here - there).abs(), here * there], dim=-1)
        return cast(Tensor, self.out(functional.gelu(self.inner(read)))).squeeze(-1)


def _mean(x: Tensor, mask: Tensor) -> Tensor:
    weight = mask.to(x.dtype)[..., None]
    return (x * weight).sum(1) / weight.sum(1)
