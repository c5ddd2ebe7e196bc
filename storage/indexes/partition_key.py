"""What the vectors of one index have in common."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PartitionKey"]


class PartitionKey(NamedTuple):
    """What the vectors of one index have in common."""

    scope: str
    embedder: str
    dimensions: int
