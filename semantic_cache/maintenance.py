"""What a store needs while it is in use: answers from former editions retired, expired ones removed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Lock, Thread

from storage import StorageError

__all__ = ["Maintenance"]

_PATIENCE_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


class Maintenance:
    """Works in a thread of its own. A store that fails is tried again next time, and reaches no request.

    Args:
        retire: Removes answers from former editions of the documents; how many. Done once.
        sweep: Removes what has expired; how many. Done again and again.
        every_seconds: The time between two sweeps; greater than 0.
    """

    def __init__(self, retire: Callable[[], int], sweep: Callable[[], int], every_seconds: float) -> None:
        self._retire = retire
        self._sweep = sweep
        self._every_seconds = every_seconds
        self._retired = False
        self._failing = False
        self._stop = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread, once."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._work, name="samewise-maintenance", daemon=True)
                self._thread.start()

    def round(self) -> None:
        """Do now what is due. Never raises for the store."""
        try:
            if not self._retired:
                self._tell(self._retire(), "answers from former editions of a document were removed")
                self._retired = True
            self._tell(self._sweep(), "expired entries were removed")
            self._failing = False
        except StorageError as error:
            # Once, and not again with every round of a night.
            if not self._failing and not self._stop.is_set():
                _LOG.warning("The store could not be maintained, and is tried again: %s", error)
            self._failing = True

    def close(self) -> None:
        """Stop after the round in hand; one that takes long ends when its store is closed. Idempotent."""
        with self._lock:
            self._stop.set()
            thread = self._thread
        if thread is not None:
            thread.join(_PATIENCE_SECONDS)

    def _work(self) -> None:
        while not self._stop.is_set():
            self.round()
            self._stop.wait(self._every_seconds)

    def _tell(self, count: int, what: str) -> None:
        # The number alone: what was asked stays out of logs.
        if count:
            _LOG.info("%d %s.", count, what)
