"""What a cache learns in use: it keeps decisions and judgements, checks hits and watches for drift."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from semantic_cache.answer import Answer, Hit, Miss
from semantic_cache.errors import StoreError
from semantic_cache.generator import Prompt
from semantic_cache.learning.drift import Judged, Tightening
from semantic_cache.learning.events import event_of, similarity_of
from semantic_cache.learning.feedback import FeedbackReport, Judging
from semantic_cache.learning.shadow import Check, Shadow, ShadowCounts
from semantic_cache.learning.watch import DriftWatch
from semantic_cache.lookup import Found, Lookup
from semantic_cache.request import Request
from storage import Feedback, StorageError, Store

__all__ = ["Learning", "LearningStatus"]


@dataclass(frozen=True, slots=True)
class LearningStatus:
    """How a tenant's hits by meaning fare: of those that were checked and of all that were served lately, how many were
    found wrong; how much stricter the next are decided and why; what became of this process's checks; and, in words,
    the rule that decides (the cache adds it). A rule that goes by the cosine alone is never tightened (`tightens`)."""

    tenant: str
    checked: Judged
    served: Judged
    tightening: Tightening
    shadow: ShadowCounts
    rule: str = ""
    tightens: bool = True

    def __str__(self) -> str:
        reason = self.tightening.reason
        if reason is not None and not self.tightens:
            reason = f"a threshold takes no part in it, a budget would be {reason}"
        lines = (
            f"semantic hits of {self.tenant}: {self.served.of} served lately, {self.served.wrong} found wrong by users",
            f"checked against the model: {self.checked.of}, {self.checked.wrong} of them wrong",
            reason or "within the budget as far as is known: nothing is tightened",
            *([f"served by meaning: {self.rule}"] if self.rule else []),
        )
        return "\n".join(lines)


class Learning:
    """Observes the flow and takes feedback. Thread-safe.

    Args:
        store, lookup: The cache's.
        watch: The drift alarm, which the lookup asks too.
        shadow: Checks hits.
        log_questions: Whether decisions and checks are kept with the words of the question.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        lookup: Lookup,
        watch: DriftWatch,
        shadow: Shadow,
        *,
        log_questions: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._watch = watch
        self._shadow = shadow
        self._judging = Judging(store, lookup)
        self._log_questions = log_questions
        self._clock = clock

    def served(self, request: Request, found: Found, hit: Hit, prompt: Callable[[], Prompt]) -> None:
        """Keep that a stored answer was served, and check it if it is drawn. Never waits and never fails."""
        self._keep(request, found, hit)
        if hit.source == "semantic":
            self._shadow.offer(Check(prompt, hit, partial(self._checked, request, found, hit)))

    def missed(self, request: Request, found: Found, miss: Miss) -> None:
        """Keep that nothing was served. Never waits and never fails."""
        self._keep(request, found, miss)

    def judge(
        self, answer: Answer | int, correct: bool, request: Request | None, *, note: str, tenant: str
    ) -> FeedbackReport:
        """Keep a user's judgement; see `Judging.judge`."""
        report = self._judging.judge(answer, correct, request, note=note, tenant=tenant)
        try:
            self._watch.look(tenant)
        except StorageError:
            return report  # it is kept; the alarm looks again by itself
        return report

    def tightening(self, tenant: str) -> float:
        """Logits, at least 0, to subtract before a hit of the tenant is decided."""
        return self._watch.tightening(tenant)

    def status(self, tenant: str) -> LearningStatus:
        """How a tenant's hits by meaning fare.

        Raises:
            StoreError: The store could not be read.
        """
        try:
            self._store.feedback.events.flush()
            seen = self._watch.look(tenant)
        except StorageError as error:
            raise StoreError(str(error)) from error
        return LearningStatus(tenant, seen.checked, seen.served, seen.tightening, self._shadow.counts)

    def close(self) -> None:
        """Stop checking. Idempotent."""
        self._shadow.close()

    def _keep(self, request: Request, found: Found, verdict: Hit | Miss) -> None:
        event = event_of(request, found, verdict, self._clock(), log_questions=self._log_questions)
        self._store.feedback.events.record(event)

    def _checked(self, request: Request, found: Found, hit: Hit, correct: bool) -> None:
        question = found.question
        assert question is not None  # a hit by meaning was normalized
        feedback = Feedback(
            tenant=request.tenant,
            scope=hit.entry.scope,
            entry_id=hit.entry.id,
            exact_hash=request.exact_hash,
            key_hash=question.key_hash,
            question=request.text if self._log_questions else None,
            normalizer_version=self._lookup.key_version,
            correct=correct,
            source="shadow",
            served=hit.source,
            similarity=similarity_of(hit.trace, hit.entry.id),
            probability=hit.probability,
        )
        # The check may be mistaken: it counts, and leaves blocking to a person.
        self._store.feedback.record(feedback, answer=hit.entry.answer)
