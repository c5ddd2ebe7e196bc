"""The three tiers of the store: exact words, same key, near in meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from normalize import NormalizeError, Normalizer, Question
from semantic_cache.answer import Candidate, Hit, Miss, Source, Verdict
from semantic_cache.confirmed_wordings import ConfirmedWordings, nearest_wordings
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import ModelError
from semantic_cache.matching import Judge
from semantic_cache.missing_vectors import MissingVectors
from semantic_cache.notes import Notes
from semantic_cache.reach import Reach
from semantic_cache.reading import refusal
from semantic_cache.renewal import current
from semantic_cache.request import Request
from semantic_cache.scope import Scope
from semantic_cache.vocabulary import Vocabulary
from storage import Entry, Neighbour, StorageError, Store, terms

__all__ = ["Breadth", "Found", "Lookup"]

# Of the labelled pairs that share a key, 134 of 134 mean the same (five sets, bench/RESULTS.md); by the rule of
# succession that is 135 of 136.
_NORMALIZED_PROBABILITY = 0.99
_BLOCKED = "blocked by feedback"


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many stored questions are judged for one that is asked: the `nearest` by cosine, at least 1, and those that
    share rare words with it (`lexical`, 0: none), which an embedder that does not know a word would miss."""

    nearest: int
    lexical: int


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict, with what was computed for it, so that nothing is normalized or embedded twice.

    `question` is None after an exact hit; `vector`, (dimensions,) float32, is None where none was needed or possible.
    `blind`: a part of the store could not be looked through, so that it may hold an answer that was not seen.
    """

    verdict: Verdict
    scope: Scope
    question: Question | None
    vector: NDArray[np.float32] | None
    blind: bool = False


class Lookup:
    """Finds the entry that answers a request, if any. Thread-safe; writes nothing but vectors that were missing."""

    def __init__(
        self,
        store: Store,
        normalizer: Normalizer,
        embedder: EmbedderInUse,
        judge: Callable[[], Judge],
        breadth: Breadth,
        key_version: str = Normalizer.VERSION,
        reach: Reach | None = None,
    ) -> None:
        self.key_version = key_version
        self._store = store
        self._normalizer = normalizer
        self._embedder = embedder
        self._judge = judge
        self._breadth = breadth
        self._reach = reach or Reach()
        self._clock = perf_counter
        self._vocabulary = Vocabulary(store)
        self._missing = MissingVectors(store, embedder)
        self._confirmed = ConfirmedWordings(store, normalizer, key_version)

    def find(self, request: Request, scope: Scope) -> Found:
        """Try the tiers in turn.

        Raises:
            QuestionError: The text cannot be taken (empty, too long, NUL, lone surrogates).
        """
        notes = Notes(self._clock, request.exact_hash, reading_problem=request.problem)
        verdict = self._verdict(request, scope, notes)
        return Found(verdict, scope, notes.question, notes.vector, notes.blind)

    def stored(self, request: Request, scope: Scope, question: Question) -> Hit | None:
        """The first two tiers alone, for one who waited for another's answer."""
        notes = Notes(self._clock, request.exact_hash)
        entry = self._exact(scope, notes)
        if entry is not None:
            return self._hit(entry, "exact", notes)
        entry = self._by_key(question, scope, notes)
        return self._hit(entry, "normalized", notes) if entry is not None else None

    def normalize(self, text: str) -> Question:
        """The question of a text.

        Raises:
            QuestionError: The text cannot be taken.
        """
        try:
            return self._normalizer(text)
        except NormalizeError as error:
            raise refusal(text, error) from error

    def _verdict(self, request: Request, scope: Scope, notes: Notes) -> Verdict:
        entry = self._exact(scope, notes)
        if entry is not None:
            return self._hit(entry, "exact", notes)
        started = self._clock()
        question = notes.question = request.question or self.normalize(request.text)
        notes.time("normalize", started)
        entry = self._by_key(question, scope, notes) or self._respelt(question, scope, notes)
        if entry is not None:
            return self._hit(entry, "normalized", notes)
        return self._semantic(question, scope, notes)

    def _exact(self, scope: Scope, notes: Notes) -> Entry | None:
        return self._ask_store("exact", notes, lambda name: self._store.exact(name, notes.asked), scope)

    def _by_key(self, question: Question, scope: Scope, notes: Notes) -> Entry | None:
        key_hash = question.key_hash

        def ask(name: str) -> Entry | None:
            entry = self._store.by_key(name, key_hash, notes.asked)
            if entry is not None or name != scope.generated:
                return entry
            # Last, so that an entry of its own goes before a confirmed likeness to another.
            return self._store.feedback.by_alias((scope.curated, scope.generated), key_hash, notes.asked)

        return self._ask_store("normalized", notes, ask, scope)

    def _respelt(self, question: Question, scope: Scope, notes: Notes) -> Entry | None:
        """By key once more, where a word that no language has is one slip away from a word of the stored questions."""
        started = self._clock()
        try:
            if not self._normalizer.unknown_words(question):
                return None
            with self._reach.following():
                words = self._vocabulary.words(scope.curated) | self._vocabulary.words(scope.generated)
            respelt = self._normalizer.respelt(question, words)
        except StorageError as error:
            notes.store_failed(error)
            return None
        except NormalizeError:  # put right, it is too long
            return None
        finally:
            notes.time("respell", started)
        entry = self._by_key(respelt, scope, notes) if respelt is not None else None
        if entry is not None and self._is_blocked(entry, question, notes):
            entry = None
        notes.question = respelt if entry is not None else question
        return entry

    def _ask_store(self, step: str, notes: Notes, ask: Callable[[str], Entry | None], scope: Scope) -> Entry | None:
        # What a person wrote goes before what the model said.
        started = self._clock()
        try:
            with self._reach:
                return ask(scope.curated) or ask(scope.generated)
        except StorageError as error:
            notes.store_failed(error)
            return None
        finally:
            notes.time(step, started)

    def _semantic(self, question: Question, scope: Scope, notes: Notes) -> Verdict:
        started = self._clock()
        try:
            vector = notes.vector = self._embedder.vector(question.text)
            judge = self._judge()
            notes.rule_problem = judge.problem
        except ModelError as error:
            notes.degraded.append(f"embedder: {error}")
            return Miss("the embedder failed", question, notes.trace("the embedder failed"))
        finally:
            notes.time("embed", started)
        if vector is None:
            return self._miss(
                f"the question is longer than the {self._embedder.max_tokens} tokens the embedder reads", notes
            )
        if not judge.covers(question):
            return self._miss(f"the embedder does not know the language {question.language!r}", notes)
        return self._judged(judge, question, self._near(question, scope, vector, notes), notes)

    def _near(
        self, question: Question, scope: Scope, vector: NDArray[np.float32], notes: Notes
    ) -> tuple[Neighbour, ...]:
        """What is to be judged: the nearest entries and those that share rare words, without duplicates, by cosine."""
        both = [*self._nearest(scope, vector, notes), *self._lexical(question, scope, vector, notes)]
        best = nearest_wordings(both, len(both))
        return tuple(replace(one, entry=self._current(one.entry)) for one in best)

    def _current(self, entry: Entry) -> Entry:
        # Its key may be of an older version still: it is judged by the one it will have.
        return current(entry, self._normalizer, self.key_version)

    def _nearest(self, scope: Scope, vector: NDArray[np.float32], notes: Notes) -> tuple[Neighbour, ...]:
        started, name = self._clock(), self._embedder.name
        both, most = (scope.curated, scope.generated), self._breadth.nearest
        self._complete(both, notes)
        try:
            with self._reach:
                found = [near for one in both for near in self._store.nearest(one, vector, most, name)]
                confirmed = [near for one in both for near in self._confirmed.nearest(one, vector, most, name)]
        except StorageError as error:
            notes.store_failed(error)
            return ()
        finally:
            notes.time("nearest", started)
        notes.entries = {entry.id: self._current(entry) for _, entry in confirmed}
        return nearest_wordings([*found, *(near for near, _ in confirmed)], most)

    def _complete(self, scopes: Iterable[str], notes: Notes) -> None:
        """Give vectors to entries that have none; what can't get one now is not found by meaning, all others are."""
        try:
            with self._reach.following():
                for one in scopes:
                    self._missing.complete(one)
        except StorageError as error:
            notes.store_failed(error)
        except ModelError as error:
            notes.degraded.append(f"embedder: {error}")

    def _lexical(
        self, question: Question, scope: Scope, vector: NDArray[np.float32], notes: Notes
    ) -> tuple[Neighbour, ...]:
        most = self._breadth.lexical
        if not most:
            return ()
        started, name = self._clock(), self._embedder.name
        words = terms(question.key, question.text)
        try:
            with self._reach:
                both = (scope.curated, scope.generated)
                found = [self._store.lexical(one, words, vector, most, name) for one in both]
        except StorageError as error:
            notes.store_failed(error)
            return ()
        finally:
            notes.time("lexical", started)
        # What is rare in one scope is not in the other: their ranks compare, their scores do not.
        in_turn = chain.from_iterable(zip_longest(*found))
        return tuple(one for one in in_turn if one is not None)[:most]

    def _judged(self, judge: Judge, question: Question, neighbours: tuple[Neighbour, ...], notes: Notes) -> Verdict:
        started = self._clock()
        try:
            with self._reach.following():
                judged = judge.candidates(question, neighbours, notes.entries)
                notes.candidates = self._refused(judged, neighbours, question, notes)
        except StorageError as error:  # what feedback said of the entries is not known
            notes.store_failed(error)
        except ModelError as error:
            notes.degraded.append(f"verifier: {error}")
        chosen = judge.chosen(notes.candidates)
        notes.time("judge", started)
        if chosen is None:
            return self._miss(notes.why_not(), notes)
        # A confirmed question may have been judged in the place of the entry's own.
        entries = {one.entry.id: one.entry for one in neighbours} | notes.entries
        entry = entries[chosen.entry_id]
        return Hit(entry, "semantic", chosen.probability, chosen.similarity, notes.trace())

    def _is_blocked(self, entry: Entry, question: Question, notes: Notes) -> bool:
        try:
            with self._reach:
                return bool(self._store.feedback.blocked([entry.id], question.key_hash, notes.asked))
        except StorageError as error:
            notes.store_failed(error)
            return True  # whether it may be served is not known

    def _refused(
        self, candidates: tuple[Candidate, ...], near: tuple[Neighbour, ...], question: Question, notes: Notes
    ) -> tuple[Candidate, ...]:
        """The candidates, with a veto on those that feedback blocked for the question, and on the same words elsewhere:
        it was the answer that was wrong. Raises StorageError."""
        blocked = self._store.feedback.blocked([one.entry.id for one in near], question.key_hash, notes.asked)
        wrong = {one.entry.answer for one in near if one.entry.id in blocked}
        refused = {one.entry.id for one in near if one.entry.answer in wrong}
        return tuple(replace(one, veto=_BLOCKED) if one.entry_id in refused else one for one in candidates)

    def _hit(self, entry: Entry, source: Source, notes: Notes) -> Hit:
        return Hit(entry, source, 1.0 if source == "exact" else _NORMALIZED_PROBABILITY, None, notes.trace())

    def _miss(self, reason: str, notes: Notes) -> Miss:
        return Miss(reason, notes.question, notes.trace(reason))
