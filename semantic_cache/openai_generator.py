"""An OpenAI-compatible engine (vLLM, SGLang, llama.cpp, a provider) behind the Generator seam."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from semantic_cache.answer import Usage
from semantic_cache.errors import GenerationError
from semantic_cache.generator import Completion, Prompt

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionMessageParam

__all__ = ["OpenAIGenerator"]


class OpenAIGenerator:
    """Generator over the official client. The engine brings its own prefix cache; what it reports is passed on.

    The prompt's user goes to the engine as `user`; whether it keeps users apart is the engine's to say.

    Args:
        model: The engine's name for the model.
        base_url: Where the engine listens, for example `http://localhost:8000/v1`.
        api_key: Its key; engines without one take anything.
    """

    def __init__(self, model: str, *, base_url: str, api_key: str | None) -> None:
        from openai import OpenAI  # noqa: PLC0415  (a second of imports that only this generator needs)

        self.name = f"{model}@{base_url}"
        self._model = model
        self._base_url = base_url
        self._client = OpenAI(base_url=base_url, api_key=api_key or "none")

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        """Yield the answer's pieces, then its Completion."""
        from openai import OpenAIError  # noqa: PLC0415

        try:
            yield from self._generate(prompt)
        except OpenAIError as error:
            raise GenerationError(f"The engine at {self._base_url} failed for model {self._model}: {error}") from error

    def _generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        from openai import omit  # noqa: PLC0415

        started, first, pieces = time.perf_counter(), None, list[str]()
        finish_reason, usage = "stop", Usage()
        sampling = prompt.sampling
        with self._client.chat.completions.create(
            model=self._model,
            messages=cast("list[ChatCompletionMessageParam]", prompt.messages()),
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            stream=True,
            stream_options={"include_usage": True},
            seed=sampling.seed,
            user=omit if prompt.user is None else prompt.user,
        ) as chunks:
            for chunk in chunks:
                if chunk.usage is not None:
                    usage = _usage(chunk.usage)
                for choice in chunk.choices:
                    if choice.delta.content:
                        first = first or time.perf_counter()
                        pieces.append(choice.delta.content)
                        yield choice.delta.content
                    finish_reason = choice.finish_reason or finish_reason
        yield Completion("".join(pieces), finish_reason, usage, ((first or time.perf_counter()) - started) * 1000)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _usage(usage: CompletionUsage) -> Usage:
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details is not None else 0
    return Usage(usage.prompt_tokens, cached, usage.completion_tokens)
