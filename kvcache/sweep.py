"""When to look for what has outlived its time. No thread does it, but requests on their way, now and then."""

from __future__ import annotations

__all__ = ["Sweep"]

_SWEEPS_PER_LIFETIME = 16
_SHORTEST_PAUSE_SECONDS = 1.0
"""A search looks at all blocks: no request may make every other one do that."""


class Sweep:
    """Says when the next search is due. What has expired is never read; this only gives its memory back.

    Args:
        shortest_seconds: The shortest time after which anything can expire; None is never.
        now: The time it is made.
    """

    def __init__(self, shortest_seconds: float | None, now: float) -> None:
        self._pause: float | None = None
        self._last = now
        if shortest_seconds is not None:
            self.shorten(shortest_seconds)

    def shorten(self, seconds: float) -> None:
        """Something is kept that can expire after so long."""
        pause = max(_SHORTEST_PAUSE_SECONDS, seconds / _SWEEPS_PER_LIFETIME)
        self._pause = pause if self._pause is None else min(self._pause, pause)

    def is_due(self, now: float) -> bool:
        """Whether to search now; then the next one is due a while later."""
        if self._pause is None or now - self._last < self._pause:
            return False
        self._last = now
        return True
