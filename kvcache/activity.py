"""Who is computing: requests, or work in the background that should wait until they are done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Activity"]


class Activity:
    """Counts passes of requests, and remembers when the last one ended. Safe to use from many threads.

    Args:
        clock: Seconds, rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._here = threading.local()
        self._running = 0
        self._ended = float("-inf")

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Passes that this thread makes inside are not those of a request."""
        self._here.background = True
        try:
            yield
        finally:
            self._here.background = False

    @contextmanager
    def one_pass(self) -> Iterator[None]:
        """Around a pass, waiting for its turn included."""
        if getattr(self._here, "background", False):
            yield
            return
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._ended = self._clock()

    def quiet_seconds(self) -> float:
        """How long no request has been computing: 0 while one is, infinite when none ever was."""
        with self._lock:
            return 0.0 if self._running else self._clock() - self._ended
