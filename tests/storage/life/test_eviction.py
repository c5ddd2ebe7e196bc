"""What goes first, against a plain reading of the same definitions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.life import Candidate, Eviction, choose, value
from storage.life.eviction import APART, ASSUMED_COST_MS, HALF_LIFE_SECONDS

_NOW = 10_000_000.0
_times = st.integers(0, int(_NOW)).map(float)
_candidates = st.builds(
    Candidate,
    id=st.integers(1, 1000),
    created=_times,
    last_used=_times,
    hits=st.integers(0, 50),
    cost_ms=st.sampled_from([0.0, 50.0, 400.0, 30_000.0]),
    bytes=st.integers(0, 5000),
    protected=st.booleans(),
    neighbour_similarity=st.none() | st.floats(-1.0, 1.0),
)
_some = st.lists(_candidates, max_size=8, unique_by=lambda one: one.id)


def _exactly(one: Candidate) -> Fraction:
    """The value in exact numbers, written down anew from its definition."""
    life = Fraction(HALF_LIFE_SECONDS)
    rate = Fraction(one.hits + 1) * life / (life + max(Fraction(0), Fraction(_NOW) - Fraction(one.created)))
    alive = life / (life + max(Fraction(0), Fraction(_NOW) - Fraction(one.last_used)))
    cost = Fraction(one.cost_ms) or Fraction(ASSUMED_COST_MS)
    apart = Fraction(0) if one.neighbour_similarity is None else 1 - Fraction(one.neighbour_similarity)
    alone = min(Fraction(1), max(Fraction(0), apart / Fraction(APART)))
    return rate * alive * cost / max(1, one.bytes) * (1 + alone)


def _goes_before(one: Candidate, other: Candidate, policy: Eviction) -> bool:
    if policy is Eviction.VALUE:
        first, second = _exactly(one), _exactly(other)
        if abs(first - second) > Fraction(1, 10**9) * (first + second):
            return first < second
        return (value(one, _NOW), one.id) < (value(other, _NOW), other.id)  # equal but for rounding
    if policy is Eviction.LFU and one.hits != other.hits:
        return one.hits < other.hits
    return one.last_used < other.last_used if one.last_used != other.last_used else one.id < other.id


def _one_by_one(candidates: list[Candidate], excess_entries: int, excess_bytes: int, policy: Eviction) -> list[int]:
    """Look for the worst of those that are left, drop it, look again."""
    left, gone = [one for one in candidates if not one.protected], list[Candidate]()
    while left and (len(gone) < excess_entries or sum(one.bytes for one in gone) < excess_bytes):
        worst = next(one for one in left if all(other is one or _goes_before(one, other, policy) for other in left))
        left.remove(worst)
        gone.append(worst)
    return [one.id for one in gone]


@given(_some, st.integers(-1, 9), st.integers(-1, 20_000), st.sampled_from(Eviction))
def test_it_drops_what_dropping_the_worst_one_by_one_drops(
    candidates: list[Candidate], excess_entries: int, excess_bytes: int, policy: Eviction
) -> None:
    chosen = choose(candidates, excess_entries, excess_bytes, policy, _NOW)
    assert chosen == _one_by_one(candidates, excess_entries, excess_bytes, policy)


@given(_some, st.integers(0, 9), st.integers(0, 20_000), st.sampled_from(Eviction))
def test_it_drops_enough_and_not_one_more_and_nothing_protected(
    candidates: list[Candidate], excess_entries: int, excess_bytes: int, policy: Eviction
) -> None:
    by_id = {one.id: one for one in candidates}
    chosen = [by_id[one] for one in choose(candidates, excess_entries, excess_bytes, policy, _NOW)]

    def suffice(gone: list[Candidate]) -> bool:
        return len(gone) >= excess_entries and sum(one.bytes for one in gone) >= excess_bytes

    assert not any(one.protected for one in chosen)
    assert suffice(chosen) or len(chosen) == sum(not one.protected for one in candidates)
    assert not chosen or not suffice(chosen[:-1])


@given(_some, st.randoms(use_true_random=False), st.sampled_from(Eviction))
def test_the_order_in_which_they_are_given_does_not_matter(
    candidates: list[Candidate], chance: object, policy: Eviction
) -> None:
    shuffled = list(candidates)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(candidates, 3, 0, policy, _NOW) == choose(shuffled, 3, 0, policy, _NOW)


_BETTER = {
    "more hits": lambda one, by: replace(one, hits=one.hits + by),
    "a later use": lambda one, by: replace(one, last_used=one.last_used + by),
    "a dearer answer": lambda one, by: replace(one, cost_ms=(one.cost_ms or ASSUMED_COST_MS) + by),
    "a later birth": lambda one, by: replace(one, created=one.created + by),
    "fewer bytes": lambda one, by: replace(one, bytes=max(0, one.bytes - by)),
    "a farther neighbour": lambda one, by: (
        replace(one, neighbour_similarity=max(-1.0, one.neighbour_similarity - by / 1000))
        if one.neighbour_similarity is not None
        else one
    ),
}


@pytest.mark.parametrize("better", _BETTER)
@given(_candidates, st.integers(1, 1000))
def test_it_never_lowers_the_value_to_have(better: str, one: Candidate, by: int) -> None:
    assert value(_BETTER[better](one, by), _NOW) >= value(one, _NOW)


@pytest.mark.parametrize("better", _BETTER)
@given(_some, st.integers(1, 1000), st.data())
def test_it_never_makes_an_entry_go_earlier_to_have(
    better: str, others: list[Candidate], by: int, data: st.DataObject
) -> None:
    if not (droppable := [one for one in others if not one.protected]):
        return
    one = data.draw(st.sampled_from(droppable))
    changed = _BETTER[better](one, by)
    before = choose(others, len(others), 0, Eviction.VALUE, _NOW)
    after = choose([changed if each is one else each for each in others], len(others), 0, Eviction.VALUE, _NOW)
    assert after.index(one.id) >= before.index(one.id)


@given(_candidates, st.floats(-1.0, 1.0))
def test_being_alone_at_most_doubles_the_value(one: Candidate, similarity: float) -> None:
    plain = value(replace(one, neighbour_similarity=None), _NOW)
    assert plain <= value(replace(one, neighbour_similarity=similarity), _NOW) <= 2 * plain


def test_half_of_the_expected_uses_are_left_after_a_half_life() -> None:
    one = Candidate(id=1, created=0.0, last_used=1000.0, hits=3, cost_ms=700.0, bytes=10)
    later = replace(one, created=HALF_LIFE_SECONDS, last_used=1000.0 + HALF_LIFE_SECONDS)
    # As old as before, and idle for so much longer.
    assert value(replace(one, created=HALF_LIFE_SECONDS), HALF_LIFE_SECONDS + 1000.0) == pytest.approx(
        value(later, HALF_LIFE_SECONDS + 1000.0) / 2
    )


def test_the_value_is_in_milliseconds_saved_for_a_byte_in_the_next_half_life() -> None:
    fresh = Candidate(id=1, created=_NOW, last_used=_NOW, hits=0, cost_ms=1000.0, bytes=500)
    assert value(fresh, _NOW) == pytest.approx(1 * 1000.0 / 500)
    assert value(replace(fresh, neighbour_similarity=1.0), _NOW) == pytest.approx(2.0)
    assert value(replace(fresh, neighbour_similarity=1.0 - APART), _NOW) == pytest.approx(4.0)
