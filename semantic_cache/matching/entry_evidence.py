"""What feedback and checks said of one entry → how much easier or harder it is to hit. Pure.

An entry that was wrong is likely to be wrong again: its question is broader than its answer, or lies among near misses.
One wrong hit costs as much as some ten right ones earn, and what can be earned is bounded: a much-confirmed entry must
not begin to answer other questions.
"""

from __future__ import annotations

import math
from typing import Protocol

__all__ = ["EntryEvidence", "offset"]

_WRONG = 1.5
_RIGHT = 0.25
_MOST_EARNED = 1.0


class EntryEvidence(Protocol):
    """Hits of one entry that were judged."""

    @property
    def right(self) -> int: ...

    @property
    def wrong(self) -> int: ...


def offset(evidence: EntryEvidence) -> tuple[str, float]:
    """The words for it, and the log odds to add: below 0 for an entry that is to be harder to hit."""
    earned = min(_MOST_EARNED, _RIGHT * math.log2(1 + evidence.right))
    amount = earned - _WRONG * evidence.wrong
    return f"{evidence.right} of the entry's judged hits were right, {evidence.wrong} wrong", amount
