"""One request's tokens in the words of each provider: OpenAI's Chat Completions and Responses, Anthropic's Messages.

prompt          |0 … 900|901 … 1200|1201 … 1300|      the last breakpoint is at 1200, 900 were in the cache
OpenAI           prompt_tokens 1300, of which cached_tokens 900 and cache_write_tokens 300
Anthropic        cache_read 900, cache_creation 300, input_tokens 100: what comes after the last breakpoint
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from kvcache.breakpoints import Breakpoints
from kvcache.generation import Usage

__all__ = [
    "AnthropicUsage",
    "ChatUsage",
    "ResponsesUsage",
    "Totals",
    "Written",
    "anthropic_usage",
    "chat_usage",
    "responses_usage",
    "tokens_read",
    "written",
]

_FIVE_MINUTES, _HOUR = 300.0, 3600.0


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens written to the cache, by how long they stay."""

    five_minutes: int
    one_hour: int


class CacheDetails(TypedDict):
    """Parts of a prompt's tokens, in OpenAI's words."""

    cached_tokens: int
    cache_write_tokens: int


class ChatUsage(TypedDict):
    """`usage` of a chat completion."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CacheDetails


class ResponsesUsage(TypedDict):
    """`usage` of a response."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: CacheDetails


class CacheCreation(TypedDict):
    """Tokens written, by lifetime, in Anthropic's words."""

    ephemeral_5m_input_tokens: int
    ephemeral_1h_input_tokens: int


class AnthropicUsage(TypedDict):
    """`usage` of a message; the three counts of input add up to the prompt."""

    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    cache_creation: CacheCreation
    output_tokens: int


def chat_usage(usage: Usage) -> ChatUsage:
    """As a chat completion says it: the prompt's tokens are the total, the details are parts of it."""
    return ChatUsage(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        prompt_tokens_details=_details(usage),
    )


def responses_usage(usage: Usage) -> ResponsesUsage:
    """As a response says it: the same numbers under other names."""
    return ResponsesUsage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        input_tokens_details=_details(usage),
    )


def anthropic_usage(usage: Usage, points: Breakpoints | None = None) -> AnthropicUsage:
    """As a message says it.

    Args:
        usage: The request's tokens.
        points: Its breakpoints; see `written`.

    Raises:
        PromptError: As `written`.
    """
    parts = written(usage, points)
    read = tokens_read(usage, points)
    created = parts.five_minutes + parts.one_hour
    return AnthropicUsage(
        input_tokens=usage.prompt_tokens - read - created,
        cache_creation_input_tokens=created,
        cache_read_input_tokens=read,
        cache_creation=CacheCreation(
            ephemeral_5m_input_tokens=parts.five_minutes, ephemeral_1h_input_tokens=parts.one_hour
        ),
        output_tokens=usage.completion_tokens,
    )


def written(usage: Usage, points: Breakpoints | None = None) -> Written:
    """How the tokens that were written divide by lifetime.

    Args:
        usage: The request's tokens.
        points: Its breakpoints. All that comes before the last one and was not read counts as written, whether this
            request computed it, found it too far back, or took it from one that ran beside it: it is kept from then
            on. What lies behind, or is not kept (`Usage.kept_until`), counts as input. One that stays for less than an
            hour counts as one of five minutes.
            None means that the cache chose for itself: what this request added counts, as kept for five minutes.

    Raises:
        PromptError: A breakpoint lies behind the prompt's end.
    """
    if points is None:
        return Written(usage.written_tokens, 0)
    points.check_fits(usage.prompt_tokens)
    start, one_hour, five_minutes = usage.cached_tokens, 0, 0
    until = points.last if usage.kept_until is None else usage.kept_until
    for mark in points.marks:
        new = max(0, min(mark.tokens, until) - start)
        if (points.idle_seconds(mark.tokens, _FIVE_MINUTES) or 0.0) >= _HOUR:
            one_hour += new
        else:
            five_minutes += new
        start = max(start, mark.tokens)
    return Written(five_minutes, one_hour)


def tokens_read(usage: Usage, points: Breakpoints | None) -> int:
    """Tokens read, as far as a breakpoint covers them."""
    return usage.cached_tokens if points is None else min(usage.cached_tokens, points.last)


def _details(usage: Usage) -> CacheDetails:
    return CacheDetails(cached_tokens=usage.cached_tokens, cache_write_tokens=usage.written_tokens)


@dataclass(frozen=True, slots=True)
class Totals:
    """Tokens and seconds of many requests.

    `first_token_seconds` are those that the requests took to their first tokens, hits and misses.
    """

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    written_tokens: int = 0
    completion_tokens: int = 0
    first_token_seconds: float = 0.0

    def plus(self, usage: Usage, first_token_seconds: float) -> Totals:
        """These and one request more."""
        return Totals(
            self.requests + 1,
            self.prompt_tokens + usage.prompt_tokens,
            self.cached_tokens + usage.cached_tokens,
            self.written_tokens + usage.written_tokens,
            self.completion_tokens + usage.completion_tokens,
            self.first_token_seconds + first_token_seconds,
        )

    @property
    def usage(self) -> Usage:
        """All requests as if they were one."""
        return Usage(self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.written_tokens)

    @property
    def seconds_saved(self) -> float:
        """An estimate: the tokens read, at the speed at which the others were computed. 0 while none was."""
        computed = self.prompt_tokens - self.cached_tokens
        return self.cached_tokens * self.first_token_seconds / computed if computed else 0.0
