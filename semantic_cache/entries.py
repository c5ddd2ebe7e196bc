"""Questions and answers → rows of the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from normalize import Question
from semantic_cache.answer import Usage
from storage import NewEntry

__all__ = ["Source", "new_entry"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from: a person, or a model with its usage."""

    origin: Literal["curated", "generated"]
    model: str = ""
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)


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
) -> NewEntry:
    """The row of a question with its answer.

    `key_version` says what made the key; `vector` is (dimensions,) of unit length, or None where there is none.
    """
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
    )
