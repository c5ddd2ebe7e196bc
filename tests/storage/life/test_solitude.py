"""Of answers that are worth as much, the one goes that has another beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from rows import DIMENSIONS, new, unit

from storage import NewEntry, Store
from storage.life import Candidate, ExactNearby, Selection, SizeBudget
from storage.life.solitude import with_neighbours

OpenStore = Callable[..., Store]


def _made(question: str, vector: NDArray[np.float32] | None, cost: float = 100.0, **given: object) -> NewEntry:
    made = new(question, vector=None, origin="generated", generation_ms=cost, **given)  # type: ignore[arg-type]
    return replace(made, vector=vector, embedder=None if vector is None else "e")


def _near(vector: NDArray[np.float32], cosine: float, seed: int) -> NDArray[np.float32]:
    """A vector at that cosine."""
    other = unit(seed) - (unit(seed) @ vector) * vector
    made = cosine * vector + np.sqrt(1 - cosine**2) * other / np.linalg.norm(other)
    return np.asarray(made / np.linalg.norm(made), np.float32)


def _candidates(store: Store, ids: list[int]) -> list[Candidate]:
    return [
        Candidate(id=one, created=0.0, last_used=0.0, hits=0, cost_ms=1.0, bytes=1)
        for one in ids
        if store.get(one) is not None
    ]


def test_it_is_the_cosine_of_the_nearest_one_that_is_kept_longer(store: Store) -> None:
    vectors = [unit(number) for number in range(60)]
    for number, vector in enumerate(vectors):
        store.add(_made(f"q{number}", vector))
    ordered = _candidates(store, list(range(1, 13)))
    found = with_neighbours(store._database, ordered, ordered[2:9], ExactNearby(store._database))
    assert [one.neighbour_similarity is not None for one in found] == [False] * 2 + [True] * 7 + [False] * 3
    everyone = np.stack(vectors)
    for place, one in enumerate(found[2:9], 2):
        cosines = everyone @ vectors[place]
        cosines[: place + 1] = -2.0  # those that go before it, and itself
        nine_nearest = np.sort(everyone @ vectors[place])[::-1][8]
        # Only eight neighbours are looked at; where all of them go earlier, the last stands for the rest.
        assert one.neighbour_similarity == pytest.approx(max(cosines.max(), nine_nearest), abs=1e-5)


def test_other_scopes_embedders_and_widths_are_no_neighbours(store: Store) -> None:
    store.add(_made("a", unit(1)))
    store.add(_made("b", unit(1), scope="s2"))
    store.add(new("c", vector=1, embedder="e2"))
    store.add(_made("d", unit(1, 8)))
    store.add(_made("without", None))
    found = with_neighbours(
        store._database, _candidates(store, [1, 5]), _candidates(store, [1, 5]), ExactNearby(store._database)
    )
    assert [one.neighbour_similarity for one in found] == [0.0, None]


@pytest.mark.parametrize("number", [3, 1500])
def test_neighbours_are_found_among_many_pages(store: Store, number: int) -> None:
    store.add_many([_made(f"q{one}", unit(one)) for one in range(number)])
    asked = np.stack([unit(0), unit(1)])
    everyone = np.stack([unit(one) for one in range(number)])
    for found, row in zip(ExactNearby(store._database)("s", "e", asked, 4), asked, strict=True):
        expected = np.sort(everyone @ row)[::-1][:4]
        assert [similarity for _, similarity in found] == pytest.approx(expected.tolist(), abs=1e-5)
        assert [similarity for _, similarity in found] == pytest.approx(
            [float(everyone[one - 1] @ row) for one, _ in found], abs=1e-5
        )


def test_the_one_that_has_another_beside_it_makes_room(open_store: OpenStore) -> None:
    store = open_store(tenant_budget=SizeBudget(max_entries=5))
    rows = np.eye(DIMENSIONS, dtype=np.float32)
    store.add(_made("alone 1", rows[0], 100.0))
    store.add(_made("alone 2", rows[1], 100.0))
    store.add(_made("twin 1", rows[2], 150.0))
    store.add(_made("twin 2", _near(rows[2], 0.97, 5), 150.0))
    store.add(_made("alone 3", rows[3], 150.0))
    store.add(_made("new", rows[4], 150.0))
    left = {one.question for one in store.life.invalidate(Selection(everything=True), dry_run=True).entries}
    # By use, cost and size the first two are worth least; but nothing else could answer for them.
    assert left == {"alone 1", "alone 2", "twin 2", "alone 3", "new"}


def test_of_two_that_are_alike_one_stays(open_store: OpenStore) -> None:
    store = open_store(tenant_budget=SizeBudget(max_entries=6))
    rows = np.eye(DIMENSIONS, dtype=np.float32)
    store.add(_made("twin 1", rows[0], 100.0))
    store.add(_made("twin 2", rows[0], 101.0))
    store.add_many([_made(f"pair {one}", rows[1], 120.0 + one) for one in range(4)])
    store.add_many([_made("new 1", rows[2]), _made("new 2", rows[3])])
    left = {one.question for one in store.life.invalidate(Selection(everything=True), dry_run=True).entries}
    assert "twin 2" in left
    assert "twin 1" not in left
