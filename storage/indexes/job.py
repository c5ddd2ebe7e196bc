"""Work that is done aside, in a thread of its own."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from storage.errors import StorageError

__all__ = ["Job", "StoppedError"]

_Result = TypeVar("_Result")
_log = logging.getLogger("storage")


class StoppedError(StorageError):
    """The work was told to stop, and did."""


class Job(Generic[_Result]):
    """One piece of work. It is given a function to call now and then: it raises StoppedError once `stop` was called.

    A program that ends has it stop first.
    """

    def __init__(self, work: Callable[[Callable[[], None]], _Result]) -> None:
        self._work = work
        self._stopping = threading.Event()
        self._result: _Result | None = None
        self._thread = threading.Thread(target=self._run, name="samewise-index", daemon=True)
        # A thread that is cut off inside FAISS takes the whole program down with it.
        atexit.register(self._end)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it came to an end, good or bad."""
        return not self._thread.is_alive()

    @property
    def result(self) -> _Result | None:
        """What it made; None before it is done, and where it failed or was stopped."""
        return self._result if self.done else None

    def stop(self) -> None:
        """Have it stop, soon."""
        self._stopping.set()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for its end; whether it came."""
        self._thread.join(timeout_seconds)
        return self.done

    def _run(self) -> None:
        try:
            self._result = self._work(self._check)
        except StoppedError:
            pass
        except (StorageError, OSError, MemoryError, RuntimeError) as error:
            # RuntimeError is FAISS's. The index that is there serves on.
            if not self._stopping.is_set():
                _log.warning("A large index could not be made, the search goes on without it: %s", error)
        finally:
            atexit.unregister(self._end)

    def _end(self) -> None:
        self.stop()
        self.wait()

    def _check(self) -> None:
        if self._stopping.is_set():
            raise StoppedError("the index is not wanted any more")
