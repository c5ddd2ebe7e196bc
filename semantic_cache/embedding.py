"""The embedder as the cache uses it: opened when first needed, asked only for texts it can read whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from semantic_cache.embedder import Embedder
from semantic_cache.opened import OpenedOnce

__all__ = ["EmbedderInUse"]

_BATCH = 64
_SPECIAL_TOKENS = 16


class EmbedderInUse:
    """Opens an embedder once, on first use. Thread-safe.

    Args:
        open_embedder: Makes the embedder; may take seconds. When it fails, it is asked again after a minute.
        clock: Seconds that only grow.
    """

    def __init__(self, open_embedder: Callable[[], Embedder], clock: Callable[[], float] = monotonic) -> None:
        self._get = OpenedOnce(open_embedder, clock)

    @property
    def name(self) -> str:
        """The vectors' name."""
        return self._get().name

    @property
    def max_tokens(self) -> int:
        """What the model reads at once."""
        return self._get().max_tokens

    def vector(self, text: str) -> NDArray[np.float32] | None:
        """(dimensions,) float32 of unit length, or None for a text the model cannot read whole.

        Two long texts that differ only behind the model's window would share a vector, so they get none.

        Raises:
            ModelError: The model cannot be fetched, opened or run.
        """
        return self.vectors([text])[0]

    def vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """`vector` for many texts at once, in their order."""
        embedder = self._get()
        fitting = [position for position, text in enumerate(texts) if _fits(embedder, text)]
        result: list[NDArray[np.float32] | None] = [None] * len(texts)
        for start in range(0, len(fitting), _BATCH):
            batch = fitting[start : start + _BATCH]
            for position, row in zip(batch, embedder.encode([texts[one] for one in batch]), strict=True):
                result[position] = row
        return result


def _fits(embedder: Embedder, text: str) -> bool:
    # No token is shorter than a byte: most questions need no counting.
    short = len(text.encode("utf-8", "replace")) + _SPECIAL_TOKENS <= embedder.max_tokens
    return short or embedder.count_tokens(text) <= embedder.max_tokens
