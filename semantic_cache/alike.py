"""Are two questions that nobody has answered yet the same? Asked of the judge that also decides on stored ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from normalize import Question
from semantic_cache.matching import Judge
from storage import Entry, Neighbour

__all__ = ["Alike", "Asking", "Same", "likeliest"]

_LEAST_SIMILARITY = 0.5  # what is further apart is hardly ever the same, and not worth a judgement
_MOST_JUDGED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """A question on its way to the model, with what others need to compare themselves with it.

    `scope` is that of generated answers, of one `tenant`. `vector` is (dimensions,) float32 of unit length, made by
    `embedder`; None where there is none, or where the question must not be compared by its meaning.
    """

    scope: str
    tenant: str
    question: Question
    vector: NDArray[np.float32] | None = None
    embedder: str = ""


Same = Callable[[Asking, Asking], bool]
"""Whether the answer to the second, the leader's question, would be served for the first. Thread-safe.

Both are of one scope and have vectors of one embedder.
"""


class Alike:
    """Asks the judge, as if the leader's question were stored already.

    Args:
        judge: Gives the judge.
    """

    def __init__(self, judge: Callable[[], Judge]) -> None:
        self._judge = judge

    def __call__(self, asking: Asking, leader: Asking) -> bool:
        """As `Same` says.

        Raises:
            ModelError: The judge cannot be had, or its verifier failed.
            StorageError: What feedback said is not known.
        """
        judge = self._judge()
        if asking.vector is None or leader.vector is None or not judge.covers(asking.question):
            return False
        neighbour = Neighbour(_entry(leader), _cosine(asking.vector, leader.vector))
        return judge.chosen(judge.candidates(asking.question, [neighbour])) is not None


def likeliest(asking: Asking, others: Sequence[Asking]) -> list[int]:
    """Positions of the few others that may be the same question, by cosine, the nearest first. Pure."""
    vector = asking.vector
    if vector is None:
        return []
    similarities = [
        -1.0 if one.vector is None or one.embedder != asking.embedder else _cosine(vector, one.vector) for one in others
    ]
    near = [position for position, similarity in enumerate(similarities) if similarity >= _LEAST_SIMILARITY]
    return sorted(near, key=lambda position: -similarities[position])[:_MOST_JUDGED]


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return min(1.0, max(-1.0, float(one @ other)))


def _entry(leader: Asking) -> Entry:
    """The question as the entry it may become; id 0 is none of the store's, so nothing is known of it there."""
    question = leader.question
    return Entry(
        id=0,
        tenant=leader.tenant,
        scope=leader.scope,
        question=question.text,
        exact_hash="",
        key=question.key,
        key_hash=question.key_hash,
        language=question.language,
        facts=asdict(question.facts),
        answer="",
        finish_reason="",
        origin="generated",
        prompt_tokens=0,
        completion_tokens=0,
        tags=frozenset(),
        model="",
        embedder=leader.embedder,
        normalizer_version="",
        created=0.0,
        last_used=0.0,
        hits=0,
    )
