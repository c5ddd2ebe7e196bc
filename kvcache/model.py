"""LocalModel: a causal language model of Hugging Face with a prefix cache in front of its prefill."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from kvcache.breakpoints import Breakpoints
from kvcache.collection import collection_paused
from kvcache.config import KVCacheConfig
from kvcache.errors import ConfigError, ContextOverflowError, PromptError
from kvcache.generation import Generation
from kvcache.leases import NO_POINTS
from kvcache.misses import Miss
from kvcache.prompt import Prompt
from kvcache.request import Request, answer
from kvcache.sampling import Sampling
from kvcache.scopes import Owners, Scope, owners
from kvcache.stream import TextStream

if TYPE_CHECKING:
    import torch

    from kvcache.assembly import Assembly

__all__ = ["LocalModel", "Whose"]


class Whose(TypedDict, total=False):
    """Whose a declared prefix is, beside its tenant; `LocalModel.warm` says what each means."""

    scope: Scope
    user: str | None
    breakpoints: Breakpoints


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

    @property
    def parts(self) -> Assembly:
        """What it is put together from, for checks that look inside."""
        return self._parts

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
        with collection_paused():
            from kvcache.assembly import assemble  # noqa: PLC0415  (torch and transformers: seconds, needed from here on)

            return cls(assemble(path_or_id, device=device, dtype=dtype, config=cache or KVCacheConfig()))

    def generate(  # noqa: PLR0913  (named as callers know them; `stream` says what they are)
        self,
        prompt: Prompt,
        max_tokens: int = 32,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        tenant: str = "public",
        cache: bool = True,
        *,
        user: str | None = None,
        breakpoints: Breakpoints = NO_POINTS,
    ) -> Generation:
        """The whole answer. Arguments and errors are those of `stream`."""
        stream = self.stream(
            prompt, max_tokens, temperature, top_p, seed, tenant, cache, user=user, breakpoints=breakpoints
        )
        for _ in stream:
            pass
        return stream.generation

    def stream(  # noqa: PLR0913
        self,
        prompt: Prompt,
        max_tokens: int = 32,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | None = None,
        tenant: str = "public",
        cache: bool = True,
        *,
        user: str | None = None,
        breakpoints: Breakpoints = NO_POINTS,
    ) -> TextStream:
        """The answer piece by piece. Everything is checked before this returns.

        Args:
            prompt: {"role", "content"} messages, or token ids.
            max_tokens: Most tokens to generate; with the prompt they must fit into the context window.
            temperature: 0 is greedy.
            top_p: Share of probability to draw from.
            seed: Makes drawing repeatable.
            tenant: Whose kept prefixes may be read and extended, beside the public ones. Tenants never see each
                other's; the one named "public" is a tenant too.
            cache: False neither reads nor writes kept prefixes.
            user: One of the tenant's users: what this prompt adds is kept for this user alone.
            breakpoints: Where to keep the prompt, and for how long; see Breakpoints and the config's lifetime.

        Raises:
            PromptError: The prompt or its breakpoints cannot be used; ContextOverflowError when it is too long.
            SamplingError: A sampling parameter is outside its range.
            ConfigError: The tenant or the user is no name.
        """
        began = self._clock()
        sampling = Sampling(max_tokens, temperature, top_p, seed)
        owners(tenant, user)
        _check_flag("cache", cache)
        ids = self._encoded(prompt, tenant, breakpoints)
        if len(ids) + max_tokens > self.max_tokens:
            raise ContextOverflowError(
                f"The prompt has {len(ids)} tokens and max_tokens is {max_tokens}; together they exceed the context "
                f"window of {self.max_tokens}. Shorten the prompt or lower max_tokens to {self.max_tokens - len(ids)}."
            )
        request = Request(_own(prompt, ids), ids, sampling, tenant, user, cache, breakpoints, began)
        return TextStream(answer(self._parts, request, self._clock))

    def next_logits(
        self,
        prompt: Prompt,
        cache: bool = True,
        tenant: str = "public",
        *,
        user: str | None = None,
        breakpoints: Breakpoints = NO_POINTS,
    ) -> torch.Tensor:
        """Logits of the token that comes after the prompt: (vocab,) float32. Arguments and errors as for `stream`."""
        owners(tenant, user)
        _check_flag("cache", cache)
        ids = self._encoded(prompt, tenant, breakpoints)
        done = self._parts.prefiller.prefill(ids, tenant=tenant, room=0, use_cache=cache, user=user, points=breakpoints)
        self._parts.prefiller.finish(done)
        return done.logits

    def warm(self, prompt: Prompt, tenant: str = "public", **whose: Unpack[Whose]) -> int:
        """Read a prefix ahead of the questions that will begin with it.

        Args:
            prompt: The messages that questions will share, such as the system prompt, or a conversation so far with
                its last answer; or token ids, whose end is found again where a turn of the chat template begins.
            tenant: Who will ask.
            scope: `public` declares the prefix for every tenant, whatever `tenant` says. Requests only read there, so
                what is public is what was declared; its presence is no secret.
            user: Which of the tenant's users will ask, if no other shall read it.
            breakpoints: As for `stream`. A lifetime that keeps what ends at breakpoints keeps the prefix without any.

        Returns:
            Tokens of it that are kept now, 0 when it is larger than the budget or shorter than the lifetime's minimum.
            Raises as `stream` does.
        """
        return self._parts.prefiller.warm(*self._declared(prompt, tenant, whose))

    def pin(self, prompt: Prompt, tenant: str = "public", **whose: Unpack[Whose]) -> int:
        """`warm` a prefix that neither expires nor makes room for others, until it is unpinned or cleared.

        Args:
            prompt: As for `warm`; so are tenant, scope, user and breakpoints.
            tenant: Who will ask.

        Returns:
            Tokens of it that are kept now. Raises as `warm` does.

        Raises:
            PinLimitError: With those that are pinned it would take more than `pin_bytes`. It is kept without a pin.
        """
        return self._parts.prefiller.warm(*self._declared(prompt, tenant, whose), pin=True)

    def unpin(self, prompt: Prompt, tenant: str = "public", **whose: Unpack[Whose]) -> bool:
        """Undo `pin` with the same arguments: the prefix is kept like any other. False when it is not pinned."""
        return self._parts.prefiller.unpin(*self._declared(prompt, tenant, whose))

    def explain(
        self,
        prompt: Prompt,
        tenant: str = "public",
        *,
        user: str | None = None,
        breakpoints: Breakpoints = NO_POINTS,
        operator: bool = False,
    ) -> Miss | None:
        """Where a prompt would stop being read from the cache, and why; None when all of it would be read.

        Args:
            prompt: As for `stream`; so are tenant, user, breakpoints and errors. Nothing is computed, no seconds lost.
            operator: Whether to say `other_tenant` when somebody keeps what this tenant and user may not read. Not for
                the eyes of tenants.
        """
        whose, ids = owners(tenant, user), self._encoded(prompt, tenant, breakpoints)
        miss = self._parts.prefiller.explain(ids, whose, breakpoints, operator=operator)
        return None if miss is None else miss.decoded_by(self._parts.encoder.text)

    def clear(
        self,
        prefix: Prompt | None = None,
        *,
        tenant: str | None = None,
        user: str | None = None,
        public: bool = False,
    ) -> int:
        """Forget what is kept of prompts that begin with `prefix`; `cache.clear` says the rest, in token ids."""
        ids = None if prefix is None else self._parts.encoder.encode(prefix, for_answer=False, tenant=tenant or "")
        return self.cache.clear(tenant, user=user, public=public, prefix=ids)

    def settle(self, timeout_seconds: float | None = None) -> bool:
        """Wait until the answers given so far are read ahead (`read_answers`); False when they are not in time."""
        return self._parts.answers is None or self._parts.answers.wait(timeout_seconds)

    def close(self) -> None:
        """Stop work in the background, and write what waits for the tiers below. Idempotent."""
        if self._parts.answers is not None:
            self._parts.answers.close()
        self.cache.close()

    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of a prompt as the model would read it, the opening of the answer included; may exceed `max_tokens`.

        Raises:
            PromptError: The prompt cannot be used; ContextOverflowError when its sheer size says that it cannot fit.
        """
        return self._parts.encoder.count(prompt)

    def _declared(self, prompt: Prompt, tenant: str, whose: Whose) -> tuple[tuple[int, ...], Owners, Breakpoints]:
        """A prefix in token ids, whose it is, and its breakpoints."""
        points, readers = (
            whose.get("breakpoints", NO_POINTS),
            owners(tenant, whose.get("user"), whose.get("scope", "tenant")),
        )
        return self._encoded(prompt, tenant, points, for_answer=False), readers, points

    def _encoded(self, prompt: Prompt, tenant: str, points: Breakpoints, *, for_answer: bool = True) -> tuple[int, ...]:
        """A prompt in token ids, checked together with its breakpoints."""
        ids = self._parts.encoder.encode(prompt, for_answer=for_answer, tenant=tenant)
        if not isinstance(points, Breakpoints):
            raise PromptError(f"breakpoints is {points!r}; give Breakpoints(…), or leave it out.")
        points.check_fits(len(ids))
        self.cache.lifetime.check(points)
        return ids


def _own(prompt: Prompt, ids: tuple[int, ...]) -> Prompt:
    """A copy: the caller may change its list while the answer is still to be read."""
    messages = [dict(message) for message in prompt if isinstance(message, Mapping)]
    return messages or ids


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{name} is {value!r}; give True or False.")
