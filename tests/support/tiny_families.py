"""Small random models of the families that can be served, each made from its configuration in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from byte_tokenizer import byte_tokenizer
from transformers import (
    AutoModelForCausalLM,
    BambaConfig,
    BloomConfig,
    FalconConfig,
    FalconH1Config,
    Gemma2Config,
    Gemma3TextConfig,
    Gemma4TextConfig,
    GPT2Config,
    GptOssConfig,
    JambaConfig,
    Lfm2Config,
    Llama4TextConfig,
    LlamaConfig,
    MistralConfig,
    MptConfig,
    OPTConfig,
    Phi3Config,
    PhiConfig,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3NextConfig,
    RwkvConfig,
)

__all__ = ["FORGETFUL", "HIDDEN", "HYBRID", "KEYS_AND_VALUES", "WINDOW", "save_family"]

#: Tokens that a local layer sees; the tests' prompts are several times as long.
WINDOW = 24

_VOCABULARY = 260  # the byte tokenizer's 256 symbols and its two control tokens, with two rows to spare
_COMMON = {
    "vocab_size": _VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 512,
    "initializer_range": 0.3,
    "bos_token_id": 256,
    "eos_token_id": 257,
    "pad_token_id": 257,
}
_LOCAL_AND_GLOBAL = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]


def _config(kind: type[PreTrainedConfig], **changes: Any) -> PreTrainedConfig:
    options: dict[str, Any] = {**_COMMON, **changes}
    return kind(**options)


def _gpt2() -> PreTrainedConfig:
    return _config(GPT2Config, n_embd=32, n_layer=2, n_head=4, n_positions=512)


def _mpt() -> PreTrainedConfig:
    return MptConfig(d_model=32, n_heads=4, n_layers=2, expansion_ratio=2, max_seq_len=512, vocab_size=_VOCABULARY)


def _gemma3() -> PreTrainedConfig:
    return _config(
        Gemma3TextConfig, num_hidden_layers=4, head_dim=8, sliding_window=WINDOW, layer_types=_LOCAL_AND_GLOBAL
    )


def _gemma2() -> PreTrainedConfig:
    return _config(Gemma2Config, head_dim=8, sliding_window=WINDOW)


def _gemma4() -> PreTrainedConfig:
    return _config(
        Gemma4TextConfig,
        num_hidden_layers=4,
        head_dim=8,
        global_head_dim=8,
        sliding_window=WINDOW,
        layer_types=["sliding_attention", "full_attention"] * 2,
        num_kv_shared_layers=2,
        vocab_size_per_layer_input=_VOCABULARY,
        hidden_size_per_layer_input=8,
    )


def _llama4() -> PreTrainedConfig:
    return _config(
        Llama4TextConfig,
        num_hidden_layers=4,
        head_dim=8,
        intermediate_size_mlp=64,
        num_local_experts=2,
        attention_chunk_size=32,
    )


def _gpt_oss() -> PreTrainedConfig:
    rope = {"rope_type": "default", "rope_theta": 1e4}
    return _config(
        GptOssConfig,
        head_dim=8,
        sliding_window=WINDOW,
        num_local_experts=2,
        num_experts_per_tok=1,
        rope_parameters=rope,
    )


#: Families whose whole state is a key and a value per token and layer.
KEYS_AND_VALUES: Mapping[str, Callable[[], PreTrainedConfig]] = {
    "llama": lambda: _config(LlamaConfig),
    "qwen2": lambda: _config(Qwen2Config),
    "qwen3": lambda: _config(Qwen3Config, head_dim=8),
    "mistral": lambda: _config(MistralConfig, sliding_window=WINDOW),
    "gemma2": _gemma2,
    "gemma3": _gemma3,
    "llama4": _llama4,
    "gpt_oss": _gpt_oss,
    "falcon": lambda: _config(FalconConfig, multi_query=True, new_decoder_architecture=False, alibi=False),
    "falcon_alibi": lambda: _config(FalconConfig, multi_query=False, new_decoder_architecture=False, alibi=True),
    "mpt": _mpt,
    "bloom": lambda: _config(BloomConfig, n_layer=2, n_head=4, seq_length=512),
    "gpt2": _gpt2,
    "opt": lambda: _config(OPTConfig, ffn_dim=64, word_embed_proj_dim=32),
    "phi": lambda: _config(PhiConfig),
    "phi3": lambda: _config(Phi3Config, sliding_window=WINDOW),
}


def _lfm2() -> PreTrainedConfig:
    return _config(Lfm2Config, num_hidden_layers=3, layer_types=["conv", "full_attention", "conv"], block_multiple_of=8)


def _jamba() -> PreTrainedConfig:
    return _config(
        JambaConfig,
        num_hidden_layers=4,
        attn_layer_period=2,
        attn_layer_offset=1,
        num_experts=2,
        mamba_d_state=8,
        mamba_dt_rank=4,
        use_mamba_kernels=False,
    )


def _bamba() -> PreTrainedConfig:
    return _config(
        BambaConfig, attn_layer_indices=[1], mamba_n_heads=4, mamba_d_head=16, mamba_d_state=8, mamba_chunk_size=16
    )


def _falcon_h1() -> PreTrainedConfig:
    return _config(
        FalconH1Config,
        head_dim=8,
        mamba_d_ssm=64,
        mamba_n_heads=4,
        mamba_d_head=16,
        mamba_d_state=8,
        mamba_chunk_size=16,
    )


def _qwen3_next() -> PreTrainedConfig:
    return _config(
        Qwen3NextConfig,
        head_dim=8,
        layer_types=["linear_attention", "full_attention"],
        linear_key_head_dim=8,
        linear_value_head_dim=8,
        linear_num_key_heads=2,
        linear_num_value_heads=4,
        num_experts=2,
        num_experts_per_tok=1,
        moe_intermediate_size=16,
        shared_expert_intermediate_size=16,
    )


#: Families with layers that keep something else than keys and values, or nothing.
HYBRID: Mapping[str, Callable[[], PreTrainedConfig]] = {
    "gemma4": _gemma4,
    "lfm2": _lfm2,
    "bamba": _bamba,
    "falcon_h1": _falcon_h1,
    "qwen3_next": _qwen3_next,
}

#: Families whose implementation starts anew in each pass of several tokens.
FORGETFUL: Mapping[str, Callable[[], PreTrainedConfig]] = {"jamba": _jamba}

#: Families whose state lies outside the cache.
HIDDEN: Mapping[str, Callable[[], PreTrainedConfig]] = {"rwkv": lambda: _config(RwkvConfig, attention_hidden_size=32)}


def save_family(name: str, folder: Path, **changes: object) -> Path:
    """A random model of a family in `folder`, with a tokenizer over bytes; `changes` are made to its configuration."""
    torch.manual_seed(7)
    config = {**KEYS_AND_VALUES, **HYBRID, **FORGETFUL, **HIDDEN}[name]()
    for option, value in changes.items():
        setattr(config, option, value)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)  # type: ignore[no-untyped-call]
    byte_tokenizer().save_pretrained(folder)
    return folder
