"""What is kept of one block: the value that the prefix cache and the tiers below it hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from kvcache.layer import BlockStates

__all__ = ["Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A block's states, and the (vocab,) float32 logits after its last token if it ends a turn. Never written to.

    Args:
        states: Keys and values of all layers.
        logits: After the last token, or None.
        exact: Whether the states are bit for bit those that were computed. False once they have been rounded to int8:
            what is computed after such a block is not exact either.
    """

    states: BlockStates
    logits: torch.Tensor | None = None
    exact: bool = True
