"""Settings → what a cache is made of. The one place that names concrete classes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

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
from semantic_cache.local_generator import LocalGenerator
from semantic_cache.lookup import Lookup
from semantic_cache.matching import Judge, Threshold, calibration_for
from semantic_cache.openai_generator import OpenAIGenerator
from semantic_cache.reading import DetectedTemplates, Reader
from semantic_cache.renewal import KeyRenewal
from semantic_cache.settings import Settings, default_store_folder
from storage import StorageError, Store

__all__ = ["build", "reader_of"]

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
    judge = _judge_when_needed(settings, embedder)
    lookup = Lookup(store, normalizer, embedder, judge, settings.neighbours, key_version)
    return Parts(
        store=store,
        renewal=renewal,
        normalizer=normalizer,
        embedder=embedder,
        judge=judge,
        generator=_generator(settings),
        documents=documents,
        lookup=lookup,
        reader=reader_of(settings, normalizer),
        curation=Curation(store, lookup, embedder, show_progress=settings.show_progress),
    )


def reader_of(settings: Settings, normalizer: Normalizer) -> Reader:
    """What reads conversations and templates as the settings say."""
    return Reader(
        Conversation(normalizer, settings.lexicons),
        Template(settings.template) if settings.template is not None else None,
        DetectedTemplates() if settings.detect_templates else None,
    )


def _judge_when_needed(settings: Settings, embedder: EmbedderInUse) -> Callable[[], Judge]:
    # The calibration goes by the embedder's name, which is known when the embedder is open.
    @cache
    def judge() -> Judge:
        calibration = calibration_for(embedder.name)
        shipped = calibration.threshold if calibration is not None else None
        return Judge(Threshold(settings.threshold if settings.threshold is not None else shipped), calibration)

    return judge


def _open_store(settings: Settings, key_version: str) -> tuple[Store, KeyRenewal]:
    try:
        folder = default_store_folder(settings.store)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        store = Store.open(settings.store)
        renewal = KeyRenewal(store, Normalizer(settings.lexicons, max_chars=_ANY_LENGTH), key_version)
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
