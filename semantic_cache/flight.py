"""One generation per key: the first to ask leads, the others wait for it and look again."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from enum import Enum

__all__ = ["Flights", "Turn"]


class Turn(Enum):
    """What `Flights.take` decided for its caller."""

    LEAD = "lead"
    LANDED = "landed"
    ALONE = "alone"


class Flights:
    """Who is generating what. Thread-safe.

    A leader that fails, or whose stream is closed half-way, lands all the same: the next one to look leads.

    Args:
        patience_seconds: How long one waits for a leader. A stream that nobody reads any more holds its lead; nobody
            shall hang on it.
    """

    def __init__(self, patience_seconds: float = 120.0) -> None:
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._landed: dict[Hashable, threading.Event] = {}

    def take(self, key: Hashable) -> Turn:
        """LEAD: generate, then call `land`. LANDED: another one led, look again. ALONE: it took too long, generate."""
        with self._lock:
            event = self._landed.get(key)
            if event is None:
                self._landed[key] = threading.Event()
                return Turn.LEAD
        return Turn.LANDED if event.wait(self._patience_seconds) else Turn.ALONE

    def land(self, key: Hashable) -> None:
        """End the caller's lead and wake those who wait."""
        with self._lock:
            self._landed.pop(key).set()
