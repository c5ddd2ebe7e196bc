"""A selection that could mean something else than was meant is refused where it is made."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from rows import unit

from storage import StoreValueError
from storage.life import Near, Selection


def test_a_selection_without_a_condition_is_refused_unless_everything_is_asked_for() -> None:
    with pytest.raises(StoreValueError, match="everything=True"):
        Selection()
    assert Selection(everything=True).everything


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"origin": "robot"}, "origin='robot'"),
        ({"answered_before": float("nan")}, "answered_before"),
        ({"former_editions": ("", ())}, "bot"),
        ({"tags": frozenset(map(str, range(501)))}, "501 tags"),
    ],
)
def test_a_value_that_no_entry_can_have_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(StoreValueError, match=says):
        Selection(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("vectors", "least", "says"),
    [
        (unit(1), 0.5, "shape"),
        (np.empty((0, 16), np.float32), 0.5, "shape"),
        (2 * unit(1)[None], 0.5, "length"),
        (unit(1)[None], 1.5, "min_similarity=1.5"),
        (unit(1)[None], float("nan"), "min_similarity=nan"),
    ],
)
def test_vectors_that_cannot_be_compared_are_refused(vectors: NDArray[np.float32], least: float, says: str) -> None:
    with pytest.raises(StoreValueError, match=says):
        Near(vectors=vectors, embedder="e", min_similarity=least)
