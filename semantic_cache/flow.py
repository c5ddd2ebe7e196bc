"""The way of a question, in one screen: look it up, else generate it once, keep it, answer.

Written once, as a generator: `ask` drains it, `stream` and the server pass its pieces on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from time import perf_counter
from typing import Protocol, TypeVar

from normalize import Question
from semantic_cache.admission import reason_not_to_store
from semantic_cache.alike import Asking
from semantic_cache.answer import Answer, Hit, Miss, Timing, Trace
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import GenerationError, ModelError
from semantic_cache.flight import Flights, Ticket, Turn
from semantic_cache.generator import Completion, Prompt
from semantic_cache.generator import Generator as AnswerGenerator
from semantic_cache.keeper import Generated, Keeper
from semantic_cache.lookup import Found, Lookup
from semantic_cache.request import Request
from semantic_cache.scope import Scope
from storage import StorageError

__all__ = ["Flow", "Observer"]

_T = TypeVar("_T")
_V = TypeVar("_V", Hit, Miss)
_SOME_ANSWER = "An answer."
_STORE_FAILED = "the store failed"


class Observer(Protocol):
    """Is told of every decision, after it was taken. Must be quick, never wait and never raise."""

    def served(self, request: Request, found: Found, hit: Hit, prompt: Callable[[], Prompt]) -> None:
        """A stored answer is about to be served; `prompt` makes what the model would have read instead."""

    def missed(self, request: Request, found: Found, miss: Miss) -> None:
        """The model is about to answer."""


class Flow:
    """Answers requests. Thread-safe.

    Args:
        keeper, lookup, generator, embedder: What it works with.
        prompt: Makes the model's prompt of a request.
        observer: Is told of what is served and what is not, if given.
        flights: Who waits for whom; without them only equal keys wait for each other.
    """

    def __init__(
        self,
        keeper: Keeper,
        lookup: Lookup,
        generator: AnswerGenerator,
        embedder: EmbedderInUse,
        prompt: Callable[[Request], Prompt],
        observer: Observer | None = None,
        flights: Flights | None = None,
    ) -> None:
        self._keeper = keeper
        self._lookup = lookup
        self._generator = generator
        self._embedder = embedder
        self._prompt = prompt
        self._observer = observer
        self._flights = flights or Flights()

    def run(self, request: Request, scope: Scope) -> Generator[str, None, Answer]:
        """Yield the answer's pieces; return the Answer.

        Raises:
            QuestionError: The question cannot be taken.
            GenerationError: The model was needed and failed.
        """
        ticket = self._flights.ticket()
        while True:
            found = self._lookup.find(request, scope)
            if found.verdict.hit:
                return (yield from self._serve(request, found, _waited(found.verdict, ticket)))
            question = found.question
            assert question is not None  # only an exact hit knows no question
            if self._turn(ticket, request, found, question) is not Turn.LANDED:
                break
        answered = False
        try:
            # Between the look and the lead another process may have answered.
            landed = self._lookup.stored(request, scope, question)
            if landed is not None:
                answer = yield from self._serve(request, found, _waited(landed, ticket))
            else:
                found = replace(found, verdict=_waited(found.verdict, ticket))
                answer = yield from self._generate(request, found, question)
            answered = True
        finally:
            self._flights.land(ticket, answered=answered)
        return answer

    def _turn(self, ticket: Ticket, request: Request, found: Found, question: Question) -> Turn:
        if reason_not_to_store(question, _SOME_ANSWER) is not None:
            return Turn.ALONE  # whoever waited would find nothing
        # What a conversation means is in no vector: with one that counts, only the same words are the same question.
        vector = found.vector if not request.context else None
        embedder = self._embedder.name if vector is not None else ""
        asking = Asking(found.scope.generated, request.tenant, question, vector, embedder)
        try:
            return self._flights.take(ticket, asking)
        except (ModelError, StorageError) as error:
            ticket.problems = (*ticket.problems, f"compared by key alone: {error}")
            return self._flights.take(ticket, replace(asking, vector=None))

    def _serve(self, request: Request, found: Found, hit: Hit) -> Generator[str, None, Answer]:
        entry = hit.entry
        trace = hit.trace
        if self._observer is not None:
            self._observer.served(request, found, hit, lambda: self._prompt(request))
        problem = self._keeper.used(entry)
        if problem is not None:
            trace = replace(trace, degraded=_added(trace.degraded, problem))
        yield entry.answer
        return Answer(
            text=entry.answer,
            source=hit.source,
            probability=hit.probability,
            matched=entry.question,
            entry_id=entry.id,
            finish_reason=entry.finish_reason,
            trace=trace,
            asked=request.text,
        )

    def _generate(self, request: Request, found: Found, question: Question) -> Generator[str, None, Answer]:
        if self._observer is not None and isinstance(found.verdict, Miss):
            self._observer.missed(request, found, found.verdict)
        pieces = _Timed(self._generator.generate(self._prompt(request)))
        completion = None
        for piece in pieces:
            if isinstance(piece, Completion):
                completion = piece
            else:
                yield piece
        if completion is None:
            raise GenerationError(f"{self._generator.name} ended without an answer.")
        made = Generated(self._generator.name, question, completion, pieces.milliseconds)
        entry_id, trace = self._kept(request, found, made)
        return Answer(
            completion.text,
            "model",
            entry_id=entry_id,
            usage=completion.usage,
            finish_reason=completion.finish_reason,
            trace=trace,
            asked=request.text,
        )

    def _kept(self, request: Request, found: Found, made: Generated) -> tuple[int | None, Trace]:
        before = found.verdict.trace
        trace = replace(
            before,
            timings=(*before.timings, Timing("generate", made.milliseconds)),
            first_token_ms=made.completion.first_token_ms,
            prefix=made.completion.prefix,
            not_stored=reason_not_to_store(made.question, made.completion.text),
        )
        if trace.not_stored is not None:
            return None, trace
        if found.blind:  # what a person wrote to that question may be there: the model's words must not hide it
            return None, replace(trace, not_stored=_STORE_FAILED)
        entry_id, problem = self._keeper.keep(request, found, made)
        if problem is None:
            return entry_id, trace
        return None, replace(trace, not_stored=_STORE_FAILED, degraded=_added(trace.degraded, problem))


class _Timed(Iterator[_T]):
    """Pieces as they come, with the time that they took to make; what the reader does in between does not count."""

    def __init__(self, pieces: Iterator[_T]) -> None:
        self._pieces = pieces
        self.milliseconds = 0.0

    def __next__(self) -> _T:
        started = perf_counter()
        try:
            return next(self._pieces)
        finally:
            self.milliseconds += (perf_counter() - started) * 1000


def _added(problems: tuple[str, ...], problem: str) -> tuple[str, ...]:
    return problems if problem in problems else (*problems, problem)


def _waited(verdict: _V, ticket: Ticket) -> _V:
    """The verdict, with the wait before it in its trace."""
    degraded = (*verdict.trace.degraded, *ticket.problems)
    trace = replace(verdict.trace, degraded=degraded, waited_ms=ticket.waited_ms, waited_for=ticket.waited_for)
    return replace(verdict, trace=trace)
