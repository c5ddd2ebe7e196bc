"""Answers that are read like the rest of a prompt once they are out, so that the next turn of the talk finds them.

    first request   system | question 1 | answer 1
    read              ■    |     ■      |  decoded, token by token: other bits than reading them in a block
    a moment later                      |     ■      read on the block grid, in the background, and kept
    second request  system | question 1 | answer 1 | question 2
    found             ■    |     ■      |     ■    |

So an answer extends its prompt, and a hit on it still is bit for bit what a miss computes.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcache.breakpoints import Breakpoints
from kvcache.generation import Generation
from kvcache.scopes import Owners

if TYPE_CHECKING:
    from kvcache.grid import Grid
    from kvcache.prompt import Prompt, PromptEncoder
    from kvcache.quiet_reader import QuietReader

__all__ = ["AnswerReader", "Answered"]

_LOG = logging.getLogger(__name__)

#: Whoever reads an answer and asks on takes longer than that; a request right after another does not wait for a pass.
_QUIET_SECONDS = 0.5
#: Answers of long ago are the least likely to be asked on to.
_MOST_WAITING = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """A request and its answer.

    Args:
        prompt: As it was given.
        token_ids: The prompt in token ids.
        whose: Whose blocks it read; it writes as the last.
        points: Its breakpoints.
        clears: How often anything had been cleared before it; see PrefixLease.
    """

    prompt: Prompt
    token_ids: tuple[int, ...]
    whose: Owners
    points: Breakpoints
    clears: int


class AnswerReader:
    """Reads answers of one model in a thread that lives while there are any. Safe to use from many threads.

    Args:
        reader: Waits for quiet moments.
        encoder: Renders the talk as the next request will.
        grid: Says which blocks a longer prompt shares.
        quiet_seconds: How long no request must have computed before a block is begun.
    """

    def __init__(
        self, reader: QuietReader, encoder: PromptEncoder, grid: Grid, *, quiet_seconds: float = _QUIET_SECONDS
    ) -> None:
        self._reader = reader
        self._encoder = encoder
        self._grid = grid
        self.quiet_seconds = quiet_seconds
        self._waiting: deque[tuple[Answered, Generation]] = deque(maxlen=_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()

    def offer(self, asked: Answered, answer: Generation) -> None:
        """Read this answer when there is time. When too many wait, the oldest is left out: it is read when asked on."""
        with self._lock:
            if self._cancelled.is_set():
                return
            self._waiting.append((asked, answer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="answer-reader", daemon=True)
                self._thread.start()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until all answers are read; False when they are not in time."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_seconds)
        return thread is None or not thread.is_alive()

    def close(self) -> None:
        """Read no further block, and take no more answers."""
        self._cancelled.set()
        self.wait()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._cancelled.is_set():
                    self._waiting.clear()
                    self._thread = None
                    return
                asked, answer = self._waiting.popleft()
            try:
                self._read(asked, answer)
            except Exception as error:  # noqa: BLE001  (whatever it is, the next answer is still to be read)
                # Its kind alone: a message may hold words of the prompt.
                _LOG.warning("An answer was not read ahead: %s", type(error).__name__)

    def _read(self, asked: Answered, answer: Generation) -> None:
        self._reader.read(
            self._continued(asked, answer),
            asked.whose,
            asked.points,
            quiet_seconds=self.quiet_seconds,
            cancelled=self._cancelled,
            since=asked.clears,
        )

    def _continued(self, asked: Answered, answer: Generation) -> tuple[int, ...]:
        """Prompt and answer as far as every prompt that goes on with them is cut alike; empty when none may."""
        first = asked.prompt[0]
        if isinstance(first, Mapping):
            talk: Sequence[Mapping[str, str]] = [*asked.prompt, {"role": "assistant", "content": answer.text}]
            ids = self._encoder.encode(talk, for_answer=False, tenant=asked.whose[-1].tenant or "")
        else:
            ids = (*asked.token_ids, *answer.token_ids)
        # Some templates render an answer otherwise once it is a turn of the past.
        if ids[: len(asked.token_ids)] != asked.token_ids:
            return ()
        *blocks, last = self._grid.cut(ids, asked.points.cuts)
        is_turn = isinstance(first, Mapping) and self._grid.has_turns
        return ids if is_turn or len(last) == self._grid.block_tokens else ids[: sum(map(len, blocks))]
