"""Settings → what a cache is made of. The one place that names concrete classes."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from normalize import LexiconError, Normalizer
from normalize.conversation import Conversation
from normalize.template import Template
from semantic_cache.cache import Parts
from semantic_cache.curation import Curation
from semantic_cache.documents import load_documents
from semantic_cache.embedder import open_embedder
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import SettingsError, StoreError
from semantic_cache.generator import Generator
from semantic_cache.learning import AnswersAgree, Comparison, Drift, DriftWatch, Learning, Shadow, renew_pairs
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.lookup import Breadth, Lookup
from semantic_cache.matching import BudgetRule, Judge, Threshold
from semantic_cache.matching.cut_table import CutTable
from semantic_cache.matching.shipped import open_verifier, shipped_cut_table
from semantic_cache.models import DEFAULT_EMBEDDER, EMBEDDER_LANGUAGES
from semantic_cache.openai_generator import OpenAIGenerator
from semantic_cache.opened import OpenedOnce
from semantic_cache.reading import DetectedTemplates, Reader
from semantic_cache.renewal import KeyRenewal
from semantic_cache.settings import Settings, default_store_folder
from storage import StorageError, Store

__all__ = ["build", "learning_of", "reader_of"]

_ANY_LENGTH = 1_000_000  # what was taken once stays, whatever the longest question is now


def build(settings: Settings) -> Parts:
    """Open store, documents and lexicons; prepare the models without loading them.

    Raises:
        DocumentError, StoreError, SettingsError: As `SemanticCache.open` says.
    """
    documents = load_documents(settings.documents)
    try:
        normalizer = Normalizer(settings.lexicons, max_chars=settings.max_question_chars)
    except LexiconError as error:
        raise SettingsError(f"lexicons: {error}") from error
    key_version = _key_version(settings)
    store, renewal = _open_store(settings, key_version)
    embedder = EmbedderInUse(lambda: open_embedder(settings.embedder, show_progress=settings.show_progress))
    watch = DriftWatch(store, partial(_drift, settings))
    judge = _judge_when_needed(settings, store, watch)
    breadth = Breadth(settings.neighbours, settings.lexical_candidates)
    lookup = Lookup(store, normalizer, embedder, judge, breadth, key_version)
    generator = _generator(settings)
    return Parts(
        store=store,
        renewal=renewal,
        normalizer=normalizer,
        embedder=embedder,
        judge=judge,
        generator=generator,
        documents=documents,
        lookup=lookup,
        reader=reader_of(settings, normalizer),
        curation=Curation(store, lookup, embedder, show_progress=settings.show_progress),
        learning=learning_of(settings, store, lookup, watch, AnswersAgree(embedder, normalizer), generator),
    )


def reader_of(settings: Settings, normalizer: Normalizer) -> Reader:
    """What reads conversations and templates as the settings say."""
    return Reader(
        Conversation(normalizer, settings.lexicons),
        Template(settings.template) if settings.template is not None else None,
        DetectedTemplates() if settings.detect_templates else None,
    )


def learning_of(
    settings: Settings, store: Store, lookup: Lookup, watch: DriftWatch, comparison: Comparison, generator: Generator
) -> Learning:
    """What keeps decisions and feedback as the settings say."""
    store.feedback.events.keep = settings.keep_events
    shadow = Shadow(generator, comparison, settings.shadow_share, random.random)
    return Learning(store, lookup, watch, shadow, log_questions=settings.log_questions)


def _judge_when_needed(settings: Settings, store: Store, watch: DriftWatch) -> Callable[[], Judge]:
    languages = EMBEDDER_LANGUAGES.get(settings.embedder)
    if settings.threshold is not None:
        by_cosine = Judge(Threshold(settings.threshold), languages)
        return lambda: by_cosine
    # A wrong file of the user's is told at once. What is shipped loads when the first question has to be judged: if it
    # is damaged, exact and normalized hits are served all the same.
    own = None if settings.cuts is None else _cut_table(settings.cuts)

    def make() -> Judge:
        rule = BudgetRule(settings.budget, own or shipped_cut_table(), settings.budgets)
        own_cosines = settings.embedder != DEFAULT_EMBEDDER
        verifier = open_verifier(own_cosines=own_cosines, show_progress=settings.show_progress)
        return Judge(rule, languages, verifier, store.evidence, watch.tightening)

    return OpenedOnce(make)


def _drift(settings: Settings, tenant: str) -> Drift:
    return Drift(settings.budgets.get(f"tenant:{tenant}", settings.budget).wrong_hits)


def _cut_table(path: Path) -> CutTable:
    try:
        return CutTable.read(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cuts={str(path)!r} cannot be read ({error}).") from error


def _open_store(settings: Settings, key_version: str) -> tuple[Store, KeyRenewal]:
    try:
        folder = default_store_folder(settings.store)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        store = Store.open(settings.store)
        normalizer = Normalizer(settings.lexicons, max_chars=_ANY_LENGTH)
        renew_pairs(store, normalizer, key_version)
        renewal = KeyRenewal(store, normalizer, key_version)
        renewal.start()
    except (StorageError, OSError) as error:
        raise StoreError(str(error)) from error
    return store, renewal


def _key_version(settings: Settings) -> str:
    # A lexicon of one's own changes keys as a new version of normalization does.
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in settings.lexicons)).hexdigest()[:12]
    return f"{Normalizer.VERSION}+{digest}" if settings.lexicons else Normalizer.VERSION


def _generator(settings: Settings) -> Generator:
    if settings.base_url is not None:
        return OpenAIGenerator(settings.model, base_url=settings.base_url, api_key=settings.api_key)
    return LocalGenerator(
        settings.model,
        dtype=settings.dtype,
        kv_max_bytes=settings.kv_max_bytes,
        show_progress=settings.show_progress,
    )
