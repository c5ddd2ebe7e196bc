"""A graph that does not change and what came since, held against comparing with every vector."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from large import SMALL, clustered, segment_of, units
from numpy.typing import NDArray

from storage import FlatIndex, StoreValueError
from storage.indexes import LargeIndex, LargeSettings

WIDTH = 64


def _nearest(vectors: NDArray[np.float32], query: NDArray[np.float32], k: int) -> list[int]:
    order: list[int] = np.argsort(-(vectors @ query), kind="stable")[:k].tolist()
    return order


def test_of_20_000_vectors_99_in_100_neighbours_are_found() -> None:
    settings = LargeSettings(links=16, build_width=60, search_width=128)
    vectors, queries = clustered(2, 20_000), clustered(3, 300)
    index = LargeIndex(segment_of(vectors, settings=settings), WIDTH)
    first = sum(index.search(query, 10)[0][0] == _nearest(vectors, query, 1)[0] for query in queries)
    ten = sum(len({one for one, _ in index.search(query, 10)} & set(_nearest(vectors, query, 10))) for query in queries)
    assert first >= 0.99 * len(queries)
    assert ten >= 0.99 * 10 * len(queries)


def test_what_is_deleted_takes_no_place_among_the_k() -> None:
    vectors = clustered(4, 3000)
    index, query = LargeIndex(segment_of(vectors), WIDTH), clustered(5, 1)[0]
    gone = _nearest(vectors, query, 100)
    index.remove(gone)
    left = [one for one in _nearest(vectors, query, 120) if one not in gone]
    found = [one for one, _ in index.search(query, 10)]
    assert len(found) == 10
    assert not set(found) & set(gone)
    assert len(set(found) & set(left[:10])) >= 9
    assert len(index) == 2900


def test_however_many_are_deleted_as_many_are_found_as_are_left() -> None:
    vectors = clustered(6, 1500)
    index = LargeIndex(segment_of(vectors), WIDTH)
    index.remove(range(1495))
    assert sorted(one for one, _ in index.search(vectors[0], 10)) == list(range(1495, 1500))
    assert len(index.search(vectors[0], 3)) == 3


def test_a_replaced_vector_is_found_at_its_new_place_alone() -> None:
    vectors = clustered(7, 1000)
    index = LargeIndex(segment_of(vectors), WIDTH)
    index.add([5], -vectors[5][None])
    assert 5 not in [one for one, _ in index.search(vectors[5], 20)]
    ((one, near),) = index.search(-vectors[5], 1)
    assert one == 5
    assert near == pytest.approx(1.0)
    given_back = index.vector(5)
    assert given_back is not None
    assert given_back.tolist() == (-vectors[5]).tolist()


def test_any_run_of_changes_leaves_what_comparing_with_every_vector_finds() -> None:
    vectors, rng = clustered(8, 2000), np.random.default_rng(9)
    index, oracle = LargeIndex(segment_of(vectors[:1000]), WIDTH), FlatIndex(WIDTH)
    oracle.add(range(1000), vectors[:1000])
    for step in range(200):
        ids = rng.integers(0, 1500, 3).tolist()
        if step % 3:
            rows = vectors[rng.integers(0, 2000, 3)]
            index.add(ids, rows)
            oracle.add(ids, rows)
        else:
            index.remove(ids)
            oracle.remove(ids)
        assert len(index) == len(oracle)
    # So many are asked for that all are compared with.
    query = clustered(10, 1)[0]
    assert dict(index.search(query, 2000)) == pytest.approx(dict(oracle.search(query, 2000)), abs=1e-3)


def test_it_is_due_when_much_came_since_and_worn_when_much_is_dead() -> None:
    vectors = clustered(11, 1000)
    index = LargeIndex(segment_of(vectors), WIDTH)
    index.add(range(1000, 1049), vectors[:49])
    assert not index.is_due(SMALL)
    index.add([1049], vectors[:1])
    assert index.is_due(SMALL)
    index.remove(range(250))
    assert not index.is_worn(SMALL)
    index.remove([250])
    assert index.is_worn(SMALL)
    assert index.dead().tolist() == list(range(251))


@pytest.mark.parametrize("given", [{"least": 0}, {"links": -1}, {"dead_share": 1.5}, {"search_width": float("nan")}])
def test_settings_that_make_no_sense_are_refused_by_name(given: dict[str, int]) -> None:
    with pytest.raises(StoreValueError, match=next(iter(given))):
        LargeSettings(**given)


def test_where_nothing_near_is_found_the_search_looks_harder() -> None:
    vectors, far = clustered(8, 4000), units(9, 200, WIDTH)
    narrow = dataclasses.replace(SMALL, search_width=4, wide_width=4)
    graphs = {width: dataclasses.replace(narrow, wide_width=width) for width in (4, 256)}
    right = {
        width: sum(LargeIndex(segment, WIDTH).search(query, 1)[0][0] == _nearest(vectors, query, 1)[0] for query in far)
        for width, segment in ((width, segment_of(vectors, settings=settings)) for width, settings in graphs.items())
    }
    assert right[4] < 180 < right[256]
