"""Every step of a decision, as a value that can be printed."""

from __future__ import annotations

from dataclasses import dataclass

from normalize import Question
from semantic_cache.answer import Candidate, Verdict

__all__ = ["Explanation"]

_MOST_FEATURES = 6


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be decided for a question, and why.

    `question.steps` are the rewritings of normalization; `verdict.trace.candidates` the stored questions that were
    compared, with similarity, the guard that refused them or the probability with the numbers it came from, and what
    the rule made of it; `policy` the rule that decides on them.
    """

    question: Question
    context: str
    verdict: Verdict
    policy: str

    def __str__(self) -> str:
        lines = [f"question   {self.question.text}", f"language   {self.question.language}"]
        lines += [f"  {step.rule}: {step.before!r} → {step.after!r}" for step in self.question.steps]
        lines += [f"key        {self.question.key}", f"context    {self.context[:12] or 'none'}"]
        for one in self.verdict.trace.candidates:
            lines += _candidate(one)
        lines.append(f"policy     serve {self.policy}")
        if self.verdict.hit:
            lines.append(f"decision   hit ({self.verdict.source}): {self.verdict.entry.question}")
        else:
            lines.append(f"decision   miss: {self.verdict.reason}")
        return "\n".join(lines)


def _candidate(one: Candidate) -> list[str]:
    lines = [f"candidate  {one.similarity:.3f}  {one.question}"]
    if one.veto is not None:
        return [*lines, f"  refused: {one.veto}"]
    if one.probability is not None:
        pair = "" if one.pair_logit is None else f", pair model {one.pair_logit:+.2f}"
        lines.append(f"  probability {one.probability:.3f} by {one.verified_by}{pair}")
        lines += [f"  {amount:+.2f} log odds: {why}" for why, amount in one.adjustments]
    telling = {name: value for name, value in one.features.items() if value and not name.startswith("guard_")}
    if telling:
        shown = ", ".join(f"{name} {value:.2f}" for name, value in list(telling.items())[:_MOST_FEATURES])
        lines.append(f"  {shown}")
    softened = [name.removeprefix("guard_") for name, value in one.features.items() if value and name not in telling]
    if softened:
        lines.append(f"  facts that differ and are weighed: {', '.join(softened)}")
    return [*lines, f"  {'served' if one.serves else 'not served'}: {one.reason}"]
