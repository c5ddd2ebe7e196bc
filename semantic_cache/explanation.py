"""Every step of a decision, as a value that can be printed."""

from __future__ import annotations

from dataclasses import dataclass

from normalize import Question
from semantic_cache.answer import Verdict

__all__ = ["Explanation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be decided for a question, and why.

    `question.steps` are the rewritings of normalization; `verdict.trace.candidates` the stored questions that were
    compared, with similarity, probability and the guard that refused them; `policy` the rule that decides on them.
    """

    question: Question
    context: str
    verdict: Verdict
    policy: str

    def __str__(self) -> str:
        lines = [f"question   {self.question.text}", f"language   {self.question.language}"]
        lines += [f"  {step.rule}: {step.before!r} → {step.after!r}" for step in self.question.steps]
        lines += [f"key        {self.question.key}", f"context    {self.context[:12] or 'none'}"]
        lines += [
            f"candidate  {one.similarity:.3f}  {one.question}{f'  [refused: {one.veto}]' if one.veto else ''}"
            for one in self.verdict.trace.candidates
        ]
        lines.append(f"policy     serve {self.policy}")
        if self.verdict.hit:
            lines.append(f"decision   hit ({self.verdict.source}): {self.verdict.entry.question}")
        else:
            lines.append(f"decision   miss: {self.verdict.reason}")
        return "\n".join(lines)
