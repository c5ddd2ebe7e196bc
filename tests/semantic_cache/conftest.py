"""Caches over fakes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import Bench, EchoGenerator, MakeBench, WordEmbedder

from normalize import Normalizer
from semantic_cache.build import learning_of, maintenance_of, reader_of
from semantic_cache.cache import SemanticCache
from semantic_cache.curation import Curation
from semantic_cache.documents import Document
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import bot_from
from semantic_cache.learning import AnswersAgree, DriftWatch
from semantic_cache.lifetimes import Lifetimes
from semantic_cache.lookup import Breadth, Lookup
from semantic_cache.matching import Judge, Threshold
from semantic_cache.opening import open_store
from semantic_cache.parts import Parts
from semantic_cache.reach import Reach
from semantic_cache.rule import Rule
from semantic_cache.settings import Settings


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
        opened, normalizer = open_store(settings), Normalizer()
        embedder, generator = embedder or WordEmbedder(), generator or EchoGenerator()
        in_use = EmbedderInUse(lambda: embedder)
        languages = frozenset(("en", "ko", "ru", "pt", "es", "und"))

        policy = Threshold(0.85 if settings.threshold is None else settings.threshold)
        judge = Judge(policy, languages)
        breadth = Breadth(settings.neighbours, settings.lexical_candidates)
        reach = Reach()
        lookup = Lookup(opened, normalizer, in_use, lambda: judge, breadth, reach=reach)
        bot = bot_from(settings.system, documents, Lifetimes(settings.lifetime, settings.lifetimes))
        comparison = AnswersAgree(in_use, normalizer)
        learning = learning_of(settings, opened, lookup, DriftWatch(opened), comparison, generator)
        parts = Parts(
            store=opened,
            reach=reach,
            normalizer=normalizer,
            embedder=in_use,
            rule=lambda: Rule(policy, "the test"),
            judge=lambda: judge,
            generator=generator,
            documents=documents,
            bot=bot,
            lookup=lookup,
            reader=reader_of(settings, normalizer),
            curation=Curation(opened, lookup, in_use, bot, show_progress=False),
            learning=learning,
            maintenance=maintenance_of(settings, opened, bot),
        )
        bench = Bench(SemanticCache(settings, parts), opened, embedder, generator, bot)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.cache.close()
