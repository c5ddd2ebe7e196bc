"""Where a caller wants its prompt kept up to, as token positions, and for how long.

    content ends   |3 ……… |9 … |14 …… |22 …… |31        of the caller's content blocks
    breakpoints                 ^14 (1 h)      ^31       what ends there may be kept, and found again

A server translates its own marks, such as `cache_control`, into these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvcache.errors import PromptError
from kvcache.seconds import MOST_SECONDS, is_seconds

__all__ = ["Breakpoint", "Breakpoints"]


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """An end of a prefix to keep.

    Args:
        tokens: How many tokens of the prompt come before it, at least 1.
        idle_seconds: How long what ends there stays without being read; None is what the lifetime says.

    Raises:
        PromptError: The position is no whole number of at least 1, or the time none above 0.
    """

    tokens: int
    idle_seconds: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.tokens, bool) or not isinstance(self.tokens, int) or self.tokens < 1:
            raise PromptError(f"A breakpoint is at {self.tokens!r}; give a whole number of tokens, at least 1.")
        if not is_seconds(self.idle_seconds, or_none=True):
            raise PromptError(
                f"The breakpoint at {self.tokens} is to stay {self.idle_seconds!r} seconds; give a number above 0, at "
                f"most {MOST_SECONDS:g}, or None for what the lifetime says."
            )


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """The breakpoints of one prompt, and the ends of its content blocks.

    The prompt is cut into blocks at all of these positions, so two requests with the same ones have the same bits.

    Args:
        marks: Breakpoints, in the order of their positions.
        content_ends: Where the caller's content blocks end, in order. A lifetime with a lookback counts them.

    Raises:
        PromptError: Positions are not ascending whole numbers of at least 1.
    """

    marks: tuple[Breakpoint, ...] = ()
    content_ends: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.marks, tuple) or not all(isinstance(mark, Breakpoint) for mark in self.marks):
            raise PromptError(f"marks are {self.marks!r}; give a tuple of Breakpoint.")
        if not isinstance(self.content_ends, tuple):
            raise PromptError(f"content_ends are {self.content_ends!r}; give a tuple of whole numbers.")
        _check_ascending("breakpoints", tuple(mark.tokens for mark in self.marks))
        _check_ascending("content_ends", self.content_ends)

    @property
    def cuts(self) -> tuple[int, ...]:
        """All positions, ascending."""
        return tuple(sorted({*self.content_ends, *(mark.tokens for mark in self.marks)}))

    @property
    def last(self) -> int:
        """Where the last breakpoint is; 0 without any."""
        return self.marks[-1].tokens if self.marks else 0

    def up_to(self, tokens: int) -> Breakpoints:
        """Those of the first so many tokens."""
        if not self.cuts or self.cuts[-1] <= tokens:
            return self
        marks = tuple(mark for mark in self.marks if mark.tokens <= tokens)
        return Breakpoints(marks, tuple(end for end in self.content_ends if end <= tokens))

    def check_fits(self, tokens: int) -> None:
        """Raises PromptError when a position lies behind the end of a prompt of so many tokens."""
        furthest = max(self.cuts, default=0)
        if furthest > tokens:
            raise PromptError(
                f"A breakpoint or content end is at {furthest}, but the prompt has {tokens} tokens; "
                "give positions within the prompt."
            )

    def idle_seconds(self, end: int, default: float | None) -> float | None:
        """How long a block that ends at `end` is to stay: the longest time of the breakpoints at or behind it."""
        times = [mark.idle_seconds for mark in self.marks if mark.tokens >= end and mark.idle_seconds is not None]
        if default is not None and any(mark.tokens >= end and mark.idle_seconds is None for mark in self.marks):
            times.append(default)
        return max(times, default=default)

    def within_lookback(self, lookback: int) -> frozenset[int]:
        """Positions where something may be read: each breakpoint, and the content ends that it walks back over.

        The breakpoint's own content block is the first of the `lookback`.
        """
        return frozenset(position for mark in self.marks for position in self._walked(mark.tokens, lookback))

    def _walked(self, start: int, lookback: int) -> Iterator[int]:
        yield start
        before = [end for end in self.content_ends if end < start]
        yield from before[len(before) - min(len(before), lookback - 1) :]


def _check_ascending(name: str, positions: tuple[object, ...]) -> None:
    last = 0
    for position in positions:
        if isinstance(position, bool) or not isinstance(position, int) or position <= last:
            raise PromptError(f"{name} are {positions}; give ascending whole numbers of at least 1.")
        last = position
