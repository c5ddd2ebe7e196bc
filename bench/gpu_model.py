"""A network in the shape of Llama 3.1, and prompts of random token ids for it."""

from __future__ import annotations

import random

from transformers import LlamaConfig

__all__ = ["Prompts", "llama_config"]

_OPEN, _CLOSE, _LINE, _FIRST_WORD = 256, 257, 10, 300
_ANSWER = (_OPEN, *b"assistant\n")
_QUESTION_TOKENS = 24


class Prompts:
    """Questions after one prefix of random tokens, each another.

    Args:
        tokens: The prefix's length.
        vocabulary: The network's; random tokens are none of the tokenizer's.
    """

    def __init__(self, tokens: int, vocabulary: int) -> None:
        self._draw = random.Random(tokens)
        self._words = range(_FIRST_WORD, vocabulary)
        head = (_OPEN, *b"system\n")
        self.prefix: tuple[int, ...] = (
            *head,
            *self._draw.choices(self._words, k=tokens - len(head) - 2),
            _CLOSE,
            _LINE,
        )

    def question(self) -> tuple[int, ...]:
        """A turn of its own, and the opening of the answer."""
        words = self._draw.choices(self._words, k=_QUESTION_TOKENS)
        return (_OPEN, *b"user\n", *words, _CLOSE, _LINE, *_ANSWER)


def llama_config(layers: int, hidden: int, vocabulary: int) -> LlamaConfig:
    """As Llama 3.1 8B with 32 layers of 4096: 32 heads over 8 groups, 128 wide; 32 wide below 1024."""
    head = 128 if hidden >= 1024 else 32
    rope = {"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0}
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=hidden * 7 // 2,
        num_hidden_layers=layers,
        num_attention_heads=hidden // head,
        num_key_value_heads=max(1, hidden // head // 4),
        head_dim=head,
        max_position_embeddings=131_072,
        rms_norm_eps=1e-5,
        rope_parameters=rope | {"high_freq_factor": 4.0, "original_max_position_embeddings": 8192},
        bos_token_id=_OPEN,
        eos_token_id=_CLOSE,
    )
