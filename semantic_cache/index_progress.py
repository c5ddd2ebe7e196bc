"""The progress bar of a large index that is made anew while the store is in use, on standard error."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["IndexProgress"]

_WORTH_SHOWING = 100_000
"""Fewer vectors are done within a minute."""


class IndexProgress:
    """Told how many vectors of how many are done, from the thread that makes the index."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bar: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        if total < _WORTH_SHOWING:
            return
        with self._lock:
            if self._bar is None:
                self._bar = _started(total)
                atexit.register(self.stop)  # a program that ends early would leave a terminal without its cursor
            self._bar.update(self._bar.task_ids[0], completed=done, refresh=True)
        if done >= total:
            self.stop()

    def stop(self) -> None:
        """Take the bar away. Idempotent."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                atexit.unregister(self.stop)
            self._bar = None


def _started(total: int) -> Progress:
    from rich.console import Console  # noqa: PLC0415  (only who has a large store needs it)
    from rich.progress import Progress  # noqa: PLC0415

    bar = Progress(
        console=Console(stderr=True), auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
    )
    bar.add_task("Making the vector index", total=total)
    bar.start()
    return bar
