"""An answer as it comes: pieces of text, and at the end what became of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import TracebackType

from kvcache.errors import KVCacheError
from kvcache.generation import Generation

__all__ = ["TextStream"]


class TextStream(Iterator[str]):
    """Pieces of an answer; joined, they are its text. Nothing runs before the first piece is asked for.

    Between pieces no lock and no lease is held. Closing it early, or dropping it, leaves the working buffer to the next
    request. One thread reads a stream; many streams may run side by side.
    """

    def __init__(self, pieces: Generator[str, None, Generation]) -> None:
        self._pieces = pieces
        self._generation: Generation | None = None

    def __next__(self) -> str:
        try:
            return next(self._pieces)
        except StopIteration as end:
            if end.value is not None:
                self._generation = end.value
            raise

    def close(self) -> None:
        """Stop here. Does nothing when the stream has ended."""
        self._pieces.close()

    @property
    def generation(self) -> Generation:
        """The finished answer.

        Raises:
            KVCacheError: The stream has not been read to its end.
        """
        if self._generation is None:
            raise KVCacheError(
                "The answer is not finished; read the stream to its end before asking for its generation."
            )
        return self._generation

    def __enter__(self) -> TextStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
