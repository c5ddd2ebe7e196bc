"""A local model made ready before anybody asks: loaded, and what all prompts begin with read."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING

from semantic_cache.errors import SamewiseError

if TYPE_CHECKING:
    from kvcache import LocalModel
    from kvcache.warmup import Progress, WarmUp

__all__ = ["Warming"]

_NAME = "system prompt and documents"
_TOLD_PARTS = 4
_PATIENCE_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


class Warming:
    """Works once, in a thread of its own. What fails is said in the log; the first question then meets it itself.

    A question that comes meanwhile waits for the block in hand at most, and reads what is there.

    Args:
        load: Loads the model, or returns it.
        text: The operator's system prompt and documents; they are read for all tenants.
        patience_seconds: How long `close` waits at most, where the model is still loading.
    """

    def __init__(
        self, load: Callable[[], LocalModel], text: str, *, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        self._load = load
        self._text = text
        self._patience_seconds = patience_seconds
        self._stop = Event()
        self._thread = Thread(target=self._work, name="samewise-warming", daemon=True)
        self._reading: WarmUp | None = None
        self._told = 0

    def start(self) -> None:
        """Begin. Once only."""
        # An interpreter that ends while a thread is inside torch takes the process down with an abort.
        atexit.register(self._end)
        self._thread.start()

    def wait(self) -> None:
        """Return when it is done, has failed or was cancelled."""
        if self._thread.ident is not None:
            self._thread.join()

    def close(self) -> None:
        """Begin nothing more, and wait for what is in hand; not for long where the model still loads. Idempotent."""
        self._cancel()
        if self._thread.ident is not None:
            self._thread.join(self._patience_seconds)
        if not self._thread.is_alive():
            atexit.unregister(self._end)

    def _end(self) -> None:
        self._cancel()
        self._thread.join()

    def _cancel(self) -> None:
        self._stop.set()
        if self._reading is not None:
            self._reading.cancel()

    def _work(self) -> None:
        from kvcache import KVCacheError  # noqa: PLC0415  (this package does not load kvcache before it is needed)

        try:
            if not self._stop.is_set():
                self._read(self._load())
        except (SamewiseError, KVCacheError, RuntimeError, MemoryError, ImportError) as error:
            if not self._stop.is_set():
                _LOG.warning("The model was not made ready, and the first question has to wait for it: %s", error)

    def _read(self, model: LocalModel) -> None:
        from kvcache.warmup import Prefix, WarmUp  # noqa: PLC0415

        began = perf_counter()
        prompt = [{"role": "system", "content": self._text}]
        self._reading = WarmUp(model, [Prefix(_NAME, prompt, scope="public")], self._tell)
        if self._stop.is_set():  # it was set before there was anything to cancel
            return
        for done in self._reading.start().wait() or ():
            if done.problem is not None:
                _LOG.warning("The %s could not be read ahead: %s", _NAME, done.problem)
            else:
                seconds = perf_counter() - began
                _LOG.info(
                    "%d of %d tokens of the %s are kept, after %.1f s.", done.kept_tokens, done.tokens, _NAME, seconds
                )

    def _tell(self, progress: Progress) -> None:
        part = _TOLD_PARTS * progress.done_tokens // progress.total_tokens
        if part > self._told:
            self._told = part
            _LOG.info("%d of %d tokens of the %s read.", progress.done_tokens, progress.total_tokens, _NAME)
