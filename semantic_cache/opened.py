"""A model opened when it is first asked for, and not tried again and again while it cannot be opened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from semantic_cache.errors import ModelError

__all__ = ["OpenedOnce"]

_T = TypeVar("_T")
_RETRY_SECONDS = 60.0


class OpenedOnce(Generic[_T]):
    """Thread-safe.

    Args:
        make: Opens it; may take seconds. When it fails, it is asked again after a minute: a hub that is not there is
            looked for over many seconds, and not once for each question.
        clock: Seconds that only grow.
    """

    def __init__(self, make: Callable[[], _T], clock: Callable[[], float] = monotonic) -> None:
        self._make, self._clock = make, clock
        self._lock = threading.Lock()
        self._made: _T | None = None
        self._failure: ModelError | None = None
        self._retry_at = 0.0

    def __call__(self) -> _T:
        """What was opened.

        Raises:
            ModelError: It cannot be fetched or opened.
        """
        with self._lock:
            if self._made is None:
                if self._failure is not None and self._clock() < self._retry_at:
                    raise self._failure
                try:
                    self._made = self._make()
                except ModelError as error:
                    self._failure, self._retry_at = error, self._clock() + _RETRY_SECONDS
                    raise
            return self._made
