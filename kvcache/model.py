"""LocalModel: a causal language model of Hugging Face with a prefix cache in front of its prefill."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kvcache.config import KVCacheConfig
from kvcache.errors import ConfigError, ContextOverflowError
from kvcache.generation import Generation, Usage
from kvcache.prompt import Prompt
from kvcache.sampling import Sampling
from kvcache.stream import TextStream

if TYPE_CHECKING:
    import torch

    from kvcache.assembly import Assembly

__all__ = ["LocalModel"]


class LocalModel:
    """A model that remembers the attention states of the prompts it has read. Safe to use from many threads.

    With and without the cache the logits are the same, bit for bit.

    Args:
        parts: The model's parts; `load` puts them together.
        clock: Seconds, for `first_token_seconds`.
    """

    def __init__(self, parts: Assembly, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._parts = parts
        self._clock = clock
        self.cache = parts.cache
        self.max_tokens = parts.max_tokens

    @classmethod
    def load(
        cls,
        path_or_id: str | Path,
        *,
        device: str = "cpu",
        dtype: str = "float32",
        cache: KVCacheConfig | None = None,
    ) -> LocalModel:
        """Load a model from a folder, without network access, or from the hub.

        Args:
            path_or_id: A folder saved with `save_pretrained`, or a hub id.
            device: A torch device.
            dtype: `float32`, `bfloat16` or `float16`.
            cache: Limits of the prefix cache; None takes the defaults.

        Raises:
            ConfigError: Unknown dtype or device.
            ModelError: It is missing, broken or of a kind that cannot be served.
        """
        with _collection_paused():
            from kvcache.assembly import assemble  # noqa: PLC0415  (torch and transformers: seconds, needed from here on)

            return cls(assemble(path_or_id, device=device, dtype=dtype, config=cache or KVCacheConfig()))

    def generate(
        self,
        prompt: Prompt,
        max_tokens: int = 32,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        tenant: str = "public",
        cache: bool = True,
    ) -> Generation:
        """The whole answer. Arguments and errors are those of `stream`."""
        stream = self.stream(prompt, max_tokens, temperature, top_p, seed, tenant, cache)
        for _ in stream:
            pass
        return stream.generation

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int = 32,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        tenant: str = "public",
        cache: bool = True,
    ) -> TextStream:
        """The answer piece by piece. Everything is checked before this returns.

        Args:
            prompt: {"role", "content"} messages, or token ids.
            max_tokens: Most tokens to generate; with the prompt they must fit into the context window.
            temperature: 0 is greedy.
            top_p: Share of probability to draw from.
            seed: Makes drawing repeatable.
            tenant: Whose kept prefixes may be read and extended; tenants never see each other's.
            cache: False neither reads nor writes kept prefixes.

        Raises:
            PromptError: The prompt cannot be used; ContextOverflowError when it is too long.
            SamplingError: A sampling parameter is outside its range.
            ConfigError: The tenant is no name.
        """
        began = self._clock()
        sampling = Sampling(max_tokens, temperature, top_p, seed)
        _check_tenant(tenant)
        ids = self._parts.encoder.encode(prompt, tenant=tenant)
        if len(ids) + max_tokens > self.max_tokens:
            raise ContextOverflowError(
                f"The prompt has {len(ids)} tokens and max_tokens is {max_tokens}; together they exceed the context "
                f"window of {self.max_tokens}. Shorten the prompt or lower max_tokens to {self.max_tokens - len(ids)}."
            )
        return TextStream(self._run(ids, sampling, tenant, cache, began))

    def next_logits(self, prompt: Prompt, cache: bool = True, tenant: str = "public") -> torch.Tensor:
        """Logits of the token that comes after the prompt: (vocab,) float32. Raises as `stream` does."""
        _check_tenant(tenant)
        ids = self._parts.encoder.encode(prompt, tenant=tenant)
        done = self._parts.prefiller.prefill(ids, tenant=tenant, room=0, use_cache=cache)
        self._parts.prefiller.finish(done)
        return done.logits

    def warm(self, prompt: Prompt, tenant: str = "public") -> int:
        """Read a prefix ahead of the questions that will begin with it.

        Args:
            prompt: The messages that questions will share, such as the system prompt, or a conversation so far with
                its last answer; or token ids, whose end is found again where a turn of the chat template begins.
            tenant: Who will ask.

        Returns:
            Tokens of it that are kept now, 0 when it is larger than the budget. Raises as `stream` does.
        """
        _check_tenant(tenant)
        return self._parts.prefiller.warm(
            self._parts.encoder.encode(prompt, for_answer=False, tenant=tenant), tenant=tenant
        )

    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of a prompt as the model would read it, the opening of the answer included; may exceed `max_tokens`.

        Raises:
            PromptError: The prompt cannot be used; ContextOverflowError when its sheer size says that it cannot fit.
        """
        return self._parts.encoder.count(prompt)

    def _run(
        self, ids: Sequence[int], sampling: Sampling, tenant: str, use_cache: bool, began: float
    ) -> Generator[str, None, Generation]:
        parts = self._parts
        prefilled = parts.prefiller.prefill(ids, tenant=tenant, room=sampling.max_tokens, use_cache=use_cache)
        try:
            steps = parts.decoder.decode(prefilled, sampling)
            piece, first_token_seconds = next(steps), self._clock() - began
            pieces = [piece]
            try:
                while True:
                    if piece:
                        yield piece
                    piece = next(steps)
                    pieces.append(piece)
            except StopIteration as end:
                decoded = end.value
        except GeneratorExit:
            parts.prefiller.abandon(prefilled)
            raise
        written = prefilled.written_tokens + parts.prefiller.finish(prefilled)
        return Generation(
            text="".join(pieces),
            token_ids=decoded.token_ids,
            finish_reason=decoded.finish_reason,
            usage=Usage(len(ids), prefilled.cached_tokens, len(decoded.token_ids), written),
            first_token_seconds=first_token_seconds,
            exact=True,
            miss=prefilled.miss,
        )


def _check_tenant(tenant: object) -> None:
    if not isinstance(tenant, str) or not tenant:
        raise ConfigError(f"tenant is {tenant!r}; give a name that is not empty.")


@contextmanager
def _collection_paused() -> Iterator[None]:
    """No garbage collection: imports make hundreds of thousands of objects that stay, and searching them takes long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
