"""Who gives how much, against taking one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.life.shares import Held, shares

_held = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda two: Held(max(two), min(two))),
)


def _one_by_one(held: dict[str, Held], excess: int) -> dict[str, int]:
    given_up: dict[str, int] = {}
    for _ in range(max(0, excess)):
        left = {
            name: one.total - given_up.get(name, 0)
            for name, one in held.items()
            if given_up.get(name, 0) < one.droppable
        }
        if not left:
            break
        most = min(left, key=lambda name: (-left[name], name))
        given_up[most] = given_up.get(most, 0) + 1
    return given_up


@given(_held, st.integers(-2, 80))
def test_it_is_what_taking_one_from_the_largest_again_and_again_gives(held: dict[str, Held], excess: int) -> None:
    assert shares(held, excess) == _one_by_one(held, excess)


@given(_held, st.integers(0, 80))
def test_who_holds_no_more_than_an_equal_share_gives_nothing(held: dict[str, Held], excess: int) -> None:
    everything = {name: Held(one.total, one.total) for name, one in held.items()}
    left = sum(one.total for one in held.values()) - excess
    for name in shares(everything, excess):
        assert held[name].total * len(held) > left
