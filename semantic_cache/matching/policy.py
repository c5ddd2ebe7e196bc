"""The rule that serves or doesn't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Policy", "Threshold"]


class Policy(Protocol):
    """Decides by a candidate's cosine similarity in [-1, 1], after the guards let it pass. Pure."""

    def serves(self, similarity: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Threshold:
    """Serve what is at least this similar; None serves nothing by similarity."""

    similarity: float | None

    def serves(self, similarity: float) -> bool:
        """Whether an entry of that similarity may be served."""
        return self.similarity is not None and similarity >= self.similarity

    def __str__(self) -> str:
        return "nothing by similarity" if self.similarity is None else f"similarity ≥ {self.similarity:.3f}"
