"""Questions and answers → rows of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from normalize import Question
from semantic_cache.answer import Usage
from semantic_cache.documents import Document
from semantic_cache.lifetimes import Lifetimes
from semantic_cache.scope import bot_of
from storage import DocumentRef, Lifetime, NewEntry, Origin

__all__ = ["Bot", "Source", "bot_from", "new_entry"]


@dataclass(frozen=True, slots=True)
class Bot:
    """Who answers: the same digest for one system prompt and documents of the same names, the documents as they are
    now, and how long answers live."""

    digest: str = ""
    documents: tuple[DocumentRef, ...] = ()
    lifetimes: Lifetimes = field(default_factory=Lifetimes)

    def using(self, names: Collection[str]) -> tuple[DocumentRef, ...]:
        """The documents of these names, all of the bot's where none is named. One that the bot doesn't have is kept by
        its name alone."""
        if not names:
            return self.documents
        known = [one for one in self.documents if one.name in names]
        unknown = sorted(set(names) - {one.name for one in known})
        return (*known, *(DocumentRef(name) for name in unknown))


def bot_from(system: str, documents: Sequence[Document], lifetimes: Lifetimes) -> Bot:
    """The bot of these settings."""
    refs = tuple(DocumentRef(document.name, document.digest) for document in documents)
    return Bot(bot_of(system, documents), refs, lifetimes)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from: a person, or a model with its usage and the time it took.

    `documents` are the names of those it rests on, () for all of the bot's; `lifetime` is its own, beside those that
    the bot gives it.
    """

    origin: Origin
    model: str = ""
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    generation_ms: float = 0.0
    documents: frozenset[str] = frozenset()
    lifetime: Lifetime | None = None


def new_entry(  # noqa: PLR0913  (a row has that many independent parts)
    question: Question,
    answer: str,
    *,
    tenant: str,
    scope: str,
    exact_hash: str,
    key_version: str,
    source: Source,
    embedder: str | None,
    vector: NDArray[np.float32] | None,
    tags: Collection[str] = (),
    bot: Bot | None = None,
) -> NewEntry:
    """The row of a question with its answer.

    `key_version` says what made the key; `vector` is (dimensions,) of unit length, or None where there is none.
    """
    bot = bot or Bot()
    return NewEntry(
        tenant=tenant,
        scope=scope,
        question=question.text,
        exact_hash=exact_hash,
        key=question.key,
        key_hash=question.key_hash,
        language=question.language,
        facts=asdict(question.facts),
        answer=answer,
        finish_reason=source.finish_reason,
        origin=source.origin,
        prompt_tokens=source.usage.prompt_tokens,
        completion_tokens=source.usage.completion_tokens,
        tags=frozenset(tags),
        model=source.model,
        embedder=embedder if vector is not None else None,
        normalizer_version=key_version,
        vector=vector,
        documents=bot.using(source.documents),
        bot=bot.digest,
        generation_ms=source.generation_ms,
        lifetime=bot.lifetimes.of(source.origin, tenant=tenant, tags=tags, own=source.lifetime),
    )
