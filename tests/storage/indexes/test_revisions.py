"""Of which row each vector is, in arrays and in what came later."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storage.indexes.revisions import Revisions

_FIRST = {one: one + 100 for one in (2, 3, 5, 8, 13)}


def _revisions() -> Revisions:
    return Revisions(np.array(list(_FIRST), np.int64), np.array(list(_FIRST.values()), np.int64))


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 15), st.integers(200, 300)), max_size=40))
def test_it_says_what_a_dictionary_would(steps: list[tuple[bool, int, int]]) -> None:
    revisions, wanted = _revisions(), dict(_FIRST)
    for putting, one, revision in steps:
        if putting:
            revisions.put([one], [revision])
            wanted[one] = revision
        else:
            revisions.drop([one, 77])
            wanted.pop(one, None)
    assert {one: revisions.get(one) for one in range(-1, 20)} == {one: wanted.get(one) for one in range(-1, 20)}
    assert [one in revisions for one in range(20)] == [one in wanted for one in range(20)]
    ids, its = revisions.arrays()
    assert len(ids) == len(wanted)
    assert dict(zip(ids.tolist(), its.tolist(), strict=True)) == wanted
