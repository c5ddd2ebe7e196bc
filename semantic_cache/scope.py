"""Which entries may answer a question at all: everything but its words that can change the answer, as two hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from semantic_cache.documents import Document
from semantic_cache.request import Request

__all__ = ["Scope", "bot_of", "make_scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Two nets of one question.

    `curated` holds what people wrote for this bot: its tenant, system prompt, documents (by name), the conversation
    before the question where that counts, and the template around it. Their answers do not depend on the model, nor on
    a new edition of a document.
    `generated` holds what the model said: all of that, and the documents' contents, the model and the sampling.
    """

    curated: str
    generated: str


def make_scope(request: Request, *, system: str, documents: Sequence[Document], model: str) -> Scope:
    """The scope of a request that was read."""
    bot = [request.tenant, system, request.system, request.context]
    # Last and only when there is one, so that entries from before templates keep their scope.
    template = [request.template] if request.template else []
    sampling = request.sampling
    return Scope(
        curated=_digest("curated", *bot, [document.name for document in documents], *template),
        generated=_digest(
            "generated",
            *bot,
            [document.digest for document in documents],
            model,
            [sampling.max_tokens, float(sampling.temperature), float(sampling.top_p), sampling.seed],
            *template,
        ),
    )


def bot_of(system: str, documents: Sequence[Document]) -> str:
    """Who answers, whatever its documents hold now: one hash for a system prompt with documents of these names.

    It is the same for all tenants, so that answers from a former edition of a document are found by it.
    """
    return _digest("bot", system, [document.name for document in documents])


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
