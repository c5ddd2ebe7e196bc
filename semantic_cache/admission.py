"""May a generated answer be kept at all? Pure."""

from __future__ import annotations

from normalize import Question

__all__ = ["reason_not_to_store"]


def reason_not_to_store(question: Question, answer: str) -> str | None:
    """Why the model's answer must not answer anyone else, or None.

    A question about now has another right answer tomorrow; what a person added by hand is not asked here.
    """
    if question.facts.times:
        return f"the question is about a moment ({', '.join(question.facts.times)})"
    if not answer.strip():
        return "the answer is empty"
    return None
