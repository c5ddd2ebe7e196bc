"""The pair model in torch, for training: the upper half of the encoder reads both questions at once.

The lower layers read each question alone, exactly as for its embedding, so their states are there already when a
question has been embedded; only the upper ones attend across (DeFormer, Cao et al. 2020; PreTTR, MacAvaney et al.
2020). The upper layers keep their weights and learn a low-rank update (LoRA, Hu et al. 2021).
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from semantic_cache.encoder.packed_file import PackedModel

__all__ = ["JointModel", "LowerLayers"]

_MATRICES = ("q", "k", "v", "ao", "fi", "fo")


class _Adapted(nn.Module):
    """A linear map that stays as it is, plus a low-rank one that is learned (rank 0: none)."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int, scale: float) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.scale = scale
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1])) if rank else None
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank)) if rank else None

    def forward(self, x: Tensor) -> Tensor:
        y = functional.linear(x, cast(Tensor, self.weight), cast(Tensor, self.bias))
        if self.down is None or self.up is None:
            return y
        return y + functional.linear(functional.linear(x, self.down), self.up) * self.scale


class _Layer(nn.Module):
    def __init__(self, model: PackedModel, number: int, rank: int, scale: float) -> None:
        super().__init__()
        tensors = {name: torch.tensor(model.tensors[f"l{number}.{name}"]) for name in self._names()}
        for name in _MATRICES:
            self.add_module(name, _Adapted(tensors[f"{name}.w"], tensors[f"{name}.b"], rank, scale))
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            self.register_buffer(name.replace(".", "_"), tensors[name])
        self.heads, self.epsilon = model.heads, model.epsilon

    @staticmethod
    def _names() -> list[str]:
        return [f"{name}.{kind}" for name in (*_MATRICES, "aln", "oln") for kind in ("w", "b")]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(batch, tokens, width) → the same; `mask` is (batch, 1, 1, tokens), 0 or -inf."""
        batch, tokens, width = x.shape
        q, k, v = (
            cast(Tensor, getattr(self, name)(x)).view(batch, tokens, self.heads, -1).transpose(1, 2)
            for name in ("q", "k", "v")
        )
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        mixed = self.get_submodule("ao")(mixed.transpose(1, 2).reshape(batch, tokens, width))
        x = functional.layer_norm(x + mixed, (width,), cast(Tensor, self.aln_w), cast(Tensor, self.aln_b), self.epsilon)
        inner = self.get_submodule("fo")(functional.gelu(self.get_submodule("fi")(x)))
        norm = cast(Tensor, self.oln_w), cast(Tensor, self.oln_b)
        return functional.layer_norm(x + inner, (width,), *norm, self.epsilon)


def _additive(mask: Tensor) -> Tensor:
    return torch.zeros(mask.shape, dtype=torch.float32).masked_fill(~mask, -1e9)[:, None, None, :]


class LowerLayers(nn.Module):
    """Word vectors → states after the first `count` layers. Nothing in it is trained."""

    def __init__(self, model: PackedModel, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(model, number, 0, 0.0) for number in range(count))
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
        rank: Of the learned updates.
        alpha: Their weight is alpha / rank.
        inner: Width of the head's hidden layer.
    """

    def __init__(
        self, model: PackedModel, first: int = 6, rank: int = 16, alpha: float = 32.0, inner: int = 64
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(model, number, rank, alpha / rank) for number in range(first, model.layers))
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
        for layer in self.layers:
            x = layer(x, additive)
        here = _mean(x[:, 1 : 1 + length], one_mask)
        there = _mean(x[:, 1 + length :], other_mask)
        read = torch.cat([x[:, 0], (here - there).abs(), here * there], dim=-1)
        return cast(Tensor, self.out(functional.gelu(self.inner(read)))).squeeze(-1)


def _mean(x: Tensor, mask: Tensor) -> Tensor:
    weight = mask.to(x.dtype)[..., None]
    return (x * weight).sum(1) / weight.sum(1)
