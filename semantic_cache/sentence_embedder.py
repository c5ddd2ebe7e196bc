"""Any sentence-transformers model, from a folder or a hub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from semantic_cache.errors import EmbeddingError

__all__ = ["SentenceEmbedder"]

_logging: Any = logging


class SentenceEmbedder:
    """Embedder over sentence-transformers.

    Args:
        path_or_id: A folder, or a hub id where a hub can be reached.
        name: What identifies the vectors; the path or id by default.

    Raises:
        EmbeddingError: No such model, or it cannot be loaded.
    """

    def __init__(self, path_or_id: str, name: str | None = None) -> None:
        self.name = name or path_or_id
        self._model: Any
        # Loading draws a bar of its own; the caller's choice is put back when it is done.
        bars = _logging.is_progress_bar_enabled()
        _logging.disable_progress_bar()
        try:
            self._model = SentenceTransformer(path_or_id, device="cpu")
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbeddingError(
                f"The embedding model {path_or_id!r} cannot be loaded ({str(error).splitlines()[0]}). "
                "Name a bundled one (multilingual-e5-small, all-MiniLM-L6-v2), a folder, or a hub id in reach."
            ) from error
        finally:
            if bars:
                _logging.enable_progress_bar()
        self.dimensions = int(self._model.get_embedding_dimension())
        self.max_tokens = int(self._model.max_seq_length)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text as a question: (len(texts), dimensions) float32, unit length."""
        for text in texts:
            if not text:
                raise EmbeddingError("An empty text cannot be embedded.")
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        try:
            vectors: NDArray[np.float32] = self._model.encode(
                list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        except (RuntimeError, UnicodeEncodeError) as error:
            raise EmbeddingError(f"{self.name} failed on {len(texts)} text(s): {error}") from error
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        """How many tokens the model would read, special ones included."""
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])
