"""Whether the store can be reached: one that can't is not asked again at once, and never by everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import TypeVar

from storage import StorageError, StoreUnreachableError

__all__ = ["Reach"]

_T = TypeVar("_T")
_PAUSE_SECONDS = 0.5
"""A server that is back is asked again within a second."""


class Reach:
    """Stands around everything that is asked of a store: `with reach: store.exact(…)`. Thread-safe.

    A server that doesn't answer keeps whoever asks waiting for seconds. So after a failure the store is let be for a
    moment, then one of those who come tries it, and the others go on without it until that one knows.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lost: StoreUnreachableError | None = None
        self._again_at = 0.0
        self._trying: int | None = None
        """The thread that tries it."""

    def __enter__(self) -> None:
        """Raises StoreUnreachableError where the store is not to be asked now."""
        if self._lost is None:
            return
        with self._lock:
            me = threading.get_ident()
            if self._lost is None or self._trying == me:
                return
            if self._trying is not None or self._clock() < self._again_at:
                raise StoreUnreachableError(str(self._lost))
            self._trying = me

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lost is None and not isinstance(error, StoreUnreachableError):
            return
        with self._lock:
            tried = self._trying == threading.get_ident()
            if tried:
                self._trying = None
            if isinstance(error, StoreUnreachableError):
                self._lose(error)
            # Who came before it was lost knows nothing of how it is now.
            elif tried and (error is None or isinstance(error, StorageError)):
                self._lost = None  # it answered, if only with what is wrong

    @contextmanager
    def following(self) -> Iterator[None]:
        """Around what may end without having asked the store: that it went well proves nothing.

        Raises:
            StoreUnreachableError: The store is lost, and this thread does not try it.
        """
        lost = self._lost
        if lost is not None and self._trying != threading.get_ident():
            raise StoreUnreachableError(str(lost))
        try:
            yield
        except StoreUnreachableError as error:
            with self._lock:
                self._lose(error)
            raise

    def _lose(self, error: StoreUnreachableError) -> None:
        self._lost = error
        self._again_at = self._clock() + _PAUSE_SECONDS

    def asked(self, ask: Callable[[], _T]) -> _T:
        """What `ask` gives, inside."""
        with self:
            return ask()
