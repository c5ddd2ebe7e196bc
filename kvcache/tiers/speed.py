"""How fast a tier loads on this machine, measured as it goes."""

from __future__ import annotations

__all__ = ["Speed"]

_WEIGHT_OF_THE_PAST = 0.8


class Speed:
    """A running average of seconds per byte, the last loads counting most. Not safe for threads by itself."""

    def __init__(self) -> None:
        self._bytes = 0.0
        self._seconds = 0.0

    def add(self, size: int, seconds: float) -> None:
        """Count a load of `size` bytes."""
        self._bytes = _WEIGHT_OF_THE_PAST * self._bytes + size
        self._seconds = _WEIGHT_OF_THE_PAST * self._seconds + seconds

    @property
    def bytes_per_second(self) -> float | None:
        """None before the first load that took any time."""
        return self._bytes / self._seconds if self._seconds > 0 and self._bytes > 0 else None

    def seconds(self, size: int) -> float | None:
        """What loading `size` bytes will take; None before the first load."""
        return size * self._seconds / self._bytes if self._bytes > 0 else None
