"""SemanticCache: what a program calls. The way of a question itself is in `flow`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

from normalize import Normalizer
from semantic_cache.alike import Alike
from semantic_cache.answer import Answer, Verdict
from semantic_cache.curation import Curation
from semantic_cache.documents import Document
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import StoreError
from semantic_cache.explanation import Explanation
from semantic_cache.faq_file import ImportReport
from semantic_cache.flight import Flights
from semantic_cache.flow import Flow
from semantic_cache.generator import Generator as AnswerGenerator
from semantic_cache.generator import Prompt
from semantic_cache.learning import FeedbackReport, Learning, LearningStatus
from semantic_cache.lookup import Lookup
from semantic_cache.matching import Judge
from semantic_cache.prompt_text import system_text
from semantic_cache.reading import Reader
from semantic_cache.renewal import KeyRenewal
from semantic_cache.request import HistoryMessage, Request, SamplingOptions, make_request
from semantic_cache.scope import Scope, make_scope
from semantic_cache.settings import DEFAULT_TENANT, Settings
from semantic_cache.stream import AnswerStream, AsyncAnswerStream
from storage import Entry, StorageError, Store, StoreStats

__all__ = ["Parts", "SemanticCache"]

_ASYNC_THREADS = 64


@dataclass(frozen=True, slots=True)
class Parts:
    """What a cache is made of; `build.build` makes them from Settings, tests from what they like."""

    store: Store
    normalizer: Normalizer
    embedder: EmbedderInUse
    judge: Callable[[], Judge]
    generator: AnswerGenerator
    documents: tuple[Document, ...]
    lookup: Lookup
    reader: Reader
    curation: Curation
    learning: Learning
    renewal: KeyRenewal | None = None


class SemanticCache:
    """Answers a question once. Thread-safe; use it as a context manager, or call `close`."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self._parts = parts
        # Of its own, and wide: what is stored shall be answered while many wait for the model. Threads start when used.
        self._threads = ThreadPoolExecutor(_ASYNC_THREADS, thread_name_prefix="samewise")
        made_of = (parts.store, parts.lookup, parts.generator, parts.embedder, self._prompt, parts.learning)
        self._flow = Flow(*made_of, Flights(Alike(parts.judge)))

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
    ) -> Answer:
        """Answer from the store, or else from the model.

        Args:
            question: The words as they were typed.
            tenant: Whose question it is. Tenants never see each other's entries.
            history: The conversation before the question, oldest first.
            sampling: Overrides the settings' sampling for this question.

        Raises:
            QuestionError: The question, tenant or history cannot be taken.
            GenerationError: The model was needed and failed. (When the store fails, the model answers, and
                `answer.trace.degraded` says so.)
        """
        return self.stream(question, tenant=tenant, history=history, sampling=sampling).drain()

    def stream(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
    ) -> AnswerStream:
        """The same, piece by piece; afterwards `stream.answer` is the Answer."""
        request = self._request(question, tenant, history, sampling)
        return AnswerStream(self._flow.run(request, self._scope(request)))

    async def aask(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
    ) -> Answer:
        """`ask`, off the event loop."""
        ask = partial(self.ask, question, tenant=tenant, history=history, sampling=sampling)
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def astream(
        self,
        question: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        sampling: SamplingOptions | None = None,
    ) -> AsyncAnswerStream:
        """`stream`, off the event loop: `async for piece in cache.astream(…)`."""
        stream = self.stream(question, tenant=tenant, history=history, sampling=sampling)
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
        return Explanation(question_seen, request.context, found.verdict, str(self._parts.judge().policy))

    def add(
        self,
        question: str,
        answer: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        tags: Collection[str] = (),
    ) -> Entry:
        """Keep an answer that a person wrote. The same question in the same scope gets the new answer.

        Raises:
            QuestionError: Question, answer, tenant, history or tags cannot be taken.
            StoreError: The store could not be written.
        """
        request = self._request(question, tenant, history, None)
        return self._parts.curation.add(request, self._scope(request), answer, tags)

    def import_faq(self, path: Path | str, *, tenant: str = DEFAULT_TENANT, tags: Collection[str] = ()) -> ImportReport:
        """Keep every answer of a file (csv, tsv, jsonl; columns question, answer, tags). `tags` go to each of them.

        Raises:
            ImportFileError: The file cannot be read or a row is wrong; nothing was stored.
            StoreError: The store could not be written.
        """

        def make(question: str) -> Request:
            # All rows go to one scope, so none is taken out of a template that would belong to another.
            return self._asked(question, tenant, (), None)

        return self._parts.curation.import_file(Path(path), make, self._scope(make("-")), tags)

    def delete(self, entry_id: int) -> bool:
        """Remove an entry and its vector. False when there is none of that id.

        Raises:
            StoreError: The store could not be written.
        """
        try:
            return self._parts.store.delete(entry_id)
        except StorageError as error:
            raise StoreError(f"Entry {entry_id} was not removed: {error}") from error

    def feedback(
        self,
        answer: Answer | int,
        correct: bool,
        *,
        question: str | None = None,
        history: Sequence[HistoryMessage] = (),
        note: str = "",
        tenant: str = DEFAULT_TENANT,
    ) -> FeedbackReport:
        """Say whether a stored answer was right for what was asked.

        A wrong one is not served for that question again, by any process on the store. A right one is served by key
        from now on. Both count for or against the entry.

        Args:
            answer: The answer, or the id of its entry.
            correct: Whether it was right.
            question: What was asked, with the `history` before it; without it the answer's question, or the entry's.
            note: Why, for people; at most 2,000 characters.
            tenant: Whose question it was.

        Raises:
            FeedbackError: There is no such entry, the answer has none, or the note cannot be taken.
            QuestionError: Question, history or tenant cannot be taken.
            StoreError: The store could not be read or written.
        """
        request = None
        if question is not None:
            request = self._request(question, tenant, history, None)
        elif isinstance(answer, Answer) and answer.asked is not None:
            request = self._asked(answer.asked, tenant, (), None)  # read already
        return self._parts.learning.judge(answer, correct, request, note=note, tenant=tenant)

    def status(self, *, tenant: str = DEFAULT_TENANT) -> LearningStatus:
        """How the tenant's hits by meaning fare, and whether they are decided more strictly; `print` it.

        Raises:
            StoreError: The store could not be read.
        """
        return self._parts.learning.status(tenant)

    def stats(self) -> StoreStats:
        """Counts of the store.

        Raises:
            StoreError: The store could not be read.
        """
        try:
            return self._parts.store.stats()
        except StorageError as error:
            raise StoreError(str(error)) from error

    def close(self) -> None:
        """Write what is pending and let go of store and model. Idempotent."""
        self._threads.shutdown(cancel_futures=True)
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

    def _request(
        self, question: str, tenant: str, history: Sequence[HistoryMessage], sampling: SamplingOptions | None
    ) -> Request:
        return self._parts.reader(self._asked(question, tenant, history, sampling))

    def _asked(
        self, question: str, tenant: str, history: Sequence[HistoryMessage], sampling: SamplingOptions | None
    ) -> Request:
        settings = self.settings
        sampling = sampling or SamplingOptions(settings.max_tokens, settings.temperature, settings.top_p)
        return make_request(question, tenant=tenant, history=history, sampling=sampling)

    def _scope(self, request: Request) -> Scope:
        return make_scope(
            request,
            system=self.settings.system,
            documents=self._parts.documents,
            model=self._parts.generator.name,
        )

    def _prompt(self, request: Request) -> Prompt:
        system = system_text(self.settings.system, self._parts.documents, request.system)
        return Prompt(system, request.history, request.prompt, request.tenant, request.sampling)
