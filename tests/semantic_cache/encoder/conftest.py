"""The bundled encoder, and what float32 makes of the same texts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from semantic_cache.encoder import Encoder, open_encoder
from semantic_cache.encoder.encoder import FIRST_UPPER_LAYER, open_session
from semantic_cache.encoder.graph import Graph, lower_model

Read = Callable[[str], dict[str, np.ndarray]]
States = Callable[[str], np.ndarray]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


@pytest.fixture(scope="module")
def read(encoder: Encoder) -> Read:
    """Text → the inputs of the lower layers."""
    packed = encoder.packed

    def inputs(text: str) -> dict[str, np.ndarray]:
        ids = np.array([[packed.bos, *encoder.pieces([f"query: {text}"])[0], packed.eos]])
        return {"words": packed.words.rows(ids), "mask": np.ones(ids.shape, dtype=np.int32)}

    return inputs


@pytest.fixture(scope="module")
def exact_states(encoder: Encoder, read: Read) -> States:
    """Text → (tokens, width) after the lower layers, in float32."""
    session = open_session(lower_model(encoder.packed, FIRST_UPPER_LAYER, Graph), 1)
    return lambda text: session.run(None, read(text))[0][0]
