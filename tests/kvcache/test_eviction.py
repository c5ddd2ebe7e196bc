"""The order in which candidates are given up, and the worth that decides it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.eviction import EvictionOrder, Record, used_again, worth, worth_rank

_HALF_LIFE = 60.0
_RECORDS = st.builds(
    Record,
    seconds=st.floats(0, 100),
    size=st.integers(0, 10**9),
    uses=st.floats(0.01, 1000),
    used_at=st.floats(0, 1000),
)


@given(st.lists(_RECORDS, min_size=1, max_size=8), st.floats(0, 5000))
def test_the_least_rank_has_the_least_worth_at_any_time(records: list[Record], later: float) -> None:
    now = 1000 + later
    victim = min(records, key=lambda record: worth_rank(record, _HALF_LIFE))
    assert worth(victim, now, _HALF_LIFE) <= min(worth(record, now, _HALF_LIFE) for record in records) * (1 + 1e-6)


@given(
    st.lists(st.floats(0, 200), min_size=1, max_size=20), st.floats(0, 500), st.floats(0.01, 50), st.integers(1, 10**6)
)
def test_worth_is_seconds_saved_by_all_uses_halved_for_each_half_life_per_byte(
    pauses: list[float], later: float, seconds: float, size: int
) -> None:
    uses, now, times = 0.0, 0.0, []
    for pause in pauses:
        now += pause
        uses = used_again(uses, pause, _HALF_LIFE)
        times.append(now)
    expected = sum(0.5 ** ((now + later - at) / _HALF_LIFE) for at in times)
    assert worth(Record(seconds, size, uses, now), now + later, _HALF_LIFE) == pytest.approx(seconds * expected / size)


def test_worth_halves_with_each_half_life_and_grows_with_seconds_and_uses() -> None:
    record = Record(seconds=2.0, size=4, uses=3.0, used_at=0.0)
    assert worth(record, 0.0, _HALF_LIFE) == 1.5
    assert worth(record, _HALF_LIFE, _HALF_LIFE) == 0.75


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=300))
def test_candidates_come_out_by_their_latest_rank_whatever_was_offered_before(uses: list[tuple[int, int]]) -> None:
    ranks: dict[int, float] = {}
    order = EvictionOrder[int](ranks.get)
    for candidate, rank in uses:
        ranks[candidate] = rank
        order.offer(candidate, live=len(ranks))
    out = []
    while (candidate_or_none := order.pop()) is not None:
        out.append(ranks.pop(candidate_or_none))
    assert out == sorted(out)
    assert ranks == {}


def test_what_may_not_be_evicted_is_neither_taken_nor_kept_waiting() -> None:
    order = EvictionOrder[str]({"busy": None, "idle": 1.0}.get)
    order.offer("busy", live=2)
    order.offer("idle", live=2)
    assert order.pop() == "idle"
    assert order.pop() is None


def test_many_uses_of_one_candidate_do_not_let_the_queue_grow() -> None:
    ranks = {"block": 0.0}
    order = EvictionOrder[str](ranks.get)
    for rank in range(1000):
        ranks["block"] = rank
        order.offer("block", live=1)
    assert len(order) < 100
    assert order.pop() == "block"
    assert order.pop() is None
