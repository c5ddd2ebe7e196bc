"""Who gives how much where the whole store is too large. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Held", "shares"]


@dataclass(frozen=True, slots=True)
class Held:
    """How much a tenant holds, and how much of it may be dropped."""

    total: int
    droppable: int


def shares(held: Mapping[str, Held], excess: int) -> dict[str, int]:
    """How much each tenant drops: always one more from whoever then holds the most, until the excess is gone.

    So the largest are brought down to one level, and whoever is below it gives nothing: a tenant that floods the store
    drops its own entries, never those of one that holds little. A share in proportion would let it. Who may not drop
    so much drops what it may, and the others more; of two that hold as much the name that sorts first gives first.
    Where all of it does not suffice, all of it goes. Tenants that give nothing are left out.
    """
    level = _level(held, excess)
    given = {name: _above(one, level) for name, one in held.items()}
    # At the level itself not everyone has to give the last one.
    surplus = sum(given.values()) - excess
    for name in sorted(given, reverse=True):
        if surplus > 0 and given[name] > 0 and held[name].total - given[name] == level:
            given[name] -= 1
            surplus -= 1
    return {name: number for name, number in given.items() if number}


def _level(held: Mapping[str, Held], excess: int) -> int:
    """The highest level at which, with everyone brought down to it, the excess is gone; 0 where none is so low."""
    low, high = 0, max((one.total for one in held.values()), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(_above(one, middle) for one in held.values()) >= excess:
            low = middle
        else:
            high = middle - 1
    return low


def _above(one: Held, level: int) -> int:
    return min(one.droppable, max(0, one.total - level))
