"""Caches over fakes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import Bench, EchoGenerator, MakeBench, WordEmbedder

from normalize import Normalizer
from semantic_cache.build import learning_of, reader_of
from semantic_cache.cache import Parts, SemanticCache
from semantic_cache.curation import Curation
from semantic_cache.documents import Document
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.learning import AnswersAgree, DriftWatch
from semantic_cache.lookup import Breadth, Lookup
from semantic_cache.matching import Judge, Threshold
from semantic_cache.settings import Settings
from storage import Store


@pytest.fixture
def make_bench() -> Iterator[MakeBench]:
    """Make caches over fakes; each is closed after the test."""
    made: list[Bench] = []

    def make(
        store: str = "sqlite://",
        *,
        settings: Settings | None = None,
        documents: tuple[Document, ...] = (),
        generator: EchoGenerator | None = None,
        embedder: WordEmbedder | None = None,
    ) -> Bench:
        settings = settings or Settings(store=store, show_progress=False)
        opened, normalizer = Store.open(settings.store), Normalizer()
        embedder, generator = embedder or WordEmbedder(), generator or EchoGenerator()
        in_use = EmbedderInUse(lambda: embedder)
        languages = frozenset(("en", "ko", "ru", "pt", "es", "und"))

        def judge() -> Judge:
            return Judge(Threshold(0.85 if settings.threshold is None else settings.threshold), languages)

        breadth = Breadth(settings.neighbours, settings.lexical_candidates)
        lookup = Lookup(opened, normalizer, in_use, judge, breadth)
        curation = Curation(opened, lookup, in_use, show_progress=False)
        comparison = AnswersAgree(in_use, normalizer)
        learning = learning_of(settings, opened, lookup, DriftWatch(opened), comparison, generator)
        reader = reader_of(settings, normalizer)
        parts = Parts(opened, normalizer, in_use, judge, generator, documents, lookup, reader, curation, learning)
        bench = Bench(SemanticCache(settings, parts), opened, embedder, generator)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.cache.close()
