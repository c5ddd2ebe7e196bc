"""Attention that reads in place: the bits of transformers' own, on grouped heads and on others."""

from __future__ import annotations

import pytest
import torch
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from kvcache.attention import read_in_place


def _llama(kv_heads: int, dtype: torch.dtype) -> PreTrainedModel:
    config = LlamaConfig(
        vocab_size=300,
        hidden_size=96,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=kv_heads,
    )
    network = LlamaForCausalLM(config)
    network.to(dtype)  # type: ignore[arg-type]
    network.set_attn_implementation("sdpa")
    return network


@torch.inference_mode()
def _outputs(network: PreTrainedModel) -> list[torch.Tensor]:
    network.eval()  # type: ignore[no-untyped-call]
    ids, cache = torch.arange(150)[None] % 300, DynamicCache()
    cuts = [(0, 64), (64, 128), (128, 133), (133, 134), (134, 150)]
    passes = [network(ids[:, start:end], past_key_values=cache).logits for start, end in cuts]
    layers = [layer for layer in cache.layers if isinstance(layer, DynamicLayer)]
    assert len(layers) == 2
    return [*passes, *(states for layer in layers for states in (layer.keys, layer.values) if states is not None)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kv_heads", [1, 2, 6])
def test_passes_after_a_prefix_have_the_bits_of_transformers_own(kv_heads: int, dtype: torch.dtype) -> None:
    network = _llama(kv_heads, dtype)
    own = _outputs(network)
    read_in_place(network)
    assert network.config._attn_implementation == "sdpa_in_place"
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(_outputs(network), own, strict=True))


def test_an_attention_that_was_chosen_on_purpose_stays() -> None:
    network = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2))
    network.set_attn_implementation("eager")
    read_in_place(network)
    assert network.config._attn_implementation == "eager"
