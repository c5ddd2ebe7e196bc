"""Ids and revisions by place, and what lives of them."""

from __future__ import annotations

import numpy as np
from large import SMALL, units

from storage.indexes import Graph, Segment
from storage.indexes.segment import DEAD


def test_of_an_id_at_two_places_the_last_one_lives_and_the_dead_have_none() -> None:
    graph = Graph.empty(8, SMALL)
    graph.add(units(1, 6, 8))
    id_of, revision_of = np.array([9, 4, DEAD, 4, 7, 9]), np.array([1, 2, 0, 5, 6, 8])
    segment = Segment.of(graph, id_of, revision_of, 8)
    assert segment.ids.tolist() == [4, 7, 9]
    assert segment.revisions.tolist() == [5, 6, 8]
    assert segment.places.tolist() == [3, 4, 5]
    assert segment.id_of.tolist() == [DEAD, DEAD, DEAD, 4, 7, 9]
    assert segment.revision_of().tolist() == [0, 0, 0, 5, 6, 8]
    assert [segment.place(one) for one in (3, 4, 7, 9, 10, DEAD)] == [None, 3, 4, 5, None, None]
