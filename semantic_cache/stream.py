"""An answer as it comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import Executor

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
        # One thread may close the stream while another still computes its next piece.
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
    """The same for an event loop.

    The whole answer is made in one thread. Were each piece a task of its own, those who wait for a leader could take
    every thread of the pool, and the leader would never get one for its next piece.
    """

    def __init__(self, stream: AnswerStream, threads: Executor) -> None:
        self._stream = stream
        self._threads = threads
        self._left = threading.Event()
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._pump: asyncio.Future[None] | None = None
        self._ended = False

    async def __anext__(self) -> str:
        if self._ended:
            raise StopAsyncIteration
        if self._pump is None:
            loop = asyncio.get_running_loop()
            self._pump = loop.run_in_executor(self._threads, self._produce, loop)
        piece = await self._pieces.get()
        if piece is None:
            self._ended = True
            await self._pump  # raises what the answer raised
            raise StopAsyncIteration
        return piece

    @property
    def answer(self) -> Answer:
        """The Answer, once the stream has been read to its end."""
        return self._stream.answer

    async def aclose(self) -> None:
        """Stop here: the thread leaves after the piece it is at. Idempotent."""
        self._left.set()
        self._ended = True
        if self._pump is None:
            self._stream.close()
        else:
            await asyncio.wait([self._pump])

    def _produce(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for piece in self._stream:
                if self._left.is_set():
                    break
                loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
        finally:
            self._stream.close()
            loop.call_soon_threadsafe(self._pieces.put_nowait, None)
