"""llama.cpp through llama-cpp-python, which keeps the last prompt's states and goes on where the next one differs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import llama_cpp  # type: ignore[import-not-found]  # installed by `make engines`, into another environment
from engines.first_tokens import main


class LlamaCpp:
    """The 4-bit weights of a GGUF file."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.version = str(llama_cpp.__version__)
        threads = job["threads"]
        self._model: Any = llama_cpp.Llama(
            job["model"], n_ctx=job["context"], n_threads=threads, n_threads_batch=threads, verbose=False
        )

    def forget(self) -> None:
        self._model.reset()

    def first_token(self, ids: Sequence[int]) -> int:
        # The last token is always computed: its logits are not kept.
        held = self._model.input_ids[: self._model.n_tokens].tolist()
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(held, ids[:-1], strict=False)))
        next(self._tokens(ids))
        return shared

    def decode(self, ids: Sequence[int], count: int) -> float:
        tokens = self._tokens(ids)
        next(tokens)
        began = time.perf_counter()
        for _ in range(count):
            next(tokens)
        return time.perf_counter() - began

    def _tokens(self, ids: Sequence[int]) -> Iterator[int]:
        tokens: Iterator[int] = self._model.generate(list(ids), temp=0.0)
        return tokens


if __name__ == "__main__":
    main(LlamaCpp)
