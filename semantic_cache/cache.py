"""SemanticCache: what a program calls. The way of a question itself is in `flow`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import TracebackType

from semantic_cache.alike import Alike
from semantic_cache.answer import Answer, Verdict
from semantic_cache.explanation import Explanation
from semantic_cache.flight import Flights
from semantic_cache.flow import Flow
from semantic_cache.generator import Prompt
from semantic_cache.keeper import Keeper
from semantic_cache.parts import Parts
from semantic_cache.prompt_text import shared_text, system_text
from semantic_cache.request import HistoryMessage, Request, SamplingOptions
from semantic_cache.settings import DEFAULT_TENANT, Settings
from semantic_cache.stored import Stored
from semantic_cache.stream import AnswerStream, AsyncAnswerStream

__all__ = ["SemanticCache"]

_ASYNC_THREADS = 64


class SemanticCache(Stored):
    """Answers a question once. Thread-safe; use it as a context manager, or call `close`."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        super().__init__(settings, parts)
        # Of its own, and wide: what is stored shall be answered while many wait for the model. Threads start when used.
        self._threads = ThreadPoolExecutor(_ASYNC_THREADS, thread_name_prefix="samewise")
        keeper = Keeper(parts.store, parts.embedder, parts.bot, parts.lookup.key_version, parts.reach)
        made_of = (keeper, parts.lookup, parts.generator, parts.embedder, self._prompt, parts.learning)
        self._flow = Flow(*made_of, Flights(Alike(parts.judge)))
        # Made once: it may hold whole books.
        self._shared = shared_text(settings.system, parts.documents)
        if parts.maintenance is not None:
            parts.maintenance.start()
        if parts.warming is not None:
            parts.warming.start()

    @classmethod
    def open(cls, settings: Settings | None = None) -> SemanticCache:
        """Open a cache. Models load when they are first needed.

        Raises:
            DocumentError: A document is missing or cannot be read.
            StoreError: The store cannot be opened, is corrupt, or belongs to another program; it is left as it is.
            SettingsError: A lexicon is wrong.
        """
        from semantic_cache.build import build  # noqa: PLC0415  (build names this class's concrete parts)

        settings = settings or Settings()
        return cls(settings, build(settings))

    def ask(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> Answer:
        """Answer from the store, or else from the model.

        Args:
            question: The words as they were typed.
            tenant: Whose question it is. Tenants never see each other's entries.
            history: The conversation before the question, oldest first.
            sampling: Overrides the settings' sampling for this question.
            tags: Given to the answer if it is generated and kept; `Settings.lifetimes` and `Settings.budgets` may hold
                for some. They do not change what is found.
            user: Which of the tenant's users asks: what a local model keeps of this prompt beyond the tenant's own is
                read by no other user. It isolates attention states alone: stored answers stay the tenant's, and who
                waits for another user's generation of the same question gets its answer.

        Raises:
            QuestionError: The question, tenant, history, tags or user cannot be taken.
            GenerationError: The model was needed and failed. (When the store fails, the model answers, and
                `answer.trace.degraded` says so.)
        """
        return self.stream(question, tenant=tenant, history=history, sampling=sampling, tags=tags, user=user).drain()

    def stream(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> AnswerStream:
        """The same, piece by piece; afterwards `stream.answer` is the Answer."""
        request = self._request(question, tenant, history, sampling, tags, user)
        return AnswerStream(self._flow.run(request, self._scope(request)))

    async def aask(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> Answer:
        """`ask`, off the event loop."""
        ask = partial(self.ask, question, tenant=tenant, history=history, sampling=sampling, tags=tags, user=user)
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def astream(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> AsyncAnswerStream:
        """`stream`, off the event loop: `async for piece in cache.astream(…)`."""
        stream = self.stream(question, tenant=tenant, history=history, sampling=sampling, tags=tags, user=user)
        return AsyncAnswerStream(stream, self._threads)

    def lookup(self, question: str, *, tenant: str = DEFAULT_TENANT, history: Sequence[HistoryMessage] = ()) -> Verdict:
        """What the store would answer: a Hit or a Miss. Never calls the language model, never stores an answer."""
        request = self._request(question, tenant, history, None)
        return self._parts.lookup.find(request, self._scope(request)).verdict

    def explain(
        self, question: str, *, tenant: str = DEFAULT_TENANT, history: Sequence[HistoryMessage] = ()
    ) -> Explanation:
        """Every step of the decision for a question; `print` it."""
        request = self._request(question, tenant, history, None)
        found = self._parts.lookup.find(request, self._scope(request))
        seen = found.question or request.question or self._parts.lookup.normalize(request.text)
        question_seen = replace(seen, steps=(*request.steps, *seen.steps))
        return Explanation(question_seen, request.context, found.verdict, str(self._parts.rule()))

    def close(self) -> None:
        """Write what is pending and let go of store and model. Idempotent."""
        if self._parts.warming is not None:
            self._parts.warming.close()
        self._threads.shutdown(cancel_futures=True)
        if self._parts.maintenance is not None:
            self._parts.maintenance.close()
        if self._parts.renewal is not None:
            self._parts.renewal.close()
        self._parts.learning.close()
        self._parts.generator.close()
        self._parts.store.close()

    def __enter__(self) -> SemanticCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prompt(self, request: Request) -> Prompt:
        system = system_text(self._shared, request.system)
        history = () if request.alone else request.history
        return Prompt(system, history, request.prompt, request.tenant, request.sampling, self._shared, request.user)
