"""What a request leaves behind in the store: a use of the entry that was served, or a generated answer."""

from __future__ import annotations

from dataclasses import dataclass

from normalize import Question
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Bot, Source, new_entry
from semantic_cache.generator import Completion
from semantic_cache.lookup import Found
from semantic_cache.reach import Reach
from semantic_cache.request import Request
from storage import Entry, StorageError, Store

__all__ = ["Generated", "Keeper"]


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated answer: by which model, to which question, and the time that the model worked on it."""

    model: str
    question: Question
    completion: Completion
    milliseconds: float


class Keeper:
    """Writes for the flow. Thread-safe; a store that fails takes no request down, it is named instead.

    Args:
        store: Where it goes.
        embedder: Made the vectors.
        bot: Who answers.
        key_version: What made the keys.
        reach: Whether the store can be reached.
    """

    def __init__(self, store: Store, embedder: EmbedderInUse, bot: Bot, key_version: str, reach: Reach) -> None:
        self._store = store
        self._embedder = embedder
        self._bot = bot
        self._key_version = key_version
        self._reach = reach

    def used(self, entry: Entry) -> str | None:
        """Count a use, which prolongs a sliding life; what went wrong, or None."""
        try:
            with self._reach.following():  # most uses are only counted
                self._store.touch(entry)
        except StorageError as error:
            return f"store: {error}"
        return None

    def keep(self, request: Request, found: Found, made: Generated) -> tuple[int | None, str | None]:
        """Keep an answer: its entry's id, or what went wrong."""
        completion = made.completion
        source = Source(
            "generated",
            made.model,
            completion.finish_reason,
            completion.usage,
            generation_ms=made.milliseconds,
        )
        row = new_entry(
            made.question,
            completion.text,
            tenant=request.tenant,
            scope=found.scope.generated,
            exact_hash=request.exact_hash,
            key_version=self._key_version,
            source=source,
            embedder=self._embedder.name if found.vector is not None else None,
            vector=found.vector,
            tags=request.tags,
            bot=self._bot,
        )
        try:
            with self._reach:
                return self._store.add(row).id, None
        except StorageError as error:
            return None, f"store: {error}"
