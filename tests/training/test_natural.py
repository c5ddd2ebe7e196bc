"""Near misses, rephrasings and noisy copies out of lists of questions."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from training.examples import Example
from training.natural import Row, Taken, list_pairs

_ANGLES = {
    "where is my card": 0.0,
    "has my card come": 0.1,
    "card arrived yet": 0.5,
    "my card is lost": 0.2,
    "weather": 1.5,
}
_ROWS: list[Row] = [
    ("banking77", "en", "where is my card", "arrival", ""), ("banking77", "en", "has my card come", "arrival", ""),
    ("banking77", "en", "card arrived yet", "arrival", ""), ("banking77", "en", "my card is lost", "lost", ""),
    ("banking77", "en", "weather", "weather", "elsewhere"),
]  # fmt: skip


def _vectors(texts: Iterable[str]) -> NDArray[np.float32]:
    """The cosine of two texts is that of their angles' difference."""
    return np.array([(np.cos(_ANGLES[text]), np.sin(_ANGLES[text])) for text in texts], dtype=np.float32)


def _made(taken: Taken, refused: set[str] = frozenset(), rows: list[Row] = _ROWS) -> list[Example]:  # type: ignore[assignment]
    return list_pairs(rows, _vectors, taken, lambda one, other: bool({one, other} & refused), random.Random(0))


def test_a_rephrasing_has_the_same_answer_and_is_near() -> None:
    made = {frozenset((one.one, one.other)) for one in _made(Taken(0, 9, 0, nearness=0.95))}
    assert made == {frozenset(("where is my card", "has my card come"))}  # cosine 0.995; the third is at 0.88 and 0.92


def test_a_near_miss_has_another_answer_in_the_same_neighbourhood() -> None:
    made = _made(Taken(9, 0, 0))
    assert made
    for one in made:
        assert not one.same
        assert "my card is lost" in (one.one, one.other)
        assert "weather" not in (one.one, one.other)


def test_two_questions_too_near_to_differ_are_no_near_miss() -> None:
    made = _made(Taken(9, 0, 0, doubt=float(np.cos(0.15))))
    assert {frozenset((one.one, one.other)) for one in made} == {
        frozenset(("where is my card", "my card is lost")), frozenset(("card arrived yet", "my card is lost"))
    }  # fmt: skip


def test_a_noisy_copy_means_the_same_and_is_never_the_text_itself() -> None:
    made = _made(Taken(0, 0, 5))
    assert made
    assert all(one.same and one.one != one.other for one in made)


@pytest.mark.parametrize("taken", [Taken(9, 0, 0), Taken(0, 9, 0), Taken(0, 0, 9)])
def test_what_a_guard_refuses_is_not_learned(taken: Taken) -> None:
    assert _made(taken)
    assert not any("where is my card" in (one.one, one.other) for one in _made(taken, {"where is my card"}))


def test_an_intent_that_asks_for_other_things_each_time_gives_no_rephrasing() -> None:
    rows: list[Row] = [("clinc150", "en", text, intent, "") for _, _, text, _, _ in _ROWS for intent in ("translate",)]
    assert not _made(Taken(0, 9, 0, nearness=0.95), rows=rows)
    settled: list[Row] = [(*row[:3], "credit_score", row[4]) for row in rows]
    assert _made(Taken(0, 9, 0, nearness=0.95), rows=settled)


def test_one_seed_gives_one_list() -> None:
    assert _made(Taken(3, 3, 3)) == _made(Taken(3, 3, 3))
