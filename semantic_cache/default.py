"""`ask`: a cache of its own, opened when first used and closed with the program."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Collection, Sequence

from semantic_cache.answer import Answer
from semantic_cache.cache import SemanticCache
from semantic_cache.request import HistoryMessage
from semantic_cache.settings import DEFAULT_TENANT

__all__ = ["ask"]

_lock = threading.Lock()
_opened: list[SemanticCache] = []


def ask(
    question: str,
    *,
    tenant: str = DEFAULT_TENANT,
    history: Sequence[HistoryMessage] = (),
    tags: Collection[str] = (),
    user: str | None = None,
) -> Answer:
    """Answer a question with the default settings: the bundled models, and a store in the platform's data folder.

    Raises:
        SamewiseError: As `SemanticCache.open` and `SemanticCache.ask` say.
    """
    return _default_cache().ask(question, tenant=tenant, history=history, tags=tags, user=user)


def _default_cache() -> SemanticCache:
    with _lock:
        if not _opened:
            _opened.append(SemanticCache.open())
            atexit.register(_opened[0].close)
        return _opened[0]
