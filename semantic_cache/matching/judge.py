"""Neighbours → candidates with their probability and, where a guard refuses, its reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from normalize import Facts, Question
from semantic_cache.answer import Candidate
from semantic_cache.matching.calibration import Calibration
from semantic_cache.matching.guards import Compared, veto
from semantic_cache.matching.policy import Policy
from storage import Neighbour

__all__ = ["Judge"]


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges each neighbour of a question.

    Args:
        policy: Decides on what the guards let pass.
        calibration: The embedder's, or None where it has none: probabilities are then unknown.
    """

    policy: Policy
    calibration: Calibration | None

    def covers(self, question: Question) -> bool:
        """Whether the embedder knows the question's language: a cosine of unknown words means nothing."""
        return self.calibration is None or question.language in self.calibration.languages

    def candidates(self, question: Question, neighbours: Iterable[Neighbour]) -> tuple[Candidate, ...]:
        """One candidate a neighbour, in the same order."""
        asked = Compared(question.facts, question.key, question.language, question.text)
        return tuple(self._candidate(asked, neighbour) for neighbour in neighbours)

    def chosen(self, candidates: Iterable[Candidate]) -> Candidate | None:
        """The first candidate that no guard vetoes and the policy serves."""
        return next((one for one in candidates if one.veto is None and self.policy.serves(one.similarity)), None)

    def _candidate(self, asked: Compared, neighbour: Neighbour) -> Candidate:
        entry, similarity = neighbour.entry, neighbour.similarity
        facts = Facts(**{name: tuple(values) for name, values in entry.facts.items()})
        return Candidate(
            entry_id=entry.id,
            question=entry.question,
            similarity=similarity,
            probability=self.calibration.probability(similarity) if self.calibration else None,
            veto=veto(asked, Compared(facts, entry.key, entry.language, entry.question)),
        )
