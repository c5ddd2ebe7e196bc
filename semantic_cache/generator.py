"""Prompt → answer. One seam; behind it the local model with its prefix cache, or an OpenAI-compatible engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from normalize import Message
from semantic_cache.answer import Usage
from semantic_cache.prefix_miss import PrefixMiss
from semantic_cache.request import SamplingOptions

__all__ = ["Completion", "Generator", "Prompt"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads. `system` (with the documents) comes first, so that every question shares it as a prefix.

    `shared` is the beginning of `system` that the operator wrote, or "": all tenants may share what a model keeps of
    it, and of nothing else. `user` is one of the tenant's users: what a local model keeps of this prompt is for that
    user alone.
    """

    system: str
    history: tuple[Message, ...]
    question: str
    tenant: str
    sampling: SamplingOptions
    shared: str = ""
    user: str | None = None

    def messages(self) -> list[dict[str, str]]:
        """The prompt in OpenAI's message form."""
        first = [{"role": "system", "content": self.system}] if self.system else []
        turns = [{"role": message.role, "content": message.content} for message in self.history]
        return [*first, *turns, {"role": "user", "content": self.question}]


@dataclass(frozen=True, slots=True)
class Completion:
    """How a generation ended. `first_token_ms` counts from the call to the first token; `prefix` is as in `Trace`."""

    text: str
    finish_reason: str
    usage: Usage
    first_token_ms: float
    prefix: PrefixMiss | None = None


class Generator(Protocol):
    """Generates answers. Safe to call from many threads."""

    @property
    def name(self) -> str:
        """Identifies the model: answers of different names are kept apart."""
        ...

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        """Yield the answer's pieces as they come, and last its Completion. Closing it early frees what it holds.

        Raises:
            GenerationError: The model cannot be loaded, the prompt does not fit, or the engine failed.
        """
        ...

    def close(self) -> None:
        """Let go of the model or connection. Idempotent."""
        ...
