"""Tokens and blocks of one model → bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvcache.config import KVCacheConfig
from kvcache.grid import Block

__all__ = ["Sizes"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a model's kept states take of a budget.

    Args:
        config: The budget and the block size.
        token_bytes: Bytes of one token's keys and values in all layers.
        state_bytes: Bytes of what each block keeps beside them: the state of recurrent layers.
    """

    config: KVCacheConfig
    token_bytes: int
    state_bytes: int

    @property
    def block_bytes(self) -> int:
        """Of a whole block."""
        return self.of(self.config.block_tokens, 1)

    def of(self, tokens: int, blocks: int) -> int:
        """Of so many tokens in so many blocks, without logits."""
        return tokens * self.token_bytes + blocks * self.state_bytes

    def fits(self, blocks: Sequence[Block]) -> bool:
        """Whether the states of a whole prompt fit into the budget."""
        return self.of(sum(map(len, blocks)), len(blocks)) <= self.config.kept_bytes
