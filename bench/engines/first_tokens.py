"""What an engine is asked for, and how it answers: run by the engine's own interpreter, standard library only.

    python -m engines.ENGINE JOB.json REPORT.jsonl        (in the folder bench/)

The job is what `prefix_engines.Job` says. The report has the engine's version in its first line and one document's
figures in each line after it, written as soon as they are known: what breaks later does not take them back.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Engine", "main"]

_WARM_UP_TOKENS = 64


class Engine(Protocol):
    """One model, one request at a time, greedy. Prompts are token ids."""

    @property
    def version(self) -> str: ...

    def forget(self) -> None:
        """Give up everything kept of earlier prompts."""

    def first_token(self, ids: Sequence[int]) -> int:
        """Read the prompt and choose one token; how many of its tokens did not have to be computed."""

    def decode(self, ids: Sequence[int], count: int) -> float:
        """Seconds that `count` tokens after the first one take, after a prompt that has been read before."""


def main(load: Callable[[dict[str, Any]], Engine]) -> None:
    """Load the engine for the job named on the command line, ask it everything, write the report."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with Path(sys.argv[2]).open("w", encoding="utf-8") as report:
        engine = load(job)
        _write(report, {"version": engine.version})
        # A first pass starts libraries up, which is not what a cold prompt is about.
        engine.first_token(job["documents"][0]["prompts"][0][:_WARM_UP_TOKENS])
        for document in job["documents"]:
            _write(report, _ask(engine, document, job["decode_tokens"]))


def _ask(engine: Engine, document: dict[str, Any], decode_tokens: int) -> dict[str, Any]:
    engine.forget()  # the documents begin alike
    first, *others = document["prompts"]
    cold_seconds, _ = _timed(engine, first)
    warm = [_timed(engine, prompt) for prompt in others]
    return {
        "tokens": document["tokens"],
        "cold_seconds": cold_seconds,
        "warm_seconds": [seconds for seconds, _ in warm],
        "cached_tokens": [cached for _, cached in warm],
        "decode_seconds": [engine.decode(others[-1], decode_tokens) / decode_tokens],
    }


def _timed(engine: Engine, ids: Sequence[int]) -> tuple[float, int]:
    began = time.perf_counter()
    cached = engine.first_token(ids)
    return time.perf_counter() - began, cached


def _write(report: Any, line: dict[str, Any]) -> None:
    print(json.dumps(line), file=report, flush=True)
