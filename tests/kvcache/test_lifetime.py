"""The order in which candidates are given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvcache.lifetime import EvictionOrder


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=300))
def test_candidates_come_out_by_their_latest_stamp_whatever_was_offered_before(uses: list[tuple[int, int]]) -> None:
    stamps: dict[int, int] = {}
    order = EvictionOrder[int](stamps.get)
    for candidate, stamp in uses:
        stamps[candidate] = stamp
        order.offer(candidate, live=len(stamps))
    out = []
    while (candidate_or_none := order.pop()) is not None:
        out.append(stamps.pop(candidate_or_none))
    assert out == sorted(out)
    assert stamps == {}


def test_what_may_not_be_evicted_is_neither_taken_nor_kept_waiting() -> None:
    order = EvictionOrder[str]({"busy": None, "idle": 1}.get)
    order.offer("busy", live=2)
    order.offer("idle", live=2)
    assert order.pop() == "idle"
    assert order.pop() is None


def test_many_uses_of_one_candidate_do_not_let_the_queue_grow() -> None:
    stamps = {"block": 0}
    order = EvictionOrder[str](stamps.get)
    for stamp in range(1000):
        stamps["block"] = stamp
        order.offer("block", live=1)
    assert len(order) < 100
    assert order.pop() == "block"
    assert order.pop() is None
