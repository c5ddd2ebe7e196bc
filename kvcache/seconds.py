"""What can be a length of time in a setting."""

from __future__ import annotations

from typing import Final

__all__ = ["MOST_SECONDS", "is_seconds"]

#: Thirty years. Sums of a clock's seconds and a few of these are finite and right to the microsecond.
MOST_SECONDS: Final = 1e9


def is_seconds(value: object, *, or_none: bool = False, or_zero: bool = False) -> bool:
    """Whether it is a number above 0 and at most MOST_SECONDS, or None or 0 where that is allowed."""
    if value is None:
        return or_none
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= MOST_SECONDS or (or_zero and value == 0)
