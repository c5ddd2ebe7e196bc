"""One computation per block: whoever comes first computes it, all others that may read it wait and read.

    request 1    computes a     computes b      computes c (its own end)
    request 2    waits for a    waits for b     computes d
    request 3          waits for b, if 1 dies in it: computes b

Flights last for one block, so that whoever waits hands on at once when the one it waits for fails.
"""

from __future__ import annotations

import threading

from kvcache.scopes import Owner, Owners

__all__ = ["Flight", "Flights"]


class Flight:
    """One block that is being computed, and how many wait for it."""

    __slots__ = ("_key", "_landed", "failed", "waiting")

    def __init__(self, key: tuple[Owner, int]) -> None:
        self._key = key
        self._landed = threading.Event()
        self.waiting = 0
        self.failed = False

    def wait(self) -> None:
        """Until it has landed, kept or not."""
        self._landed.wait()

    @property
    def key(self) -> tuple[Owner, int]:
        """Whose block, and the hash of its path."""
        return self._key

    def land(self, *, failed: bool) -> None:
        """Let all that wait go on."""
        self.failed = failed
        self._landed.set()


class Flights:
    """What is being computed now. Safe to call from many threads; no call waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[Owner, int], Flight] = {}

    def board(self, owners: Owners, path_hash: int) -> tuple[Flight, bool]:
        """Somebody's flight to wait for, or one's own (True), which must land in any event.

        Args:
            owners: Whose blocks the caller may read; it computes for the last.
            path_hash: Of the block and all before it. Two blocks of equal hashes wait for each other in vain, no more.
        """
        with self._lock:
            for owner in owners:
                flight = self._open.get((owner, path_hash))
                if flight is not None:
                    flight.waiting += 1
                    return flight, False
            flight = self._open[owners[-1], path_hash] = Flight((owners[-1], path_hash))
            return flight, True

    def land(self, flight: Flight, *, failed: bool) -> None:
        """End one's own flight. `failed`: the block could not be kept, so that waiting for it again is of no use."""
        with self._lock:
            del self._open[flight.key]
        flight.land(failed=failed)
