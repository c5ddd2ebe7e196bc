"""What a request gets back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kvcache.misses import Miss

__all__ = ["FinishReason", "Generation", "Usage"]

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request: of the prompt, `cached_tokens` were read from the cache, `written_tokens` added to it.

    `cached_tokens` are counted as the cache's lifetime counts them: see Lifetime.reported. `kept_until` is up to which
    token the prompt is kept, 0 where the cache was off or the prompt is larger than its budget; None is not known.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    written_tokens: int = 0
    kept_until: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished answer.

    Args:
        text: The answer; the pieces of a stream joined.
        token_ids: Generated ids, without the one that ended the answer.
        finish_reason: `stop` when the model ended it, `length` when max_tokens did.
        usage: Tokens read, reused and generated.
        first_token_seconds: From the call to the first token chosen, rendering and prefill included.
        exact: Whether the logits are bit for bit those of the same request without a cache. False only where a tier
            below was told to keep rounded states.
        miss: Where the prompt stopped being read from the cache, and why; None when all of it was read.
    """

    text: str
    token_ids: tuple[int, ...]
    finish_reason: FinishReason
    usage: Usage
    first_token_seconds: float
    exact: bool
    miss: Miss | None
