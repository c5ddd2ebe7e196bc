"""Verdicts → events of the store."""

from __future__ import annotations

import re

from semantic_cache.answer import Candidate, Hit, Miss, Trace
from semantic_cache.lookup import Found
from semantic_cache.request import Request
from storage import Event

__all__ = ["event_of", "similarity_of"]


def event_of(request: Request, found: Found, verdict: Hit | Miss, at: float, *, log_questions: bool) -> Event:
    """The event of a decision that was taken at `at`, in seconds since the epoch.

    The words of the question are in it only with `log_questions`; the hashes of words and key always are.
    """
    best = _best(verdict)
    hit = verdict if isinstance(verdict, Hit) else None
    return Event(
        at=at,
        tenant=request.tenant,
        scope=found.scope.curated if hit is None else hit.entry.scope,
        question=request.text if log_questions else None,
        exact_hash=request.exact_hash,
        key_hash=_key_hash(found, hit),
        entry_id=hit.entry.id if hit is not None else best.entry_id if best is not None else None,
        source="miss" if hit is None else hit.source,
        similarity=best.similarity if best is not None else None,
        probability=hit.probability if hit is not None else best.probability if best is not None else None,
        veto=_veto(best.veto, log_questions=log_questions) if best is not None else None,
        milliseconds=verdict.trace.milliseconds,
    )


def _veto(reason: str | None, *, log_questions: bool) -> str | None:
    """A guard's reason without the words of the questions, which stand behind its first comma or colon."""
    return reason if reason is None or log_questions else re.split("[:,]", reason)[0]


def similarity_of(trace: Trace, entry_id: int) -> float | None:
    """The cosine that an entry was considered at, where it was."""
    considered = _considered(trace, entry_id)
    return considered.similarity if considered is not None else None


def _considered(trace: Trace, entry_id: int) -> Candidate | None:
    """An entry's candidate: of its own question and a confirmed one, that which is served or comes nearest to it."""
    found = [one for one in trace.candidates if one.entry_id == entry_id]
    return max(
        found, key=lambda one: (one.veto is None and one.serves, one.probability or 0.0, one.similarity), default=None
    )


def _best(verdict: Hit | Miss) -> Candidate | None:
    """The candidate that was served, or the nearest one."""
    if isinstance(verdict, Hit):
        return _considered(verdict.trace, verdict.entry.id)
    return verdict.trace.candidates[0] if verdict.trace.candidates else None


def _key_hash(found: Found, hit: Hit | None) -> str:
    if found.question is not None:
        return found.question.key_hash
    # An exact hit has the words of its entry, and so its key.
    return hit.entry.key_hash if hit is not None else ""
