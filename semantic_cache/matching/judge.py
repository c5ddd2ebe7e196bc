"""Neighbours → candidates: guards first, then the verifier, what is known of the entry, and the policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from normalize import Facts, Question
from semantic_cache.answer import Candidate
from semantic_cache.matching.entry_evidence import EntryEvidence, offset
from semantic_cache.matching.examined import Examined, examine
from semantic_cache.matching.guards import Compared, veto
from semantic_cache.matching.policy import Policy
from semantic_cache.matching.verifier import Verifier
from storage import Entry, Neighbour

__all__ = ["Judge", "compared"]

Evidence = Callable[[Sequence[int]], Mapping[int, EntryEvidence]]
Tightening = Callable[[str], float]

_NONE: Mapping[int, Entry] = MappingProxyType({})
_TOO_MANY_WRONG = "more of the tenant's hits were wrong than the budget allows"


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges each neighbour of a question. Thread-safe.

    Args:
        policy: Decides on what the guards let pass.
        languages: Those that the vectors and the verifier know; None: all.
        verifier: Gives the probabilities; a policy that goes by the cosine alone needs none.
        evidence: Entry ids → what feedback said of those entries.
        tightening: Tenant → log odds, at least 0, to subtract since too many of its hits were wrong.
        problem: Why the policy is not the one that was wanted; "" where it is.
    """

    policy: Policy
    languages: frozenset[str] | None = None
    verifier: Verifier | None = None
    evidence: Evidence | None = None
    tightening: Tightening | None = None
    problem: str = ""

    def covers(self, question: Question) -> bool:
        """Whether the question's language is known: a cosine of unknown words means nothing."""
        return self.languages is None or question.language in self.languages

    def candidates(
        self, question: Question, neighbours: Iterable[Neighbour], own: Mapping[int, Entry] = _NONE
    ) -> tuple[Candidate, ...]:
        """One candidate a neighbour, in the same order.

        Args:
            question: What is asked.
            neighbours: What it is compared with.
            own: Those entries with their own questions, by id, that a neighbour may show with a confirmed one. What a
                hard guard sees between the asked and the entry's own question, no confirmed wording lifts.
        """
        asked = Compared(question.facts, question.key, question.language, question.text)
        near = list(neighbours)
        stored = [compared(neighbour.entry) for neighbour in near]
        verifier = self.verifier if self.policy.verifies else None
        vetoes = [_veto_of_own(asked, one.entry, own, taught=verifier is None) for one in near]
        left = [place for place, reason in enumerate(vetoes) if reason is None]
        examined = _examined(verifier, asked, [stored[place] for place in left], [near[place] for place in left])
        found = [Examined(reason) for reason in vetoes]
        for place, one in zip(left, examined, strict=True):
            found[place] = one
        passed = [one.entry.id for one, it in zip(near, found, strict=True) if it.veto is None]
        known = self.evidence(passed) if self.evidence and passed else {}
        return tuple(self._decided(one, it, known) for one, it in zip(near, found, strict=True))

    def chosen(self, candidates: Iterable[Candidate]) -> Candidate | None:
        """Of the candidates that no guard vetoes and the policy serves, the likeliest; the nearest of equal ones."""
        served = [one for one in candidates if one.veto is None and one.serves]
        return max(served, key=lambda one: (one.probability or 0.0, one.similarity), default=None)

    def _decided(self, neighbour: Neighbour, examined: Examined, known: Mapping[int, EntryEvidence]) -> Candidate:
        entry, verified = neighbour.entry, examined.verified
        candidate = Candidate(entry.id, entry.question, neighbour.similarity, None, examined.veto)
        if verified is not None:
            candidate = replace(
                candidate, verified_by=verified.by, features=verified.features, pair_logit=verified.pair_logit
            )
        if examined.veto is not None:
            return candidate
        probability = verified.probability if verified is not None else None
        adjustments: list[tuple[str, float]] = []
        if probability is not None:
            if entry.id in known:
                adjustments.append(offset(known[entry.id]))
            if self.tightening is not None:
                adjustments.append((_TOO_MANY_WRONG, -self.tightening(entry.tenant)))
            adjustments = [(why, amount) for why, amount in adjustments if amount]
            probability = _moved(probability, sum(amount for _, amount in adjustments))
        decision = self.policy.decide(neighbour.similarity, probability, tenant=entry.tenant, tags=entry.tags)
        return replace(
            candidate,
            probability=probability,
            adjustments=tuple(adjustments),
            serves=decision.serves,
            reason=decision.reason,
        )


def compared(entry: Entry) -> Compared:
    """What guards and verifier see of an entry."""
    facts = Facts(**{name: tuple(values) for name, values in entry.facts.items()})
    return Compared(facts, entry.key, entry.language, entry.question)


def _examined(
    verifier: Verifier | None, asked: Compared, stored: Sequence[Compared], near: Sequence[Neighbour]
) -> list[Examined]:
    if verifier is None:
        return [Examined(veto(asked, one)) for one in stored]
    return examine(verifier, asked, stored, [one.similarity for one in near])


def _veto_of_own(asked: Compared, shown: Entry, own: Mapping[int, Entry], *, taught: bool) -> str | None:
    entry = own.get(shown.id)
    if entry is None or entry.question == shown.question:
        return None
    return veto(asked, compared(entry), verified=True, taught=taught)


def _moved(probability: float, log_odds: float) -> float:
    if not log_odds:
        return probability
    inside = min(max(probability, 1e-9), 1.0 - 1e-9)
    return 1.0 / (1.0 + math.exp(-(math.log(inside / (1.0 - inside)) + log_odds)))
