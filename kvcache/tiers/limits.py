"""How much longer a block may be served: while it is used, and in any case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["Limits", "finite"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Two limits that hold side by side, both counted from the same moment. None means without end.

    A use begins `idle_seconds` anew, and leaves `end_seconds` as it is.

    Args:
        idle_seconds: It goes when nobody has used it for so long.
        unused_seconds: How long ago it was used last.
        end_seconds: It goes after so long, used or not.
    """

    idle_seconds: float | None = None
    unused_seconds: float = 0.0
    end_seconds: float | None = None

    def is_over(self, after: float = 0.0) -> bool:
        """Whether it may be served no more after so many seconds without a use."""
        if self.end_seconds is not None and after >= self.end_seconds:
            return True
        return self.idle_seconds is not None and self.unused_seconds + after >= self.idle_seconds

    def after(self, seconds: float) -> Limits:
        """What is left after so many seconds without a use."""
        end = None if self.end_seconds is None else max(0.0, self.end_seconds - seconds)
        return Limits(self.idle_seconds, self.unused_seconds + seconds, end)

    def used(self) -> Limits:
        """What a use now makes of them."""
        return replace(self, unused_seconds=0.0)

    def within(self, end_seconds: float | None) -> Limits:
        """The same, but ending after so many seconds at the latest."""
        ends = [end for end in (self.end_seconds, end_seconds) if end is not None]
        return replace(self, end_seconds=min(ends, default=None))

    def to_json(self) -> list[float | None]:
        """Plain values."""
        return [self.idle_seconds, self.unused_seconds, self.end_seconds]

    @classmethod
    def from_json(cls, values: Sequence[object]) -> Limits:
        """The inverse of `to_json`. Raises TypeError, ValueError or OverflowError when it is none."""
        idle, unused, end = values
        return cls(None if idle is None else finite(idle), finite(unused), None if end is None else finite(end))


def finite(value: object) -> float:
    """A number as it is. Raises TypeError, ValueError or OverflowError when it is none, or no finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not finite")
    return value
