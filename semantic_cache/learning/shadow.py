"""Checks of hits: some of the served questions are asked of the model too, later, and the two answers compared."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from semantic_cache.answer import Hit
from semantic_cache.generator import Completion, Generator, Prompt
from semantic_cache.learning.comparison import Comparison

__all__ = ["Check", "Shadow", "ShadowCounts"]

_MOST_WAITING = 32
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """A hit to check: what the model would have read, the hit, and what to do with the result (True: right)."""

    prompt: Callable[[], Prompt]
    hit: Hit
    record: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class ShadowCounts:
    """What became of the hits that were drawn: `undecided` could not be compared, `dropped` found too many waiting."""

    agreed: int = 0
    differed: int = 0
    undecided: int = 0
    failed: int = 0
    dropped: int = 0


class Shadow:
    """Checks a share of hits in a thread of its own. Thread-safe; what fails is counted and reaches no user.

    Only what the model answered is checked: an answer that a person wrote says what the model may not know.

    Args:
        generator: Answers again.
        comparison: Compares.
        share: Of the hits, in [0, 1]; 0 starts no thread.
        chance: A number in [0, 1) for each hit.
    """

    def __init__(self, generator: Generator, comparison: Comparison, share: float, chance: Callable[[], float]) -> None:
        self._generator = generator
        self._comparison = comparison
        self._share = share
        self._chance = chance
        self._waiting: queue.Queue[Check | None] = queue.Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._counts = dict.fromkeys(ShadowCounts.__slots__, 0)

    @property
    def counts(self) -> ShadowCounts:
        """What became of the checks so far."""
        with self._lock:
            return ShadowCounts(**self._counts)

    def offer(self, check: Check) -> bool:
        """Draw whether to check a hit, and queue it if so. Never waits."""
        if (
            self._stop.is_set()
            or self._share <= 0.0
            or check.hit.entry.origin != "generated"
            or self._chance() >= self._share
        ):
            return False
        with self._lock:
            if self._stop.is_set():
                return False
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="samewise-shadow", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the system has no more threads to give
                    self._count("dropped")
                    return False
                self._thread = thread
        try:
            self._waiting.put_nowait(check)
        except queue.Full:
            self._count("dropped")
            return False
        return True

    def wait(self) -> None:
        """Return when all that is queued now is checked."""
        self._waiting.join()

    def close(self) -> None:
        """Stop after the piece of an answer in hand. Idempotent."""
        with self._lock:
            self._stop.set()
            thread = self._thread
        if thread is None or not thread.is_alive():
            return
        with contextlib.suppress(queue.Full):  # then it is awake, and sees the stop
            self._waiting.put_nowait(None)
        thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            check = self._waiting.get()
            try:
                if check is not None and not self._stop.is_set():
                    self._count(self._checked(check))
            finally:
                self._waiting.task_done()

    def _checked(self, check: Check) -> str:
        try:
            fresh = self._answer(check.prompt())
            agrees = None if fresh is None else self._comparison.agree(check.hit.entry.answer, fresh)
            if agrees is None:
                return "undecided"
            check.record(agrees)
        except Exception as error:  # noqa: BLE001  (a library's error must not end all checks for good)
            # Its kind alone: a message may hold what was asked.
            _LOG.warning("A hit on entry %d could not be checked: %s", check.hit.entry.id, type(error).__name__)
            return "failed"
        return "agreed" if agrees else "differed"

    def _answer(self, prompt: Prompt) -> str | None:
        """The whole answer; None where the cache is closing, or the answer was cut off."""
        for piece in self._generator.generate(prompt):
            if self._stop.is_set():
                return None
            if isinstance(piece, Completion):
                return piece.text
        return None

    def _count(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1
