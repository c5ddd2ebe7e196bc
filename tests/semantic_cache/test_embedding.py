"""The embedder in use: opened late, asked only for what it can read whole, made anew after a change."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import MakeBench, WordEmbedder

from semantic_cache import Settings
from semantic_cache.embedder import Embedder
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import EmbeddingError

_LONG = "where is the pool " * 100


def test_a_question_longer_than_the_embedder_reads_is_never_matched_by_similarity(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=-1.0))
    bench.cache.add(_LONG + "in summer", "On the roof.")
    verdict = bench.cache.lookup(_LONG + "in winter")
    assert not verdict.hit
    assert "longer than the 200 tokens" in verdict.reason
    assert bench.cache.lookup(_LONG + "in summer").hit


def test_after_a_change_of_the_embedder_the_vectors_are_made_anew(make_bench: MakeBench, tmp_path: Path) -> None:
    settings = Settings(store=f"sqlite:///{tmp_path / 'faq.db'}", threshold=0.25)
    first = make_bench(settings=settings)
    for number in range(130):
        first.cache.add(f"how is the jacket named {chr(97 + number % 26)}{chr(97 + number // 26)} washed", "By hand.")
    first.cache.close()
    second = make_bench(settings=settings, embedder=WordEmbedder(name="other words", dimensions=32))
    verdict = second.cache.lookup("cb jacket cleaning tips wanted")
    assert verdict.hit
    assert verdict.source == "semantic"
    assert "how is the jacket named cb washed" in second.embedder.calls
    assert len(second.embedder.calls) == 131


def test_the_embedder_is_not_opened_for_an_exact_or_normalized_hit(make_bench: MakeBench, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    make_bench(url).cache.add("Where is the pool?", "On the roof.")
    broken = make_bench(url, embedder=WordEmbedder(broken=True))
    assert broken.cache.ask("Where is the pool?").source == "exact"
    assert broken.cache.ask("where is the POOL").source == "normalized"


def test_an_embedder_that_cannot_be_opened_is_tried_again_after_a_minute() -> None:
    now, tries = [0.0], list[float]()

    def open_it() -> Embedder:
        tries.append(now[0])
        if len(tries) == 1:
            raise EmbeddingError("no hub in reach")
        return WordEmbedder()

    embedder = EmbedderInUse(open_it, clock=lambda: now[0])
    for second in (0.0, 30.0, 59.0):
        now[0] = second
        with pytest.raises(EmbeddingError, match="no hub"):
            embedder.vector("Where is the pool?")
    now[0] = 61.0
    assert embedder.vector("Where is the pool?") is not None
    assert tries == [0.0, 61.0]
