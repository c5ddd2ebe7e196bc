"""Prefixes that are read before anybody asks, in the background and one block at a time; see quiet_reader.py.

Nothing here records which prefixes are used. Whoever serves requests knows under which name a prefix is known, and
keeps the log that `predicted` chooses from; a list, a file or a table of two columns does:

    log.append(Use(time.time(), "house rules"))             with each request that begins with it
    WarmUp(model, predicted(model, known, log, max_bytes=1 << 30)).start()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

from kvcache.errors import ConfigError
from kvcache.forecast import Use, predict
from kvcache.model import LocalModel
from kvcache.prompt import Prompt
from kvcache.scopes import Scope, owners
from kvcache.seconds import MOST_SECONDS, is_seconds

__all__ = ["Prefix", "Progress", "WarmUp", "Warmed", "predicted"]

Ids = tuple[int, ...]

#: While an answer is written, the gap between two of its tokens is far shorter.
_QUIET_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Prefix:
    """What many prompts will begin with, under a name. The rest is as for `LocalModel.warm`."""

    name: str
    prompt: Prompt
    tenant: str = "public"
    scope: Scope = "tenant"
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step: tokens of all prefixes that have been dealt with, of how many, and which prefix it belongs to."""

    name: str
    done_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Warmed:
    """What became of a prefix. `kept_tokens` is less than `tokens` when it was cancelled or found no room.

    `problem` says why reading it failed, or that `progress` did, or is None.
    """

    name: str
    tokens: int
    kept_tokens: int
    problem: str | None = None


class WarmUp:
    """Reads prefixes in a thread of its own. Use it as a context manager, or call `start`, and `cancel` or `wait`.

    Args:
        model: What reads them; it serves requests meanwhile.
        prefixes: In the order in which they are read.
        progress: Called in that thread after each block. Where it raises, it is called no more for that prefix, and the
            prefix's `problem` says so; reading goes on.
        quiet_seconds: How long no request must have computed before the next block is begun.

    Raises:
        PromptError: One of the prefixes cannot be used; ContextOverflowError when it is too long.
        ConfigError: `quiet_seconds` is no number of at least 0.
    """

    def __init__(
        self,
        model: LocalModel,
        prefixes: Iterable[Prefix],
        progress: Callable[[Progress], None] | None = None,
        *,
        quiet_seconds: float = _QUIET_SECONDS,
    ) -> None:
        if not is_seconds(quiet_seconds, or_zero=True):
            raise ConfigError(f"quiet_seconds is {quiet_seconds!r}; give a number from 0 to {MOST_SECONDS:g}.")
        self._model = model
        encode = model.parts.encoder.encode
        self._work = [(each, encode(each.prompt, for_answer=False, tenant=each.tenant)) for each in prefixes]
        self._total = sum(len(ids) for _, ids in self._work)
        self._progress = progress
        self._quiet_seconds = quiet_seconds
        self._cancelled = threading.Event()
        self._results: list[Warmed] = []
        self._thread = threading.Thread(target=self._run, name="prefix-warm-up", daemon=True)

    def start(self) -> WarmUp:
        """Begin. Once only."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Begin no further block. What has been read stays."""
        self._cancelled.set()

    def wait(self, timeout_seconds: float | None = None) -> tuple[Warmed, ...] | None:
        """What became of the prefixes that were begun, in order, or None when it is not done in time."""
        self._thread.join(timeout_seconds)
        return None if self._thread.is_alive() else tuple(self._results)

    def __enter__(self) -> WarmUp:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()
        self.wait()

    def _run(self) -> None:
        done = 0
        for prefix, ids in self._work:
            if self._cancelled.is_set():
                return
            try:
                self._results.append(self._read(prefix, ids, done))
            except Exception as error:  # noqa: BLE001  (whatever it is, the next prefix is still to be read)
                self._results.append(Warmed(prefix.name, len(ids), 0, str(error) or type(error).__name__))
            done += len(ids)

    def _read(self, prefix: Prefix, ids: Ids, done: int) -> Warmed:
        """Read a prefix block by block."""
        problem: str | None = None

        def tell(end: int) -> None:
            nonlocal problem
            if self._progress is None or problem is not None:
                return
            try:
                self._progress(Progress(prefix.name, done + end, self._total))
            except Exception as error:  # noqa: BLE001  (the caller's own, and no reason to stop reading)
                problem = f"progress raised {type(error).__name__}: {error}"

        kept = self._model.parts.quiet_reader.read(
            ids,
            owners(prefix.tenant, prefix.user, prefix.scope),
            quiet_seconds=self._quiet_seconds,
            cancelled=self._cancelled,
            after_block=tell,
        )
        return Warmed(prefix.name, len(ids), kept, problem)


def predicted(
    model: LocalModel,
    known: Mapping[str, Prefix],
    log: Sequence[Use],
    *,
    max_bytes: int,
    now: float | None = None,
) -> list[Prefix]:
    """Of the known prefixes, those that will be used most in the next hour, as many as fit; to give to a WarmUp.

    Args:
        model: Says how many bytes a prefix takes.
        known: Prefixes by the names that the log uses; what the log has beyond them is passed over.
        log: When which prefix was used.
        max_bytes: What they may take together.
        now: Seconds since 1970; None asks the clock.
    """
    encode, stats = model.parts.encoder.encode, model.cache.stats()
    bytes_per_token = stats.block_bytes / stats.block_tokens
    sizes = {
        name: int(len(encode(prefix.prompt, for_answer=False, tenant=prefix.tenant)) * bytes_per_token)
        for name, prefix in known.items()
    }
    names = predict(log, sizes, max_bytes=max_bytes, now=time.time() if now is None else now)
    return [known[name] for name in names]
