"""`/v1/feedback`: was a stored answer right? A route of our own, in the manner of the others."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from semantic_cache.cache import SemanticCache
from semantic_cache.server.openai import ChatMessage, history_of

__all__ = ["FeedbackRequest", "feedback"]


class FeedbackRequest(BaseModel):
    """`entry_id` is the one that an answer's `samewise` field names; without a `question` the entry's own is judged.
    `history` holds the messages before the question, as they were sent to `/v1/chat/completions`."""

    # What is not understood is refused, not ignored.
    model_config = ConfigDict(extra="forbid", strict=True)

    entry_id: Annotated[int, Field(ge=1, lt=1 << 63)]
    correct: bool
    question: str | None = None
    history: list[ChatMessage] = Field(default_factory=list)
    note: str = ""


def feedback(cache: SemanticCache, body: FeedbackRequest, tenant: str) -> dict[str, object]:
    """Take it, and say what it changed.

    Raises:
        SamewiseError: As `SemanticCache.feedback` says.
    """
    report = cache.feedback(
        body.entry_id,
        body.correct,
        question=body.question,
        history=history_of(body.history),
        note=body.note,
        tenant=tenant,
    )
    told = asdict(report)
    if not cache.settings.log_questions:
        # Other people's words leave the store over HTTP only where they are logged.
        told["also_served"] = [{**one, "question": None} for one in told["also_served"]]
    return {"object": "feedback", **told}
