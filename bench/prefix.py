"""Time to the first token after a kept prefix, beside the floor: the same forward pass with everything in place.

    python bench/prefix.py [--model PATH] [--dtype float32] [--tokens 1024,2048] [--repeats 7] [--threads 1]
    python bench/prefix.py --engines        vLLM and llama.cpp beside it, where `make engines` has put them

ours        a new question through kvcache after the same document: rendering, encoding, lookup, pass, choice
repeat      a question through kvcache that has been asked before
floor       transformers' forward pass of the question over a cache that holds the document; ids at hand, nothing else
own floor   the same pass over kvcache's own buffer, whose attention copies less than transformers'
deep copy   copy.deepcopy of a cache that holds exactly the document, then encoding and transformers' pass
none        transformers, the whole prompt in one pass;  cold: kvcache with nothing kept

The ways take turns within one run, question by question. Bookkeeping is what ours takes beside encoding and the pass.
Decoding rates are of the tokens after the first. Bytes are of keys, values and logits: kept between requests, and with
one running. Writes bench/out/prefix.json and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import copy
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from statistics import median
from typing import Any

import machine
import torch
from document_prompts import Messages, bundled_model, document_prompts, sizes
from engine_process import Document, Engine, Job, Outcome, Times, run
from prefix_engines import add_options, chosen, table
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.cache_utils import DynamicLayer

from kvcache import KVCacheConfig, LocalModel

_QUESTIONS = (
    "What is this document about, and who wrote it down for whom?",
    "Which dates and places does it name in its first half?",
    "Who should read it, and why would they want to do so?",
    "What happens in an emergency, and whom should I call first?",
    "List the main points in the order in which they come.",
    "What does it not say that a newcomer would have to know?",
    "Which of all these rules matters most on an ordinary day?",
)
_DECODED = {False: 12, True: 32}  # by --engines


class Watch:
    """Adds up the seconds that one method of an object takes."""

    def __init__(self, target: object, name: str) -> None:
        self.seconds: list[float] = []
        inner = getattr(target, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.seconds.append(time.perf_counter() - began)

        setattr(target, name, timed)


@dataclass
class Row:
    """Measurements at one prompt length."""

    tokens: int
    prefix_tokens: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    bytes_kept: dict[str, int] = field(default_factory=dict)
    bytes_running: dict[str, int] = field(default_factory=dict)

    def add(self, way: str, seconds: float) -> None:
        self.seconds.setdefault(way, []).append(seconds)

    def median(self, way: str) -> float:
        return median(self.seconds[way])

    def times(self) -> Times:
        """What is measured of other engines too."""
        return Times(self.tokens, self.median("cold"), self.seconds["ours"], self.seconds["decode ours"])


class Bench:
    """Both implementations over the same weights, one document at a time."""

    def __init__(self, folder: str, dtype: str, decode: int) -> None:
        # Answers that are read in the background would take their time from the ways beside ours.
        self.model = LocalModel.load(folder, dtype=dtype, cache=KVCacheConfig(read_answers=False))
        self.parts = self.model._parts
        self.plain: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
        self.plain.train(False)
        self.decode = decode
        self.encoding, self.passes = Watch(self.parts.encoder, "encode"), Watch(self.parts.engine, "forward")

    def cold(self, row: Row, messages: Messages) -> DynamicCache:
        """One run of each from nothing; returns transformers' cache of the document alone."""
        self.model.cache.clear()
        row.add("cold", self.model.generate(messages, max_tokens=1).first_token_seconds)
        cache, ids = DynamicCache(), torch.tensor([self.parts.encoder.encode(messages)])
        row.add("none", _timed(lambda: self._step(ids, cache)))
        cache.crop(row.prefix_tokens - row.tokens)
        return cache

    def ours(self, row: Row, messages: Messages) -> None:
        self.encoding.seconds.clear()
        self.passes.seconds.clear()
        began = time.perf_counter()
        answer = self.model.generate(messages, max_tokens=self.decode + 1)
        whole = time.perf_counter() - began
        first = answer.first_token_seconds
        row.add("ours", first)
        row.add("encoding", sum(self.encoding.seconds))
        row.add("bookkeeping", first - sum(self.encoding.seconds) - self.passes.seconds[0])
        row.add("decode ours", (whole - first) / max(1, len(self.passes.seconds) - 1))
        row.add("repeat", self.model.generate(messages, max_tokens=1).first_token_seconds)

    def deep_copy(self, row: Row, messages: Messages, kept: DynamicCache) -> None:
        began = time.perf_counter()
        ids = torch.tensor([self.parts.encoder.encode(messages)])
        cache = copy.deepcopy(kept)
        token = self._step(ids[:, row.prefix_tokens :], cache)
        row.add("deep copy", time.perf_counter() - began)
        row.bytes_running["deep copy"] = row.bytes_kept["deep copy"] + _bytes(cache)
        began = time.perf_counter()
        for _ in range(self.decode):
            token = self._step(token, cache)
        row.add("decode transformers", (time.perf_counter() - began) / self.decode)

    def floor(self, row: Row, messages: Messages, kept: DynamicCache) -> None:
        ids = torch.tensor([self.parts.encoder.encode(messages)[row.prefix_tokens :]])
        row.add("floor", _timed(lambda: self._step(ids, kept)))
        kept.crop(-ids.shape[1])

    def own_floor(self, row: Row, messages: Messages) -> None:
        ids = self.parts.encoder.encode(messages)
        done = self.parts.prefiller.prefill(ids, tenant="public", room=self.decode, use_cache=True)
        done.cache.keep(row.prefix_tokens)
        row.add("own floor", _timed(lambda: self.parts.engine.forward(ids[row.prefix_tokens :], done.cache)))
        self.parts.prefiller.finish(done)

    def _step(self, ids: torch.Tensor, cache: DynamicCache) -> torch.Tensor:
        output = self.plain(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        token: torch.Tensor = output.logits[:, -1].argmax(-1, keepdim=True)
        return token


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    bench = Bench(str(options.model or bundled_model()), options.dtype, options.decode or _DECODED[options.engines])
    rows: list[Row] = []
    with torch.inference_mode():
        for tokens in options.tokens:
            print(f"measuring {tokens} tokens …", file=sys.stderr)
            rows.append(_measure(bench, document_prompts(bench.model, tokens, _QUESTIONS), options.repeats))
    report = machine.describe("torch", "transformers") | {"threads": options.threads, "load": os.getloadavg()}
    outcomes = _beside(bench, options) if options.engines else []
    spreads = [{way: machine.spread(seconds) for way, seconds in row.seconds.items()} for row in rows]
    figures = {"rows": [asdict(row) | {"spread": s} for row, s in zip(rows, spreads, strict=True)]}
    machine.write("prefix", report | figures | {"engines": [asdict(outcome) for outcome in outcomes]})
    print("\n".join(_table(rows)))
    if options.engines:
        print("\n".join(table([row.times() for row in rows], outcomes)))
    else:
        print("Other engines (vLLM, llama.cpp) were not run: --engines")


def _beside(bench: Bench, options: argparse.Namespace) -> list[Outcome]:
    documents = []
    for tokens in options.tokens:
        prompts = islice(document_prompts(bench.model, tokens, _QUESTIONS), 1 + options.repeats)
        ids = [bench.parts.encoder.encode(messages) for messages in prompts]
        documents.append(Document(len(ids[0]), ids))
    job = Job(documents, options.threads, options.dtype, bench.decode)
    outcomes = []
    for engine in chosen(options):
        print(f"measuring {engine.name} …", file=sys.stderr)
        outcomes.append(run(engine, job) if isinstance(engine, Engine) else engine)
    return outcomes


def _measure(bench: Bench, prompts: Iterator[Messages], repeats: int) -> Row:
    first = next(prompts)
    system = bench.parts.encoder.encode(first[:1], for_answer=False)
    row = Row(bench.model.count_tokens(first), len(system))
    kept = bench.cold(row, first)
    row.bytes_kept["deep copy"] = _bytes(kept)
    for number in range(repeats):
        messages = next(prompts)
        ways: list[Callable[[], None]] = [
            lambda asked=messages: bench.ours(row, asked),  # type: ignore[misc]
            lambda asked=messages: bench.deep_copy(row, asked, kept),  # type: ignore[misc]
            lambda asked=messages: bench.floor(row, asked, kept),  # type: ignore[misc]
            lambda asked=messages: bench.own_floor(row, asked),  # type: ignore[misc]
        ]
        turn = number % 3  # ours comes before its own floor, which would else have asked the question already
        for way in (*ways[turn:3], *ways[:turn], ways[3]):
            way()
    stats = bench.model.cache.stats()
    row.bytes_kept["ours"] = row.bytes_running["ours"] = stats.cached_bytes + stats.buffer_bytes
    return row


def _table(rows: list[Row]) -> Iterator[str]:
    yield (
        "| prompt | prefix | cold s | none s | ours ms (quartiles) | repeat ms | floor ms | own floor ms "
        "| deep copy ms | ours ÷ floor | ours ÷ own floor | bookkeeping ms | encoding ms "
        "| decode tok/s ours, transformers | MB kept ours, deep copy (running) |"
    )
    yield "|" + "---|" * 15
    for row in rows:
        ms = {way: f"{1000 * row.median(way):.1f}" for way in row.seconds}
        ours, around = row.median("ours"), machine.spread(row.seconds["ours"])
        quartiles = f"{1000 * around['q1']:.0f}–{1000 * around['q3']:.0f}"
        kept = {way: round(size / 1e6) for way, size in row.bytes_kept.items()}
        yield (
            f"| {row.tokens} | {row.prefix_tokens} | {row.median('cold'):.2f} | {row.median('none'):.2f} "
            f"| {ms['ours']} ({quartiles}) | {ms['repeat']} | {ms['floor']} "
            f"| {ms['own floor']} | {ms['deep copy']} | {ours / row.median('floor'):.2f} "
            f"| {ours / row.median('own floor'):.2f} | {1000 * row.median('bookkeeping'):.2f} | {ms['encoding']} "
            f"| {1 / row.median('decode ours'):.1f}, {1 / row.median('decode transformers'):.1f} "
            f"| {kept['ours']}, {kept['deep copy']} ({round(row.bytes_running['deep copy'] / 1e6)}) |"
        )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bytes(cache: DynamicCache) -> int:
    layers = [layer for layer in cache.layers if isinstance(layer, DynamicLayer)]
    return sum(states.nbytes for layer in layers for states in (layer.keys, layer.values) if states is not None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder or hub id; default: the bundled model")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--tokens", type=sizes, default=[1024, 2048, 4096, 7168], help="prompt lengths")
    parser.add_argument("--repeats", type=int, default=7, help="warm questions a length")
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    parser.add_argument("--decode", type=int, help="tokens to generate for the decoding rate; 12, with --engines 32")
    add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
