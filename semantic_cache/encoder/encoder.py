"""multilingual-e5-small in ONNX Runtime: texts → token states half-way up, and unit vectors at the top."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from semantic_cache.encoder.graph import lower_model, upper_model
from semantic_cache.encoder.int8_graph import Int8Graph
from semantic_cache.encoder.packed_file import PackedModel, read_packed
from semantic_cache.encoder.pieces import Pieces
from semantic_cache.errors import EmbeddingError

__all__ = ["FIRST_UPPER_LAYER", "Encoder", "open_session", "run"]

FIRST_UPPER_LAYER: Final = 6
"""The layers below read a question alone; those from here on read it alone for a vector, or with another for a pair."""

_PREFIX: Final = "query: "  # both sides of a comparison are questions
_KEPT: Final = 512
_FEW: Final = 16
_MOST_KEPT_BYTES: Final = 160


class Encoder:
    """Thread-safe. Loads in about a second; one text takes milliseconds on one thread.

    Args:
        path: The packed weights of the bundled model.
        threads: Of each call.

    Raises:
        EmbeddingError: The file cannot be read.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.packed: PackedModel = read_packed(path)
        self.threads = threads
        self.pieces = Pieces(self.packed)
        self._lower = open_session(lower_model(self.packed, FIRST_UPPER_LAYER, Int8Graph), threads)
        # A question is read for its vector first and for its pairs after that.
        self._kept = lru_cache(_KEPT)(self._states_of)

    @cached_property
    def _upper(self) -> onnxruntime.InferenceSession:
        return open_session(upper_model(self.packed, FIRST_UPPER_LAYER, Int8Graph), self.threads)

    @cached_property
    def fingerprint(self) -> str:
        """Of all that decides its states and vectors. Takes a moment: it is for what is kept by `training`."""
        graphs = (make(self.packed, FIRST_UPPER_LAYER, Int8Graph) for make in (lower_model, upper_model))
        return hashlib.sha256(b"".join(graphs)).hexdigest()[:16]

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), width) float32 of unit length. Of a longer text only the first `packed.max_tokens` are read.

        Raises:
            EmbeddingError: A text is empty, or holds NUL or lone surrogates.
        """
        for text in texts:
            _check(text)
        # One at a time: nothing is padded, and a text has the same vector alone and beside others (int8_graph.py).
        # A few are compared with each other next; of many, few will be read again soon.
        states_of = self.states if len(texts) <= _FEW else self._states_of
        units = np.zeros((len(texts), self.packed.width), dtype=np.float32)
        for unit, text in zip(units, texts, strict=True):
            states = states_of(text)[None]
            mean = run(self._upper, {"states": states, "mask": np.ones(states.shape[:2], dtype=np.int32)})[0]
            unit[:] = mean / np.linalg.norm(mean)
        return units

    def states(self, text: str) -> NDArray[np.float32]:
        """(tokens, width) float32 after the lower layers. The array is shared: it must not be written to.

        Raises:
            EmbeddingError: As `vectors`.
        """
        # No token is shorter than a byte. Few of the long ones come again, and they are large.
        return self._kept(text) if len(text.encode("utf-8", "replace")) <= _MOST_KEPT_BYTES else self._states_of(text)

    def count_tokens(self, text: str) -> int:
        """How many tokens are read for a text, special ones and the prefix included."""
        return len(self._ids(text))

    def _states_of(self, text: str) -> NDArray[np.float32]:
        ids, most = self._ids(text), self.packed.max_tokens
        if len(ids) > most:
            ids = [*ids[: most - 1], self.pieces.eos]
        words = self.packed.words.rows(np.array([ids], dtype=np.int64))
        states: NDArray[np.float32] = run(self._lower, {"words": words, "mask": np.ones((1, len(ids)), np.int32)})[0]
        states.setflags(write=False)
        return states

    def _ids(self, text: str) -> list[int]:
        _check(text)
        return [self.pieces.bos, *self.pieces([_PREFIX + text])[0], self.pieces.eos]


def run(session: onnxruntime.InferenceSession, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """The one output of a session.

    Raises:
        EmbeddingError: The runtime failed, whatever it raised.
    """
    try:
        output: NDArray[np.float32] = session.run(None, dict(inputs))[0]
    except Exception as error:  # its errors are of many kinds, and have no common one but this
        raise EmbeddingError(f"The encoder failed ({type(error).__name__}: {error}).") from error
    return output


def open_session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session on the CPU that holds no thread spinning while it waits.

    Raises:
        EmbeddingError: The runtime refuses it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EmbeddingError(f"The encoder cannot be opened ({type(error).__name__}: {error}).") from error


def _check(text: str) -> None:
    if not text:
        raise EmbeddingError("An empty text cannot be embedded.")
    if "\0" in text:
        raise EmbeddingError("A text with a NUL character cannot be embedded: remove it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise EmbeddingError(f"A text with a lone surrogate cannot be embedded ({error}).") from error
