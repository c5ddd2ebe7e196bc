"""Why the model had to read a part of a prompt: from where on, for what reason, and what it took."""

from __future__ import annotations

import json
from dataclasses import dataclass

__all__ = ["PrefixMiss"]


@dataclass(frozen=True, slots=True)
class PrefixMiss:
    """What of a prompt was not read from the local model's prefix cache. It never tells of other tenants and users.

    Args:
        cause: One of `kvcache.MissCause`: `new`, `expired`, `evicted`, …; it says there what each means.
        segment: The turn in which reading stopped: `system`, `user 2`, …
        position: Tokens of the prompt before the first one that differs from what is kept.
        lost_tokens: Tokens that had to be computed.
        lost_ms: What computing them took.
        text: What stands at `position`, a few words. It is the prompt's own text: not for logs.
    """

    cause: str
    segment: str
    position: int
    lost_tokens: int
    lost_ms: float
    text: str

    def __str__(self) -> str:
        place = f"token {self.position} in {self.segment}, {json.dumps(self.text, ensure_ascii=False)}"
        return f"{self.lost_tokens} tokens computed in {self.lost_ms:.0f} ms: {self.cause} from {place} on"
