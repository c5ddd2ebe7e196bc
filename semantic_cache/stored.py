"""What a program does with what is stored: put in, judge, remove, count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from semantic_cache.answer import Answer
from semantic_cache.curation import Extras
from semantic_cache.errors import FeedbackError, ModelError, StoreError
from semantic_cache.faq_file import ImportReport
from semantic_cache.invalidation import Conditions, Invalidation
from semantic_cache.learning import FeedbackReport, LearningStatus
from semantic_cache.parts import Parts
from semantic_cache.request import HistoryMessage, Request, SamplingOptions, check_history, make_request
from semantic_cache.scope import Scope, make_scope
from semantic_cache.settings import DEFAULT_TENANT, Settings
from storage import Entry, Lifetime, StorageError, StoreStats
from storage.life import Removal, Usage

__all__ = ["Stored"]


class Stored:
    """The stored side of a cache. Thread-safe."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self._parts = parts
        self._invalidation = Invalidation(parts.store, parts.embedder, parts.normalizer)

    def add(
        self,
        question: str,
        answer: str,
        *,
        tenant: str = DEFAULT_TENANT,
        history: Sequence[HistoryMessage] = (),
        tags: Collection[str] = (),
        documents: Collection[str] = (),
        lifetime: Lifetime | None = None,
    ) -> Entry:
        """Keep an answer that a person wrote. The same question in the same scope gets the new answer.

        Args:
            question, answer: As they are to be served.
            tenant: Whose they are.
            history: The conversation before the question, oldest first. One that stands alone is kept without it.
            tags: Names to find it by; `Settings.lifetimes` and `Settings.budgets` may hold for some.
            documents: Names of the documents that the answer rests on; () means all of the settings'. It is found by
                them, and stays when they change.
            lifetime: How long it lives; None: until it is removed, or as long as its tags' lifetimes say.

        Raises:
            QuestionError: Question, answer, tenant, history or tags cannot be taken.
            StoreError: The store could not be written, or its budget has no room for it.
        """
        request = self._request(question, tenant, history, None)
        return self._parts.curation.add(request, self._scope(request), answer, Extras(tags, documents, lifetime))

    def import_faq(
        self,
        path: Path | str,
        *,
        tenant: str = DEFAULT_TENANT,
        tags: Collection[str] = (),
        documents: Collection[str] = (),
        lifetime: Lifetime | None = None,
    ) -> ImportReport:
        """Keep every answer of a file (csv, tsv, jsonl; columns question, answer, tags).

        `tags`, `documents` and `lifetime` go to each of them, as in `add`.

        Raises:
            ImportFileError: The file cannot be read or a row is wrong; nothing was stored.
            StoreError: The store could not be written.
        """

        def make(question: str) -> Request:
            # All rows go to one scope, so none is taken out of a template that would belong to another.
            return self._asked(question, tenant, (), None)

        extras = Extras(tags, documents, lifetime)
        return self._parts.curation.import_file(Path(path), make, self._scope(make("-")), extras)

    def delete(self, entry_id: int) -> bool:
        """Remove an entry and its vector. False when there is none of that id.

        Raises:
            StoreError: The store could not be written.
        """
        try:
            return self._parts.store.delete(entry_id)
        except StorageError as error:
            raise StoreError(f"Entry {entry_id} was not removed: {error}") from error

    def invalidate(  # noqa: PLR0913  (each is a condition of its own)
        self,
        *,
        ids: Collection[int] | None = None,
        tags: Collection[str] | None = None,
        tenant: str | None = None,
        document: str | None = None,
        model: str | None = None,
        older_than_seconds: float | None = None,
        similar_to: str | Sequence[str] | None = None,
        min_similarity: float = 0.9,
        everything: bool = False,
        dry_run: bool = False,
    ) -> Removal:
        """Remove the entries for which all the conditions hold that are given, whoever wrote them.

        Args:
            ids: One of these ids; an empty list is none.
            tags: With any of these tags; an empty list is none.
            tenant: Of this tenant; **None: of all tenants**.
            document: Whose answer rests on the document of this name.
            model: Answered by this model, as `Generator.name` says it.
            older_than_seconds: Whose answer is older.
            similar_to: Whose question is near one of these in meaning, by cosine from `min_similarity` on. Entries that
                have no vector of this cache's embedder are not.
            everything: All of them, where no other condition is given.
            dry_run: Remove nothing, only say what it would be.

        Returns:
            How many and which entries; at most 1,000 of them are named.

        Raises:
            SelectionError: No condition is given, or one that no entry can meet.
            StoreError: The store could not be read or written; nothing was removed.
            ModelError: `similar_to` could not be embedded.
        """
        conditions = Conditions(
            ids=ids, tags=tags, tenant=tenant, document=document, model=model,
            older_than_seconds=older_than_seconds, similar_to=similar_to, min_similarity=min_similarity,
            everything=everything,
        )  # fmt: skip
        return self._invalidation(conditions, dry_run=dry_run)

    def feedback(
        self,
        answer: Answer | int,
        correct: bool,
        *,
        question: str | None = None,
        history: Sequence[HistoryMessage] | None = (),
        note: str = "",
        tenant: str = DEFAULT_TENANT,
    ) -> FeedbackReport:
        """Say whether a stored answer was right for what was asked.

        A wrong one is not served for that question again, by any process on the store. A right one is served by key
        from now on, and its words are compared as a question of the entry. This holds for every rule. Where the rule
        goes by a budget, both count for or against the entry too; a `Settings.threshold` has no probability to move.

        Who says something twice, as a call that is tried again does, counts once, and of one question the last
        judgement holds. So one who lies can put answers of his own tenant out of service and make its rule stricter, by
        3 log odds at most; and he can teach its questions, where no guard refuses, until somebody takes that back.
        Right ones earn an entry 1 at most.

        Args:
            answer: The answer, or the id of its entry.
            correct: Whether it was right.
            question: What was asked, with the `history` before it; without it the answer's question, or the entry's.
            history: The conversation before the question, oldest first; None is none.
            note: Why, for people; at most 2,000 characters.
            tenant: Whose question it was.

        Raises:
            FeedbackError: There is no such entry, the answer has none, the note cannot be taken, or there is a history
                without a question.
            QuestionError: Question, history or tenant cannot be taken.
            StoreError: The store could not be read or written.
        """
        request, history = None, check_history(history)
        if history and question is None:
            raise FeedbackError("A history without a question says nothing: give the question that came after it.")
        if question is not None:
            request = self._request(question, tenant, history, None)
        elif isinstance(answer, Answer) and answer.asked is not None:
            request = self._asked(answer.asked, tenant, (), None)  # read already
        return self._parts.learning.judge(answer, correct, request, note=note, tenant=tenant)

    def status(self, *, tenant: str = DEFAULT_TENANT) -> LearningStatus:
        """How the tenant's hits by meaning fare, by which rule, and whether it is stricter for them; `print` it.

        Raises:
            StoreError: The store could not be read.
        """
        status = self._parts.learning.status(tenant)
        try:
            rule = self._parts.rule()
        except ModelError as error:
            return replace(status, rule=f"none: {error}")
        return replace(status, rule=str(rule), tightens=rule.policy.verifies)

    def usage(self, tenant: str | None = None) -> Usage:
        """How many entries a tenant has, or all have, and what they weigh. Cheap in a store of any size.

        Raises:
            StoreError: The store could not be read.
        """
        try:
            return self._parts.store.life.usage(tenant)
        except StorageError as error:
            raise StoreError(str(error)) from error

    def stats(self) -> StoreStats:
        """Counts of the store.

        Raises:
            StoreError: The store could not be read.
        """
        try:
            return self._parts.store.stats()
        except StorageError as error:
            raise StoreError(str(error)) from error

    def _request(
        self,
        question: str,
        tenant: str,
        history: Sequence[HistoryMessage],
        sampling: SamplingOptions | None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> Request:
        return self._parts.reader(self._asked(question, tenant, history, sampling, tags, user))

    def _asked(
        self,
        question: str,
        tenant: str,
        history: Sequence[HistoryMessage],
        sampling: SamplingOptions | None,
        tags: Collection[str] = (),
        user: str | None = None,
    ) -> Request:
        settings = self.settings
        sampling = sampling or SamplingOptions(settings.max_tokens, settings.temperature, settings.top_p)
        return make_request(question, tenant=tenant, history=history, sampling=sampling, tags=tags, user=user)

    def _scope(self, request: Request) -> Scope:
        return make_scope(
            request,
            system=self.settings.system,
            documents=self._parts.documents,
            model=self._parts.generator.name,
        )
