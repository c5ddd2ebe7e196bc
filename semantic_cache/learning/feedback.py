"""A judgement of an answer: what it is about, what it changes, and what else the entry was served for."""

from __future__ import annotations

from dataclasses import dataclass, field

from normalize import Question
from semantic_cache.admission import reason_not_to_store
from semantic_cache.answer import Answer
from semantic_cache.errors import FeedbackError, StoreError
from semantic_cache.learning.events import similarity_of
from semantic_cache.lookup import Lookup
from semantic_cache.matching import Compared, veto
from semantic_cache.matching.judge import compared
from semantic_cache.request import Request
from storage import Effect, Entry, Evidence, Feedback, Recorded, Served, StorageError, Store

__all__ = ["FeedbackReport", "Judging"]

_MAX_NOTE_CHARS = 2000
_MOST_SERVED = 100


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """What a judgement changed.

    `asked` is the question it is about and `entry_question` the stored one. `blocked`: the entry is not served for that
    question again. `alias_added`: it is served by key from now on; `not_an_alias` says why not where a right answer
    left none. `former`: the entry has another answer by now than the one that was judged, and nothing was changed; only
    `blocked` may hold then, of another question than the entry's own.
    `evidence` is what is known of the entry now. `also_served` are the other questions that the entry was
    served for by key or by meaning, the most frequent first: where an answer was wrong, look at those too.
    """

    entry_id: int
    correct: bool
    asked: str
    entry_question: str
    blocked: bool = False
    alias_added: bool = False
    alias_removed: bool = False
    not_an_alias: str | None = None
    former: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    also_served: tuple[Served, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question that is judged. `own`: it is the entry's own; `in_context`: its words alone do not tell it."""

    text: str
    exact_hash: str
    question: Question
    own: bool
    in_context: bool = False


@dataclass(frozen=True, slots=True)
class _ServedAs:
    source: str | None = None
    similarity: float | None = None
    probability: float | None = None


class Judging:
    """Keeps what users say of answers. Thread-safe.

    Args:
        store: Where it is kept.
        lookup: Normalizes the question that is judged.
    """

    def __init__(self, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    def judge(
        self, answer: Answer | int, correct: bool, request: Request | None, *, note: str, tenant: str
    ) -> FeedbackReport:
        """Keep a judgement of an answer, or of an entry for the question of `request` (its own where that is None).

        Raises:
            FeedbackError: There is no such entry, the answer has none, or the note cannot be taken.
            QuestionError: The question cannot be taken.
            StoreError: The store could not be read or written; nothing was changed.
        """
        entry_id = _entry_id(answer)
        _check_note(note)
        try:
            entry = self._store.get(entry_id)
            if entry is None or entry.tenant != tenant:
                raise FeedbackError(
                    f"Tenant {tenant!r} has no entry {entry_id}. Give the answer itself, or its entry_id, and the "
                    "tenant it was asked for; the entry may have been deleted in the meantime."
                )
            return self._kept(answer, entry, correct, self._asked(entry, request), note)
        except StorageError as error:
            raise StoreError(f"The feedback on entry {entry_id} was not stored: {error}") from error

    def _kept(self, answer: Answer | int, entry: Entry, correct: bool, asked: _Asked, note: str) -> FeedbackReport:
        effect, why_not = _effect(correct, asked, entry)
        served = self._served_as(answer, entry.id, asked.exact_hash)
        feedback = Feedback(
            tenant=entry.tenant,
            scope=entry.scope,
            entry_id=entry.id,
            exact_hash=asked.exact_hash,
            key_hash=asked.question.key_hash,
            normalizer_version=self._lookup.key_version,
            question=asked.text,
            correct=correct,
            source="user",
            served=served.source,
            similarity=served.similarity,
            probability=served.probability,
            note=note,
        )
        recorded = self._store.feedback.record(feedback, effect, answer.text if isinstance(answer, Answer) else None)
        if recorded.former and correct:
            why_not = "the entry has another answer by now"
        return self._report(entry, correct, asked, recorded, why_not)

    def _report(
        self, entry: Entry, correct: bool, asked: _Asked, recorded: Recorded, why_not: str | None
    ) -> FeedbackReport:
        try:
            served = self._store.feedback.events.served_from(entry.id, _MOST_SERVED)
            evidence = self._store.evidence([entry.id]).get(entry.id, Evidence())
        except StorageError:  # it is kept all the same, and that is what the report has to say
            served, evidence = (), Evidence()
        return FeedbackReport(
            entry_id=entry.id,
            correct=correct,
            asked=asked.text,
            entry_question=entry.question,
            blocked=recorded.blocked,
            alias_added=recorded.alias_added,
            alias_removed=recorded.alias_removed,
            not_an_alias=why_not,
            former=recorded.former,
            evidence=evidence,
            also_served=tuple(one for one in served if one.exact_hash != asked.exact_hash),
        )

    def _asked(self, entry: Entry, request: Request | None) -> _Asked:
        if request is None:
            return _Asked(entry.question, entry.exact_hash, self._lookup.normalize(entry.question), own=True)
        question, digest = request.question or self._lookup.normalize(request.text), request.exact_hash
        own = entry.exact_hash == digest or entry.key_hash == question.key_hash
        return _Asked(request.text, digest, question, own, bool(request.context or request.template))

    def _served_as(self, answer: Answer | int, entry_id: int, exact_hash: str) -> _ServedAs:
        if isinstance(answer, Answer):
            source = answer.source if answer.source != "model" else None
            return _ServedAs(source, similarity_of(answer.trace, entry_id), answer.probability)
        event = self._store.feedback.events.last(entry_id, exact_hash)
        return _ServedAs() if event is None else _ServedAs(event.source, event.similarity, event.probability)


def _effect(correct: bool, asked: _Asked, entry: Entry) -> tuple[Effect, str | None]:
    if not correct:
        return "block", None
    if asked.own:
        return "unblock", "it is the entry's own question"
    # A click shall not teach what a guard refuses: an alias is served to all of the tenant.
    sides = Compared(asked.question.facts, asked.question.key, asked.question.language, asked.text), compared(entry)
    reason = reason_not_to_store(asked.question, entry.answer) or veto(*sides, verified=True, taught=True)
    if reason is None and asked.in_context:
        reason = "it was asked in a conversation or a template that its words alone do not tell"
    return ("alias", None) if reason is None else ("unblock", reason)


def _entry_id(answer: Answer | int) -> int:
    if isinstance(answer, Answer):
        if answer.entry_id is None:
            why = f" ({answer.trace.not_stored})" if answer.trace.not_stored else ""
            raise FeedbackError(f"This answer came from the model and was not stored{why}: there is no entry to judge.")
        return answer.entry_id
    if isinstance(answer, bool) or not isinstance(answer, int):
        raise FeedbackError(f"{answer!r} is neither an Answer nor the id of an entry: give answer or answer.entry_id.")
    return answer


def _check_note(note: str) -> None:
    if not isinstance(note, str) or "\0" in note or any("\ud800" <= character <= "\udfff" for character in note):
        raise FeedbackError("The note is not a text, or holds a NUL character or a lone surrogate: remove it.")
    if len(note) > _MAX_NOTE_CHARS:
        raise FeedbackError(f"The note has {len(note)} characters; at most {_MAX_NOTE_CHARS} are kept: shorten it.")
