"""How fast a tier loads on this machine, measured as it goes: a time for each block, and a time for each byte."""

from __future__ import annotations

__all__ = ["Speed"]

_WEIGHT_OF_THE_PAST = 0.95
_LEAST_SPREAD = 1e-6


class Speed:
    """A straight line through the loads so far, the last ones counting most. Not safe for threads by itself."""

    def __init__(self) -> None:
        self._count = 0.0
        self._bytes = 0.0
        self._seconds = 0.0
        self._bytes_squared = 0.0
        self._product = 0.0
        self.largest = 0

    def add(self, size: int, seconds: float) -> None:
        """Count the load of a block of `size` bytes."""
        past = _WEIGHT_OF_THE_PAST
        self._count = past * self._count + 1
        self._bytes = past * self._bytes + size
        self._seconds = past * self._seconds + seconds
        self._bytes_squared = past * self._bytes_squared + size * size
        self._product = past * self._product + size * seconds
        self.largest = max(self.largest, size)

    @property
    def bytes_per_second(self) -> float | None:
        """None before the first load that took any time."""
        return self._bytes / self._seconds if self._seconds > 0 else None

    def seconds(self, size: int) -> float | None:
        """What loading a block of `size` bytes will take; None before the first load."""
        if not self._bytes:
            return None
        # Either part can come out below nothing when few sizes were seen; then all the time is the bytes'.
        spread = self._count * self._bytes_squared - self._bytes**2
        is_line = spread > _LEAST_SPREAD * self._count * self._bytes_squared
        per_byte = (self._count * self._product - self._bytes * self._seconds) / spread if is_line else 0.0
        per_block = (self._seconds - per_byte * self._bytes) / self._count
        if per_byte <= 0 or per_block < 0:
            return size * self._seconds / self._bytes
        return per_block + size * per_byte
