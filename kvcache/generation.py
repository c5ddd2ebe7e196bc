"""What a request gets back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FinishReason", "Generation", "MissReason", "Usage"]

FinishReason = Literal["stop", "length"]

MissReason = Literal["cache_off", "larger_than_budget", "not_seen"]
"""Why nothing was read from the cache.

cache_off: the request or the configuration asked for none. larger_than_budget: the prompt does not fit into the budget,
so it is never kept. not_seen: this tenant has no kept prompt that begins with the same block, or it has been evicted.
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request: of the prompt, `cached_tokens` were read from the cache, `written_tokens` added to it."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    written_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished answer.

    Args:
        text: The answer; the pieces of a stream joined.
        token_ids: Generated ids, without the one that ended the answer.
        finish_reason: `stop` when the model ended it, `length` when max_tokens did.
        usage: Tokens read, reused and generated.
        first_token_seconds: From the call to the first token chosen, rendering and prefill included.
        exact: Whether the logits are bit for bit those of the same request without a cache.
        miss: Why nothing was reused, or None when something was.
    """

    text: str
    token_ids: tuple[int, ...]
    finish_reason: FinishReason
    usage: Usage
    first_token_seconds: float
    exact: bool
    miss: MissReason | None
