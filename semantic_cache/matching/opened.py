"""The judge of a cache: made when it is first asked for, and not asked for again and again while it cannot be made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from semantic_cache.errors import ModelError
from semantic_cache.matching.judge import Judge

__all__ = ["OpenedOnce"]

_RETRY_SECONDS = 60.0


class OpenedOnce:
    """Thread-safe.

    Args:
        make: Makes the judge; may take seconds. When it fails, it is asked again after a minute.
        clock: Seconds that only grow.
    """

    def __init__(self, make: Callable[[], Judge], clock: Callable[[], float] = monotonic) -> None:
        self._make, self._clock = make, clock
        self._lock = threading.Lock()
        self._judge: Judge | None = None
        self._failure: ModelError | None = None
        self._retry_at = 0.0

    def __call__(self) -> Judge:
        """The judge.

        Raises:
            ModelError: Its models cannot be fetched or opened.
        """
        judge = self._judge
        if judge is not None:
            return judge
        with self._lock:
            if self._judge is None:
                if self._failure is not None and self._clock() < self._retry_at:
                    raise self._failure
                try:
                    self._judge = self._make()
                except ModelError as error:
                    self._failure, self._retry_at = error, self._clock() + _RETRY_SECONDS
                    raise
            return self._judge
