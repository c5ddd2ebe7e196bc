"""Attention over grouped heads that reads each key and value where it lies.

transformers repeats the keys and values of all earlier tokens once for every query head whenever there is a mask, that
is in each pass after a prefix. With 4,096 tokens before it, that copy takes longer than the rest of the pass. torch can
read them unrepeated, and gives the same bits on the processor.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

__all__ = ["read_in_place"]

_NAME = "sdpa_in_place"
_PLAIN_ONLY = ("softcap", "position_bias", "cache", "is_causal")


def read_in_place(network: PreTrainedModel) -> None:
    """Let a network on the processor attend without repeating keys and values, where its attention allows that."""
    if (
        network.device.type == "cpu"
        and network.config._attn_implementation == "sdpa"
        and getattr(network, "_supports_attention_backend", False)
    ):
        AttentionInterface.register(_NAME, _attend)
        AttentionMaskInterface.register(_NAME, sdpa_mask)
        network.set_attn_implementation(_NAME)


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """transformers' own attention, but for several queries with a mask over grouped heads.

    Args:
        module: The attention layer.
        query: (batch, heads, tokens, head_dim).
        key: (batch, kv_heads, all_tokens, head_dim); `value` likewise.
        attention_mask: (batch, 1, tokens, all_tokens), True where a token may be seen; None means causal.
        scaling: Factor on the scores.
        kwargs: What else the layer passes; anything that changes scores leaves the work to transformers.

    Returns:
        (batch, tokens, heads, head_dim), and no weights.
    """
    grouped = query.shape[1] != key.shape[1] and query.shape[2] > 1 and attention_mask is not None
    if not grouped or kwargs.get("dropout") or any(kwargs.get(name) is not None for name in _PLAIN_ONLY):
        own: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **kwargs
        )
        return own
    output = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, scale=scaling, enable_gqa=True
    )
    return output.transpose(1, 2).contiguous(), None
