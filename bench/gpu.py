"""Time to the first token on a GPU: a Llama-3.1-8B in shape, with random weights, after prefixes of 4K to 64K tokens.

    python bench/gpu.py [--tokens 4096,16384,32768,65536] [--repeats 5] [--decode 32] [--layers 32] [--hidden 4096]
    python bench/gpu.py --device cpu --tiny        tries the script out; its figures mean nothing

cold       a question through kvcache with nothing kept, block by block;  one pass: transformers, the whole prompt
in place   a new question after the same prefix, which lies in a waiting buffer
copied     the same without waiting buffers: the prefix is copied from its blocks on the device
host, disk the prefix has been given up on the device;  disk, cold: after the system let go of the files' pages
floor      transformers' pass over the question, the prefix in a DynamicCache, nothing else
deep copy  copy.deepcopy of that cache, then the same pass

Prompts are token ids: nothing is rendered or encoded, nothing is fetched. Weights take 16 GB, and 64K tokens 8.6 GB
each time they are held: kept, in a buffer, in host memory, on disk. A tier is asked only where that is quicker; in
brackets, what share of the prefix it gave if not all. After up to 4K tokens, logits are compared bit for bit with those
of no cache. Writes bench/out/gpu.json (gpu_tiny.json) and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import copy
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import machine
import torch
from byte_tokenizer import byte_tokenizer
from gpu_model import Prompts, llama_config
from gpu_table import Row, table
from transformers import AutoModelForCausalLM, DynamicCache, PreTrainedModel

from kvcache import KVCacheConfig, LocalModel, TierConfig
from kvcache.assembly import _fit
from kvcache.loader import Loaded
from kvcache.nodes import Choice
from kvcache.tiers.folder import forget_cached_pages

_ROOM_TOKENS, _MOST_CHECKED_TOKENS = 2048, 4096


class Bench:
    """One network, and the ways to ask it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.device = torch.device(options.device)
        self.repeats, self.decode = options.repeats, options.decode
        self.vocabulary = 1024 if options.tiny else 128_256
        config: Any = llama_config(options.layers, options.hidden, self.vocabulary)
        with self.device:
            self.network = _network(config)
        self.weights = sum(weight.nbytes for weight in self.network.parameters())
        values = config.num_hidden_layers * config.num_key_value_heads * config.head_dim
        self.token_bytes = 4 * values  # a key and a value, two bytes each

    def model(self, tokens: int, *, waiting: bool, tiers: TierConfig) -> LocalModel:
        """With room for one prompt in blocks, and where asked for one in a buffer."""
        room = (tokens + _ROOM_TOKENS) * self.token_bytes * 5 // 4 + (self.repeats + 4) * 8 * self.vocabulary
        buffer = room if waiting else 0
        config = KVCacheConfig(max_bytes=room + buffer, buffer_bytes=buffer, pin_bytes=0, tiers=tiers)
        return LocalModel(_fit(Loaded(self.network, byte_tokenizer()), config))

    def place_and_host(self, rows: Sequence[Row]) -> None:
        """Cold, from a waiting buffer, from host memory."""
        most = max(row.tokens for row in rows)
        host = TierConfig(host_bytes=2 * (most + _ROOM_TOKENS) * self.token_bytes)
        model = self.model(most, waiting=True, tiers=host)
        model.generate(Prompts(64, self.vocabulary).question(), max_tokens=2)  # the first pass starts libraries up
        for row in rows:
            prompts = self._cold(model, row)
            for _ in range(self.repeats):
                self._ask(model, row, prompts, "in place", decode=True)
            stats = model.cache.stats()
            row.memory |= {"blocks": stats.cached_bytes, "buffers": stats.buffer_bytes, "peak, ours": self._peak()}
            if self.device.type == "cuda":
                for _ in range(self.repeats):
                    _forget_above(model)
                    self._ask(model, row, prompts, "host")
                self._check(model, row, prompts, "host")
            model.cache.clear()
        model.cache.close()

    def copied_and_disk(self, rows: Sequence[Row], folder: Path) -> None:
        """From blocks on the device, from disk."""
        most = max(row.tokens for row in rows)
        room = 2 * (most + _ROOM_TOKENS) * self.token_bytes
        tiers = TierConfig(folder=folder, host_bytes=0, disk_bytes=2 * room, queue_bytes=room)
        model = self.model(most, waiting=False, tiers=tiers)
        for row in rows:
            prompts = self._cold(model, row)
            for _ in range(self.repeats):
                self._ask(model, row, prompts, "copied")
            for way in ("disk", "disk, cold") * self.repeats:
                model.cache._below._lower.flush()  # type: ignore[attr-defined]
                _forget_above(model)
                for path in (folder / "blocks").iterdir() if way == "disk, cold" else ():
                    forget_cached_pages(path)
                self._ask(model, row, prompts, way)
            self._check(model, row, prompts, "disk")
            model.cache.clear()
        model.cache.close()

    @torch.inference_mode()
    def transformers(self, row: Row) -> None:
        """One pass, floor and deep copy; the same network."""
        prompts, kept = Prompts(row.tokens, self.vocabulary), DynamicCache()
        self._restart_peak()
        self._timed(row, "one pass", lambda: self._step((*prompts.prefix, *prompts.question()), kept))
        kept.crop(row.tokens - kept.get_seq_length())  # it wants how many to take off
        for _ in range(self.repeats):
            question = prompts.question()
            self._timed(row, "floor", lambda: self._step(question, kept))  # noqa: B023  (called at once)
            kept.crop(row.tokens - kept.get_seq_length())
            self._timed(row, "deep copy", lambda: self._step(question, copy.deepcopy(kept)))  # noqa: B023
        own = copy.deepcopy(kept)
        token, began = self._step(prompts.question(), own), time.perf_counter()
        for _ in range(self.decode):
            token = self._step((token,), own)
        row.decode_per_second["transformers"] = self.decode / (time.perf_counter() - began)
        row.memory["peak, deep copy"] = self._peak()

    def _cold(self, model: LocalModel, row: Row) -> Prompts:
        print(f"{row.tokens} tokens, cold …", file=sys.stderr)
        self._restart_peak()
        prompts = Prompts(row.tokens, self.vocabulary)
        self._ask(model, row, prompts, "cold")
        return prompts

    def _ask(self, model: LocalModel, row: Row, prompts: Prompts, way: str, *, decode: bool = False) -> None:
        self._wait()
        began = time.perf_counter()
        answer = model.generate((*prompts.prefix, *prompts.question()), max_tokens=self.decode + 1 if decode else 1)
        self._wait()
        whole = time.perf_counter() - began
        row.add(way, answer.first_token_seconds)
        row.read[way] = min(1.0, answer.usage.cached_tokens / row.tokens)
        if decode and len(answer.token_ids) > 1:
            row.decode_per_second["ours"] = (len(answer.token_ids) - 1) / (whole - answer.first_token_seconds)

    def _check(self, model: LocalModel, row: Row, prompts: Prompts, way: str) -> None:
        """Whether the logits are bit for bit those of no cache, after short prefixes: the cold pass takes long."""
        if row.tokens > _MOST_CHECKED_TOKENS:
            return
        for place in ("device", way):
            prompt = (*prompts.prefix, *prompts.question())
            cold = model.next_logits(prompt, cache=False)
            if place != "device":
                _forget_above(model)
            row.exact[place] = torch.equal(cold, model.next_logits(prompt)) and row.exact.get(place, True)

    def _step(self, ids: Sequence[int], cache: DynamicCache) -> int:
        """The next token; choosing it waits for the device."""
        inputs = torch.tensor([ids], device=self.device)
        output = self.network(inputs, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return int(output.logits[0, -1].argmax())

    def _timed(self, row: Row, way: str, work: Callable[[], object]) -> None:
        self._wait()
        began = time.perf_counter()
        work()
        row.add(way, time.perf_counter() - began)

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _restart_peak(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def _peak(self) -> int:
        return torch.cuda.max_memory_allocated(self.device) if self.device.type == "cuda" else 0


def main() -> None:
    options = _options()
    if options.device == "cpu" and not options.tiny:
        raise SystemExit("On a processor this model takes hours. Give --tiny too, to try the script out.")
    if options.device != "cpu" and not torch.cuda.is_available():
        raise SystemExit(
            f"Skipped: cold, in place, copied, host, disk, floor and deep copy at {options.tokens} tokens, for "
            "torch finds no CUDA device. Try the script with --device cpu --tiny."
        )
    if options.device == "cpu":
        print("skipped: host, for on a processor the prefix cache lies in host memory itself; peaks", file=sys.stderr)
    bench, rows = Bench(options), [Row(tokens) for tokens in options.tokens]
    bench.place_and_host(rows)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench.copied_and_disk(rows, Path(folder))
    for row in rows:
        bench.transformers(row)
    on_gpu = bench.device.type == "cuda"
    report = machine.describe("torch", "transformers") | {
        "device": torch.cuda.get_device_name(bench.device) if on_gpu else "cpu",
        "shape": {"layers": options.layers, "hidden": options.hidden, "token_bytes": bench.token_bytes},
        "weights": bench.weights,
        "load": os.getloadavg(),
    }
    spreads = [{way: machine.spread(seconds) for way, seconds in row.seconds.items()} for row in rows]
    report["rows"] = [asdict(row) | {"spread": spread} for row, spread in zip(rows, spreads, strict=True)]
    machine.write("gpu_tiny" if options.tiny else "gpu", report)
    print("\n".join(table(rows, bench.weights)))


def _network(config: Any) -> PreTrainedModel:
    network: Any = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)  # type: ignore[no-untyped-call]
    made: PreTrainedModel = network.train(False)
    return made


def _forget_above(model: LocalModel) -> None:
    """Give everything up on the device, and nothing below: clearing the cache would clear the tiers too."""
    cache = model.cache
    with cache._lock:
        cache._tree.clear(Choice())
        cache._buffers.forget_dropped()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="a torch device")
    parser.add_argument("--tiny", action="store_true", help="a few hundred tokens, two layers")
    parser.add_argument("--tokens", type=_sizes, help="prefix lengths; default 4096,16384,32768,65536")
    parser.add_argument("--layers", type=int, help="default 32")
    parser.add_argument("--hidden", type=int, help="default 4096; a multiple of 128")
    parser.add_argument("--repeats", type=int, default=5, help="warm questions of each kind")
    parser.add_argument("--decode", type=int, default=32, help="tokens to generate for the decoding rate")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure")
    options = parser.parse_args()
    options.tokens = options.tokens or ([256, 512] if options.tiny else [4096, 16_384, 32_768, 65_536])
    options.layers = options.layers or (4 if options.tiny else 32)
    options.hidden = options.hidden or (512 if options.tiny else 4096)
    return options


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
