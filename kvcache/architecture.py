"""What a model's configuration says about its state, its window and its end, and which models cannot be served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import (
    DummyLayer,
    DynamicCache,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionAndFullAttentionLayer,
    LinearAttentionAndSlidingWindowAttentionLayer,
    LinearAttentionLayer,
)

from kvcache.errors import UnsupportedModelError
from kvcache.layer import GrowingCache, GrowingLayer
from kvcache.snapshot import EmptyLayer, HybridLayer, RecurrentLayer, SnapshotCache, SnapshotLayer

__all__ = ["cache_maker", "check_config", "check_network", "context_window", "end_tokens"]

#: What stands in our cache for each layer of transformers' own, given that layer and the tokens to make room for. A
#: window is in the attention mask alone: with all keys and values kept, a prefix can be cut at any block.
_OURS: Mapping[type, Callable[[Any, int], SnapshotLayer]] = {
    DynamicLayer: lambda _, room: GrowingLayer(room),
    DynamicSlidingWindowLayer: lambda _, room: GrowingLayer(room),
    LinearAttentionLayer: lambda layer, _: RecurrentLayer(layer.number_of_states),
    LinearAttentionAndFullAttentionLayer: lambda layer, room: HybridLayer(layer.number_of_states, room),
    LinearAttentionAndSlidingWindowAttentionLayer: lambda layer, room: HybridLayer(layer.number_of_states, room),
    DummyLayer: lambda _, __: EmptyLayer(),
}

_WAY_OUT = (
    "Use a decoder-only model with attention, such as Llama, Qwen, Mistral, Gemma 3, Falcon, MPT, GPT-2 or Phi; for "
    "any other, an engine with a cache of its own behind a base URL."
)
_LENGTH_DEPENDENT_ROPE = frozenset({"dynamic", "longrope"})
_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


def check_config(config: PreTrainedConfig) -> None:
    """Refuse, before any weights are read, a model whose state cannot be kept block by block.

    Raises:
        UnsupportedModelError: It has an encoder, a kind of cache layer that is not known here, no attention at all, or
            positions that change with the length of the prompt.
    """
    name = config.model_type
    if config.is_encoder_decoder:
        raise UnsupportedModelError(f"{name} is an encoder-decoder model. {_WAY_OUT}")
    kinds = {type(layer) for layer in _stock_layers(config)}
    unknown = sorted(kind.__name__ for kind in kinds - _OURS.keys())
    if unknown:
        raise UnsupportedModelError(
            f"{name} keeps its state in {', '.join(unknown)}, of which it is not known how to keep a part. {_WAY_OUT}"
        )
    if not any(issubclass(kind, DynamicLayer) for kind in kinds):
        only = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise UnsupportedModelError(f"{name} has no layer with keys and values, only {only}. {_WAY_OUT}")
    rope = _rope_types(config.get_text_config(decoder=True)) & _LENGTH_DEPENDENT_ROPE
    if rope:
        raise UnsupportedModelError(
            f"{name} has {', '.join(sorted(rope))} positions: its keys change with length. {_WAY_OUT}"
        )


def check_network(network: PreTrainedModel) -> None:
    """Refuse a model that keeps a state of its own beside the cache.

    Raises:
        UnsupportedModelError: It is marked stateful, but no layer of its cache holds that state (RWKV, RecurrentGemma).
    """
    recurrent = any(isinstance(layer, LinearAttentionLayer) for layer in _stock_layers(network.config))
    if getattr(network, "_is_stateful", False) and not recurrent:
        raise UnsupportedModelError(f"{type(network).__name__} keeps a recurrent state outside its cache. {_WAY_OUT}")


def cache_maker(config: PreTrainedConfig) -> Callable[[int], GrowingCache]:
    """What makes an empty cache with room for so many tokens. The model has passed `check_config`."""
    stock = _stock_layers(config)
    if all(isinstance(layer, DynamicLayer) and not isinstance(layer, LinearAttentionLayer) for layer in stock):
        return lambda capacity: GrowingCache(len(stock), capacity)
    return lambda capacity: SnapshotCache([_OURS[type(layer)](layer, capacity) for layer in stock])


def context_window(config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase) -> int:
    """Most tokens of prompt and answer together.

    Raises:
        UnsupportedModelError: Neither the model nor its tokenizer states a limit.
    """
    text = config.get_text_config(decoder=True)
    for name in ("max_position_embeddings", "n_positions", "seq_length", "max_seq_len"):
        window = getattr(text, name, None)
        if isinstance(window, int) and window > 0:
            return window
    if 0 < tokenizer.model_max_length < 10**9:  # transformers says 10**30 for "not stated"
        return int(tokenizer.model_max_length)
    raise UnsupportedModelError(
        f"{config.model_type} states no context window; add max_position_embeddings to config.json or "
        "model_max_length to tokenizer_config.json."
    )


def end_tokens(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Ids that end an answer: what the model and its tokenizer declare, and the end of a turn in the chat template.

    Some instruction-tuned models still declare only the end of a text, and would go on into the user's next turn.
    """
    declared = [getattr(network.generation_config, "eos_token_id", None), network.config.eos_token_id]
    ends = {tokenizer.eos_token_id, *(token for entry in declared for token in _as_list(entry))}
    template = tokenizer.chat_template if isinstance(tokenizer.chat_template, str) else ""
    known = tokenizer.added_tokens_encoder
    ends |= {known[turn] for turn in _TURN_ENDS if turn in template and turn in known}
    return frozenset(int(token) for token in ends if token is not None)


def _stock_layers(config: PreTrainedConfig) -> list[Any]:
    """The layers of transformers' own cache for the model."""
    text = config.get_text_config(decoder=True)
    try:
        return list(DynamicCache(config=text).layers)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise UnsupportedModelError(f"The cache layers of {config.model_type} are unknown ({exc}). {_WAY_OUT}") from exc


def _as_list(entry: object) -> list[int | None]:
    return list(entry) if isinstance(entry, list | tuple) else [entry]  # type: ignore[list-item]


def _rope_types(config: PreTrainedConfig) -> set[str]:
    """RoPE kinds in use; the parameters are one mapping, or one for each kind of layer."""
    parameters = getattr(config, "rope_parameters", None) or {}
    groups = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    return {str(group["rope_type"]) for group in groups if "rope_type" in group}
