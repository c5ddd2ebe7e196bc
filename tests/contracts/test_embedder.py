"""What every Embedder must do; each bundled model runs it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from semantic_cache.embedder import Embedder, open_embedder
from semantic_cache.errors import EmbeddingError

_TEXTS = ["How do I reset my password?", "I forgot my password", "Do you deliver to Busan?", "x", "🙂", "a" * 3000]


@cache
def _opened(name: str) -> Embedder:
    return open_embedder(name, show_progress=False)


@pytest.fixture(params=["multilingual-e5-small", "all-MiniLM-L6-v2"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return _opened(request.param)


def test_a_vector_has_the_stated_length_and_is_a_unit(embedder: Embedder) -> None:
    vectors = embedder.encode(_TEXTS)
    assert vectors.shape == (len(_TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(embedder: Embedder) -> None:
    together = embedder.encode(_TEXTS)
    alone = np.concatenate([embedder.encode([text]) for text in _TEXTS])
    assert np.allclose(together, alone, atol=2e-3)


def test_what_means_the_same_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    reset, forgot, deliver = embedder.encode(_TEXTS[:3])
    assert reset @ forgot > reset @ deliver + 0.05


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, embedder.dimensions)


def test_an_empty_text_is_refused(embedder: Embedder) -> None:
    with pytest.raises(EmbeddingError, match="empty"):
        embedder.encode(["fine", ""])


def test_tokens_grow_with_the_text(embedder: Embedder) -> None:
    assert 0 < embedder.count_tokens("pool") < embedder.count_tokens("where is the pool") < embedder.max_tokens
    assert embedder.count_tokens("word " * 1000) > embedder.max_tokens


def test_a_text_behind_a_nul_never_shares_the_vector_of_what_stands_before_it() -> None:
    engine = _opened("multilingual-e5-small")
    for text in ("reset\0my password", "\ud800"):
        with pytest.raises(EmbeddingError, match=r"NUL|surrogate"):
            engine.encode([text])


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(EmbeddingError, match="/no/such/folder"):
        open_embedder("/no/such/folder")
