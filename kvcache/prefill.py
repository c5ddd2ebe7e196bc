"""Prompt → states and the logits after it, on one block grid whether or not the cache knows the beginning.

    prompt, 400 tokens     |0 … 127|128 … 255|256 … 383|384 … 399|
    cold: forward passes   |   1   |    2    |    3    |    4    |
    warm, two blocks kept  | copied| copied  |    1    |    2    |

Passes cut at other places give slightly other bits. With the same passes for what is computed, and kept blocks that
came out of the same passes, a hit returns exactly what a miss returns.

The last token is always computed: a cache that covers the whole prompt leaves nothing to get logits from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from kvcache.engine import Engine
from kvcache.generation import MissReason
from kvcache.layer import GrowingCache
from kvcache.prefix_cache import PrefixCache, PrefixLease

__all__ = ["Prefilled", "Prefiller"]


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A prompt's states in a private, growing cache, and the (vocab,) float32 logits after its last token."""

    cache: GrowingCache
    logits: torch.Tensor
    cached_tokens: int
    written_tokens: int
    miss: MissReason | None


class Prefiller:
    """Computes prompts, taking from the prefix cache what is there and adding to it what is not.

    Each block is kept as soon as it is computed, so an abandoned or a simultaneous request still profits.
    """

    def __init__(self, engine: Engine, prefixes: PrefixCache) -> None:
        self._engine = engine
        self._prefixes = prefixes
        self._block = prefixes.block_tokens

    def prefill(self, token_ids: Sequence[int], *, tenant: str, room: int, use_cache: bool) -> Prefilled:
        """States of the whole prompt.

        Args:
            token_ids: The prompt, at least one token.
            tenant: Whose kept prefixes may be read and extended.
            room: Tokens of answer to leave room for.
            use_cache: False neither reads nor writes the prefix cache.
        """
        cache = self._engine.new_cache(len(token_ids) + room)
        if not use_cache or self._prefixes.is_off:
            return Prefilled(cache, self._compute(token_ids, cache, None)[0], 0, 0, "cache_off")
        lease = self._prefixes.acquire(tenant, token_ids, len(token_ids) - 1)
        try:
            cache.fill(lease.blocks)
            cached = len(lease.blocks) * self._block
            logits, written = self._compute(token_ids, cache, lease)
        finally:
            self._prefixes.release(lease)
        return Prefilled(cache, logits, cached, written, None if cached else self._why(len(token_ids)))

    def warm(self, token_ids: Sequence[int], *, tenant: str) -> int:
        """Keep the whole blocks of a prefix without asking for logits. Returns its tokens that are kept now."""
        whole = token_ids[: len(token_ids) // self._block * self._block]
        if not whole or self._prefixes.is_off or not self._prefixes.fits(len(whole)):
            return 0
        lease = self._prefixes.acquire(tenant, whole)
        try:
            if self._prefixes.held_tokens(lease) < len(whole):
                cache = self._engine.new_cache(len(whole))
                cache.fill(lease.blocks)
                self._compute(whole, cache, lease)
            return self._prefixes.held_tokens(lease)
        finally:
            self._prefixes.release(lease)

    def _compute(
        self, token_ids: Sequence[int], cache: GrowingCache, lease: PrefixLease | None
    ) -> tuple[torch.Tensor, int]:
        """Run what follows the filled part of `cache`, block by block; keep whole blocks if there is a lease."""
        written, logits = 0, torch.empty(0)
        for start in range(cache.get_seq_length(), len(token_ids), self._block):
            end = min(start + self._block, len(token_ids))
            logits = self._engine.forward(token_ids[start:end], cache)
            if lease is not None and end - start == self._block:
                written += self._block * self._keep(lease, start, end, cache)
        return logits, written

    def _keep(self, lease: PrefixLease, start: int, end: int, cache: GrowingCache) -> bool:
        return self._prefixes.fits(len(lease.tokens)) and self._prefixes.insert(
            lease, start // self._block, cache.copy_block(start, end)
        )

    def _why(self, tokens: int) -> MissReason:
        if tokens <= self._block:
            return "shorter_than_block"
        return "not_seen" if self._prefixes.fits(tokens) else "larger_than_budget"
