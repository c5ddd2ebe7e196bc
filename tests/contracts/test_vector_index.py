"""Every VectorIndex gives what comparing with every vector gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large import Merged, Unmerged
from numpy.typing import NDArray

from storage import FaissIndex, FlatIndex, VectorIndex

WIDTH = 6
IMPLEMENTATIONS = [
    pytest.param(FlatIndex, id="numpy"),
    pytest.param(FaissIndex, id="faiss"),
    pytest.param(Unmerged, id="large-unmerged"),
    pytest.param(Merged, id="large-merged"),
]
HALF_PRECISION = 1e-3
Make = Callable[[int], VectorIndex]


def _units(seed: int, count: int, width: int = WIDTH) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, width))
    units: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return units


def _axis(one: int) -> NDArray[np.float32]:
    row: NDArray[np.float32] = np.eye(WIDTH, dtype=np.float32)[one]
    return row


def _tolerance(make: Make, exact: float = 1e-6) -> float:
    return HALF_PRECISION if make is Merged else exact


@pytest.mark.parametrize("make", IMPLEMENTATIONS)
class TestVectorIndex:
    @pytest.mark.parametrize("k", [1, 7, 200, 1000])
    def test_gives_what_comparing_with_every_vector_gives(self, make: Make, k: int) -> None:
        vectors, query, index = _units(1, 200, 384), _units(2, 1, 384)[0], make(384)
        index.add(range(10, 210), vectors)
        found = index.search(query, k)
        cosines = vectors.astype(np.float64) @ query.astype(np.float64)
        order = np.argsort(-cosines)[:k]
        assert len({one for one, _ in found}) == len(order)
        # What is given back is as near as the nearest, one by one: half precision may swap two that are equally near.
        assert [cosines[one - 10] for one, _ in found] == pytest.approx(cosines[order].tolist(), abs=_tolerance(make))
        assert [value for _, value in found] == pytest.approx(cosines[order].tolist(), abs=_tolerance(make))

    def test_an_empty_index_finds_nothing(self, make: Make) -> None:
        index = make(WIDTH)
        assert (index.search(_axis(0), 5), len(index), index.vector(1)) == ([], 0, None)

    def test_asking_for_more_than_there_are_gives_all(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([4, 9], _units(3, 2))
        assert sorted(one for one, _ in index.search(_axis(0), 50)) == [4, 9]

    def test_equal_vectors_come_in_the_order_of_their_ids(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([30, 10, 20], np.stack([_axis(0), _axis(0), _axis(0)]))
        assert index.search(_axis(0), 3) == [(10, 1.0), (20, 1.0), (30, 1.0)]

    def test_an_opposite_vector_comes_last_with_minus_one(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([1, 2, 3], np.stack([-_axis(0), _axis(1), _axis(0)]))
        assert index.search(_axis(0), 3) == [(3, 1.0), (2, 0.0), (1, -1.0)]

    def test_a_second_vector_of_an_id_takes_the_place_of_the_first(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([1, 2], np.stack([_axis(0), _axis(1)]))
        index.add([1], _axis(2)[None])
        assert len(index) == 2
        assert index.search(_axis(0), 1)[0][1] == 0.0
        assert index.search(_axis(2), 1) == [(1, 1.0)]

    def test_of_one_id_twice_in_one_call_the_last_counts(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([5, 5], np.stack([_axis(0), _axis(1)]))
        assert len(index) == 1
        assert index.search(_axis(1), 3) == [(5, 1.0)]

    def test_a_removed_vector_is_found_no_more_and_unknown_ids_are_passed_over(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([1, 2], np.stack([_axis(0), _axis(1)]))
        index.remove([1, 77])
        index.remove([])
        assert index.search(_axis(0), 5) == [(2, 0.0)]
        assert (len(index), index.vector(1)) == (1, None)

    def test_an_id_may_come_back_after_it_was_removed(self, make: Make) -> None:
        index = make(WIDTH)
        index.add([1], _axis(0)[None])
        index.remove([1])
        index.add([1], _axis(3)[None])
        assert index.search(_axis(3), 1) == [(1, 1.0)]

    def test_a_vector_is_given_back_as_it_was_given(self, make: Make) -> None:
        vectors, index = _units(4, 3), make(WIDTH)
        index.add([7, 8, 9], vectors)
        given_back = index.vector(8)
        assert given_back is not None
        assert given_back.tolist() == pytest.approx(vectors[1].tolist(), abs=_tolerance(make, exact=0))

    def test_what_the_caller_does_to_its_array_afterwards_changes_nothing(self, make: Make) -> None:
        index, mine = make(WIDTH), np.stack([_axis(0)])
        index.add([1], mine)
        mine[0] = _axis(5)
        assert index.search(_axis(0), 1) == [(1, 1.0)]

    @settings(max_examples=60, deadline=None)
    @given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 8), st.integers(0, 40)), max_size=30))
    def test_any_run_of_adding_and_removing_leaves_the_last_vector_of_each_id(
        self, make: Make, steps: list[tuple[bool, int, int]]
    ) -> None:
        index, wanted = make(WIDTH), dict[int, NDArray[np.float32]]()
        for adding, one, seed in steps:
            if adding:
                wanted[one] = _units(seed, 1)[0]
                index.add([one], wanted[one][None])
            else:
                wanted.pop(one, None)
                index.remove([one])
        query = _units(99, 1)[0]
        expected = {one: float(vector @ query) for one, vector in wanted.items()}
        assert dict(index.search(query, 20)) == pytest.approx(expected, abs=_tolerance(make))
        assert len(index) == len(wanted)
