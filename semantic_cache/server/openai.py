"""OpenAI's chat completions: request → question with history; answer → completion or chunks."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from semantic_cache.answer import Answer
from semantic_cache.errors import QuestionError, SamewiseError
from semantic_cache.request import HistoryMessage, SamplingOptions, check_user
from semantic_cache.server.errors import ApiError, of_samewise
from semantic_cache.settings import Settings
from semantic_cache.stream import AsyncAnswerStream

__all__ = ["Call", "ChatMessage", "ChatRequest", "call_of", "chunks", "completion", "history_of"]

_LOG = logging.getLogger(__name__)
_TOLD_AGAIN_SECONDS = 60.0


class _Strict(BaseModel):
    # What is not understood is refused, not ignored.
    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(_Strict):
    """A piece of a message; only text is understood."""

    type: Literal["text"]
    text: str


class ChatMessage(_Strict):
    """One message."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    def text(self) -> str:
        """The content as one text."""
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class StreamOptions(_Strict):
    """What a stream ends with."""

    include_usage: bool = False


class Extras(_Strict):
    """Fields of our own: `tags` go to the answer if it is generated and kept."""

    tags: list[str] = Field(default_factory=list)


class ChatRequest(_Strict):
    """The fields that are understood; `n` is there for clients that always send its default, `samewise` is ours.

    `user` keeps attention states apart, as in `SemanticCache.ask`: stored answers are those of all the tenant's users.
    """

    model: str
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    n: Literal[1] | None = None
    user: str | None = None
    samewise: Extras | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request in the cache's own words."""

    question: str
    history: Sequence[HistoryMessage]
    sampling: SamplingOptions
    tags: Sequence[str] = ()
    user: str | None = None


def call_of(body: ChatRequest, models: Sequence[str], settings: Settings) -> Call:
    """The question, its history and its sampling.

    Raises:
        ApiError: Another model is asked for, the last message is not the user's, or `user` is no name.
    """
    if body.model not in models:
        raise ApiError(
            404, f"The model {body.model!r} is not served here; ask for {' or '.join(models)}.",
            param="model", code="model_not_found",
        )  # fmt: skip
    if body.messages[-1].role != "user":
        raise ApiError(
            400, f"The last message is the {body.messages[-1].role}'s; it must be the user's.", param="messages"
        )
    if body.max_tokens is not None and body.max_completion_tokens is not None:
        raise ApiError(400, "Give max_tokens or max_completion_tokens, not both.", param="max_tokens")
    try:
        check_user(body.user)
    except QuestionError as error:
        raise ApiError(400, str(error), param="user") from error
    history = history_of(body.messages[:-1])
    sampling = SamplingOptions(
        max_tokens=body.max_completion_tokens or body.max_tokens or settings.max_tokens,
        temperature=settings.temperature if body.temperature is None else body.temperature,
        top_p=settings.top_p if body.top_p is None else body.top_p,
        seed=body.seed,
    )
    tags = body.samewise.tags if body.samewise is not None else ()
    return Call(body.messages[-1].text(), history, sampling, tags, body.user)


def history_of(messages: Sequence[ChatMessage]) -> list[HistoryMessage]:
    """A conversation in the cache's own words."""
    return [
        {"role": "system" if message.role == "developer" else message.role, "content": message.text()}
        for message in messages
    ]


def completion(model: str, text: str, answer: Answer) -> dict[str, object]:
    """The body of a plain answer; `samewise` says where it came from."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        **_head(model, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}],
        "usage": _usage(answer),
        "samewise": _origin(answer),
    }


async def chunks(body: ChatRequest, first: str, stream: AsyncAnswerStream) -> AsyncIterator[dict[str, str]]:
    """The events of a streamed answer, `[DONE]` last. A client that goes away ends the generation."""
    head = _head(body.model, "chat.completion.chunk")
    try:
        yield _event(head, {"role": "assistant", "content": first})
        async for piece in stream:
            yield _event(head, {"content": piece})
        answer = stream.answer
        yield _event({**head, "samewise": _origin(answer)}, {}, answer.finish_reason)
        if body.stream_options is not None and body.stream_options.include_usage:
            yield {"data": json.dumps({**head, "choices": [], "usage": _usage(answer)})}
        yield {"data": "[DONE]"}
    except SamewiseError as error:
        yield {"data": json.dumps(of_samewise(error).body())}
    finally:
        await stream.aclose()


def _event(head: dict[str, Any], delta: dict[str, str], finish_reason: str | None = None) -> dict[str, str]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return {"data": json.dumps({**head, "choices": [choice]})}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _usage(answer: Answer) -> dict[str, object]:
    usage = answer.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": usage.written_tokens},
    }


@lru_cache(maxsize=256)
def _tell(problem: str, period: int) -> None:  # noqa: ARG001  (once in each period)
    _LOG.warning("Answered without a part of the cache: %s", problem)


def _origin(answer: Answer) -> dict[str, object]:
    for problem in answer.trace.degraded:
        _tell(problem, int(time.monotonic() / _TOLD_AGAIN_SECONDS))
    return {
        "source": answer.source,
        "probability": answer.probability,
        "matched": answer.matched,
        "entry_id": answer.entry_id,
        # Which part failed; how is the operator's to know: a store's error names its host and user.
        "degraded": sorted({problem.split(":")[0] for problem in answer.trace.degraded}),
        "prefix_miss": _prefix_miss(answer),
    }


def _prefix_miss(answer: Answer) -> dict[str, object] | None:
    # Without the place and the words there: they may be the operator's prompt.
    miss = answer.trace.prefix
    return None if miss is None else {"cause": miss.cause, "lost_tokens": miss.lost_tokens}
