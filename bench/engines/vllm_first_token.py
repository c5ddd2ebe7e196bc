"""vLLM's build for the CPU, in this process, with its prefix caching.

It keeps whole blocks only. Its default on the CPU, 128 tokens, would have it compute up to 127 tokens of the document
again; 32 is the finest that its kernels are made for.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import vllm  # type: ignore[import-not-found]  # installed by `make engines`, into another environment
from engines.first_tokens import main

_BLOCK_TOKENS = 32


class VLLM:
    """The weights of the model's folder, in the job's type."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.version = str(vllm.__version__)
        self._model: Any = vllm.LLM(
            job["model"],
            dtype=job["dtype"],
            max_model_len=job["context"],
            block_size=_BLOCK_TOKENS,
            max_num_seqs=1,
            enforce_eager=True,
            enable_prefix_caching=True,
            seed=0,
        )

    def forget(self) -> None:
        self._model.reset_prefix_cache()

    def first_token(self, ids: Sequence[int]) -> int:
        return int(self._generate(ids, 1).num_cached_tokens or 0)

    def decode(self, ids: Sequence[int], count: int) -> float:
        first = self._seconds(ids, 1)
        return self._seconds(ids, 1 + count) - first

    def _seconds(self, ids: Sequence[int], tokens: int) -> float:
        began = time.perf_counter()
        self._generate(ids, tokens)
        return time.perf_counter() - began

    def _generate(self, ids: Sequence[int], tokens: int) -> Any:
        greedy = vllm.SamplingParams(temperature=0.0, max_tokens=tokens, ignore_eos=True, detokenize=False)
        (output,) = self._model.generate({"prompt_token_ids": list(ids)}, greedy, use_tqdm=False)
        return output


if __name__ == "__main__":
    main(VLLM)
