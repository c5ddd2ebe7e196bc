"""An answer as it comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterator

from semantic_cache.answer import Answer
from semantic_cache.errors import SamewiseError

__all__ = ["AnswerStream", "AsyncAnswerStream"]


class AnswerStream(Iterator[str]):
    """Iterates over an answer's pieces; afterwards `answer` is the whole Answer.

    Close it when it is not read to its end, so that others who asked the same need not wait.
    """

    def __init__(self, flow: Generator[str, None, Answer]) -> None:
        self._flow = flow
        self._answer: Answer | None = None
        # A cancelled task may close the stream while a thread still computes its next piece.
        self._lock = threading.Lock()

    def __next__(self) -> str:
        with self._lock:
            try:
                return next(self._flow)
            except StopIteration as end:
                if self._answer is None:
                    self._answer = end.value
                raise

    @property
    def answer(self) -> Answer:
        """The Answer.

        Raises:
            SamewiseError: The stream was not read to its end.
        """
        if self._answer is None:
            raise SamewiseError("The answer is not complete yet: read the stream to its end first.")
        return self._answer

    def drain(self) -> Answer:
        """Read to the end and return the Answer."""
        for _ in self:
            pass
        return self.answer

    def close(self) -> None:
        """Stop here; what the answer held is let go. Idempotent."""
        with self._lock:
            self._flow.close()


class AsyncAnswerStream(AsyncIterator[str]):
    """The same, each step taken off the event loop."""

    def __init__(self, stream: AnswerStream) -> None:
        self._stream = stream

    async def __anext__(self) -> str:
        piece = await asyncio.to_thread(next, self._stream, None)
        if piece is None:
            raise StopAsyncIteration
        return piece

    @property
    def answer(self) -> Answer:
        """The Answer, once the stream has been read to its end."""
        return self._stream.answer

    async def aclose(self) -> None:
        """Stop here. Idempotent."""
        await asyncio.to_thread(self._stream.close)
