"""The local model behind the Generator seam, loaded when the first question needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from semantic_cache.answer import Usage
from semantic_cache.errors import GenerationError
from semantic_cache.generator import Completion, Prompt
from semantic_cache.models import BUNDLED, language_model_path
from semantic_cache.prefix_miss import PrefixMiss
from semantic_cache.public_prefix import Declared, PublicPrefixes

if TYPE_CHECKING:
    from kvcache import LocalModel, Miss
    from kvcache import Usage as CacheUsage

__all__ = ["LocalGenerator"]

#: Who holds the lock for longer than that is loading.
_PATIENCE_SECONDS = 1.0


class LocalGenerator:
    """Generator over kvcache.LocalModel.

    Args:
        model: A bundled model's name, a folder or a hub id.
        dtype: `float32` or `bfloat16`.
        kv_max_bytes: Memory for kept attention states.
        kv_folder: Where they are kept beyond a restart; None keeps none.
        show_progress: Whether fetching a bundled model draws a bar.
    """

    def __init__(
        self, model: str, *, dtype: str, kv_max_bytes: int, show_progress: bool, kv_folder: Path | None = None
    ) -> None:
        self.name = f"{model}@{dtype}"
        self._model_name = model
        self._dtype = dtype
        self._kv_max_bytes = kv_max_bytes
        self._kv_folder = kv_folder
        self._show_progress = show_progress
        self._lock = threading.Lock()
        self._public: PublicPrefixes | None = None
        self._closings = 0

    def generate(self, prompt: Prompt) -> Iterator[str | Completion]:
        """Yield the answer's pieces, then its Completion.

        The request that is the first to use `prompt.shared` reads it for all tenants: its usage, its times and its miss
        count that as its own.
        """
        from kvcache import KVCacheError  # noqa: PLC0415  (torch: seconds that a cache full of answers never needs)

        public, sampling = self._loaded(), prompt.sampling
        try:
            stream = public.model.stream(  # checks everything; nothing is computed before the first piece
                prompt.messages(),
                max_tokens=sampling.max_tokens,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=sampling.seed,
                tenant=prompt.tenant,
                user=prompt.user,
            )
            try:
                declared = public.declare(prompt)
                yield from stream
                generation = stream.generation
            finally:
                stream.close()
        except (KVCacheError, RuntimeError, MemoryError) as error:  # torch says RuntimeError, when memory ends too
            raise GenerationError(f"The model {self._model_name} failed: {error}") from error
        public.noticed(prompt, generation.miss)
        yield Completion(
            text=generation.text,
            finish_reason=generation.finish_reason,
            usage=_usage(generation.usage, declared),
            first_token_ms=generation.first_token_seconds * 1000,
            prefix=_prefix(generation.miss, declared),
        )

    def load(self) -> LocalModel:
        """The model, loaded at the first call; later calls return the same one."""
        return self._loaded().model

    def _loaded(self) -> PublicPrefixes:
        from kvcache import KVCacheConfig, KVCacheError, LocalModel, TierConfig  # noqa: PLC0415

        with self._lock:
            if self._public is None:
                closings, folder = self._closings, str(self._folder())
                try:
                    tiers = TierConfig(folder=self._kv_folder)
                    config = KVCacheConfig(max_bytes=self._kv_max_bytes, tiers=tiers)
                    model = LocalModel.load(folder, dtype=self._dtype, cache=config)
                except KVCacheError as error:
                    raise GenerationError(f"The model {self._model_name} cannot be loaded: {error}") from error
                if self._closings != closings:
                    model.close()
                    raise GenerationError(f"The model {self._model_name} was let go of while it was being loaded.")
                self._public = PublicPrefixes(model)
            return self._public

    def _folder(self) -> str | Path:
        if self._model_name in BUNDLED:
            return language_model_path(show_progress=self._show_progress)
        return self._model_name

    def close(self) -> None:
        """Let go of the model and its attention states; those that have a folder are written first.

        A model that is being loaded is let go of by whoever loads it: nobody waits for that here.
        """
        self._closings += 1
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            return
        try:
            if self._public is not None:
                self._public.model.close()
            self._public = None
        finally:
            self._lock.release()


def _usage(usage: CacheUsage, declared: Declared) -> Usage:
    """What was declared during the request was read from the cache a moment after the request had it computed."""
    computed = min(declared.tokens, usage.cached_tokens)
    return Usage(
        usage.prompt_tokens,
        usage.cached_tokens - computed,
        usage.completion_tokens,
        usage.written_tokens + computed,
    )


def _prefix(miss: Miss | None, declared: Declared) -> PrefixMiss | None:
    why = declared.why or miss
    if why is None:
        return None
    tokens, seconds = (0, 0.0) if miss is None else (miss.lost_tokens, miss.lost_seconds)
    lost_ms = (seconds + declared.seconds) * 1000
    return PrefixMiss(why.cause, why.segment, why.position, tokens + declared.tokens, lost_ms, why.text)
