"""multilingual-e5-small as an Embedder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semantic_cache.encoder.encoder import Encoder
from semantic_cache.models import DEFAULT_EMBEDDER

__all__ = ["E5Embedder"]


class E5Embedder:
    """Embedder over the encoder. Thread-safe."""

    # The weights are 4-bit ones wherever they run: other engines' vectors for them differ by a rounding.
    name = f"{DEFAULT_EMBEDDER}-q4"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.dimensions = encoder.packed.width
        self.max_tokens = encoder.packed.max_tokens

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text as a question: (len(texts), 384) float32, unit length."""
        return self._encoder.vectors(texts)

    def count_tokens(self, text: str) -> int:
        """How many tokens the encoder would read, prefix and special ones included."""
        return self._encoder.count_tokens(text)
