"""What a model's configuration says about its state, its window and its end, and which models cannot be served."""

from __future__ import annotations

from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import DynamicCache, DynamicLayer

from kvcache.errors import UnsupportedModelError

__all__ = ["check_config", "check_network", "context_window", "end_tokens"]

_WAY_OUT = "Use a decoder-only model with full attention, such as Llama, Qwen2, GPT-2 or SmolLM."
_LENGTH_DEPENDENT_ROPE = frozenset({"dynamic", "longrope"})
_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


def check_config(config: PreTrainedConfig) -> None:
    """Refuse, before any weights are read, a model whose state cannot be cut into blocks.

    Raises:
        UnsupportedModelError: It has an encoder, sliding windows, a recurrent state, shared layers, or positions that
            change with the length of the prompt.
    """
    name = config.model_type
    if config.is_encoder_decoder:
        raise UnsupportedModelError(f"{name} is an encoder-decoder model. {_WAY_OUT}")
    text = config.get_text_config(decoder=True)
    try:
        layers = DynamicCache(config=text).layers
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise UnsupportedModelError(f"The cache layers of {name} are unknown ({exc}). {_WAY_OUT}") from exc
    strange = sorted({type(layer).__name__ for layer in layers if type(layer) is not DynamicLayer})
    if strange:
        raise UnsupportedModelError(
            f"{name} has layers that keep {', '.join(strange)}, not every key and value. {_WAY_OUT}"
        )
    rope = _rope_types(text) & _LENGTH_DEPENDENT_ROPE
    if rope:
        raise UnsupportedModelError(
            f"{name} has {', '.join(sorted(rope))} positions: its keys change with length. {_WAY_OUT}"
        )


def check_network(network: PreTrainedModel) -> None:
    """Refuse a model that declares a state of its own beside the cache.

    Raises:
        UnsupportedModelError: The class is marked stateful (Mamba, RWKV and their kin).
    """
    if getattr(network, "_is_stateful", False):
        raise UnsupportedModelError(f"{type(network).__name__} keeps a recurrent state. {_WAY_OUT}")


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


def _as_list(entry: object) -> list[int | None]:
    return list(entry) if isinstance(entry, list | tuple) else [entry]  # type: ignore[list-item]


def _rope_types(config: PreTrainedConfig) -> set[str]:
    """RoPE kinds in use; the parameters are one mapping, or one for each kind of layer."""
    parameters = getattr(config, "rope_parameters", None) or {}
    groups = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    return {str(group["rope_type"]) for group in groups if "rope_type" in group}
