"""What a cache is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from normalize import Normalizer
from semantic_cache.curation import Curation
from semantic_cache.documents import Document
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Bot
from semantic_cache.generator import Generator
from semantic_cache.learning import Learning
from semantic_cache.lookup import Lookup
from semantic_cache.maintenance import Maintenance
from semantic_cache.matching import Judge
from semantic_cache.reach import Reach
from semantic_cache.reading import Reader
from semantic_cache.renewal import KeyRenewal
from semantic_cache.rule import Rule
from semantic_cache.warming import Warming
from storage import Store

__all__ = ["Parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a cache is made of; `build.build` makes them from Settings, tests from what they like."""

    store: Store
    reach: Reach
    normalizer: Normalizer
    embedder: EmbedderInUse
    rule: Callable[[], Rule]
    judge: Callable[[], Judge]
    generator: Generator
    documents: tuple[Document, ...]
    bot: Bot
    lookup: Lookup
    reader: Reader
    curation: Curation
    learning: Learning
    renewal: KeyRenewal | None = None
    maintenance: Maintenance | None = None
    warming: Warming | None = None
