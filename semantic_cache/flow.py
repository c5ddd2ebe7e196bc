"""The way of a question, in one screen: look it up, else generate it once, keep it, answer.

Written once, as a generator: `ask` drains it, `stream` and the server pass its pieces on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from time import perf_counter

from normalize import Question
from semantic_cache.admission import reason_not_to_store
from semantic_cache.answer import Answer, Hit, Timing, Trace
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Source, new_entry
from semantic_cache.errors import GenerationError
from semantic_cache.flight import Flights, Turn
from semantic_cache.generator import Completion, Prompt
from semantic_cache.generator import Generator as AnswerGenerator
from semantic_cache.lookup import Found, Lookup
from semantic_cache.request import Request
from semantic_cache.scope import Scope
from storage import StorageError, Store

__all__ = ["Flow"]


class Flow:
    """Answers requests. Thread-safe.

    Args:
        store, lookup, generator, embedder: What it works with.
        prompt: Makes the model's prompt of a request.
    """

    def __init__(
        self,
        store: Store,
        lookup: Lookup,
        generator: AnswerGenerator,
        embedder: EmbedderInUse,
        prompt: Callable[[Request], Prompt],
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._generator = generator
        self._embedder = embedder
        self._prompt = prompt
        self._flights = Flights()

    def run(self, request: Request, scope: Scope) -> Generator[str, None, Answer]:
        """Yield the answer's pieces; return the Answer.

        Raises:
            QuestionError: The question cannot be taken.
            GenerationError: The model was needed and failed.
        """
        while True:
            found = self._lookup.find(request, scope)
            if found.verdict.hit:
                return (yield from self._serve(found.verdict))
            question = found.question
            assert question is not None  # only an exact hit knows no question
            key = (scope.generated, question.key_hash)
            turn = self._flights.take(key)
            if turn is not Turn.LANDED:
                break
        try:
            # Between the look and the lead another one may have landed.
            landed = self._lookup.stored(request, scope, question)
            if landed is not None:
                return (yield from self._serve(landed))
            return (yield from self._generate(request, found, question))
        finally:
            if turn is Turn.LEAD:
                self._flights.land(key)

    def _serve(self, hit: Hit) -> Generator[str, None, Answer]:
        entry = hit.entry
        trace = hit.trace
        try:
            self._store.touch(entry.id)
        except StorageError as error:
            trace = replace(trace, degraded=(*trace.degraded, f"store: {error}"))
        yield entry.answer
        return Answer(
            text=entry.answer,
            source=hit.source,
            probability=hit.probability,
            matched=entry.question,
            entry_id=entry.id,
            finish_reason=entry.finish_reason,
            trace=trace,
        )

    def _generate(self, request: Request, found: Found, question: Question) -> Generator[str, None, Answer]:
        started = perf_counter()
        completion = None
        for piece in self._generator.generate(self._prompt(request)):
            if isinstance(piece, Completion):
                completion = piece
            else:
                yield piece
        if completion is None:
            raise GenerationError(f"{self._generator.name} ended without an answer.")
        generated = Timing("generate", (perf_counter() - started) * 1000)
        trace = replace(
            found.verdict.trace,
            timings=(*found.verdict.trace.timings, generated),
            first_token_ms=completion.first_token_ms,
            not_stored=reason_not_to_store(question, completion.text),
        )
        entry_id = None
        if trace.not_stored is None:
            entry_id, trace = self._keep(request, found, question, completion, trace)
        return Answer(completion.text, "model", None, None, entry_id, completion.usage, completion.finish_reason, trace)

    def _keep(
        self, request: Request, found: Found, question: Question, completion: Completion, trace: Trace
    ) -> tuple[int | None, Trace]:
        source = Source("generated", self._generator.name, completion.finish_reason, completion.usage)
        row = new_entry(
            question,
            completion.text,
            tenant=request.tenant,
            scope=found.scope.generated,
            exact_hash=request.exact_hash,
            key_version=self._lookup.key_version,
            source=source,
            embedder=self._embedder.name if found.vector is not None else None,
            vector=found.vector,
        )
        try:
            return self._store.add(row).id, trace
        except StorageError as error:
            problem = f"store: {error}"
            return None, replace(trace, not_stored="the store failed", degraded=(*trace.degraded, problem))
