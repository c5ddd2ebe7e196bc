"""A prefix from disk beside computing it: how long each takes on this machine.

    python bench/kv_tiers.py [--model PATH] [--dtype float32] [--tokens 512,2048] [--repeats 5] [--threads 1]

compute    forward passes over the prefix, block by block, as a cold request does
warm       the disk tier's load, the files' pages in memory;  cold: after the system was told to let go of them
rounded    the same two with int8 blocks

Loading is everything: opening, checksum, token ids, copying to memory of its own. The states come out bit for bit the
same (checked here). Writes bench/out/kv_tiers.json and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import machine
import torch
from document_prompts import bundled_model, document_prompts, sizes

from kvcache import LocalModel
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.tiers import TierBlock, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.folder import forget_cached_pages

_OWNER = "public"


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    model = LocalModel.load(str(options.model or bundled_model()), dtype=options.dtype)
    rows = []
    with torch.inference_mode():
        for tokens in options.tokens:
            print(f"measuring {tokens} tokens …", file=sys.stderr)
            rows.append(_measure(model, tokens, options.repeats))
    report = machine.describe("torch", "transformers", "safetensors")
    machine.write("kv_tiers", report | {"threads": options.threads, "load": os.getloadavg(), "rows": rows})
    print("\n".join(_table(rows)))


def _measure(model: LocalModel, tokens: int, repeats: int) -> dict[str, Any]:
    blocks, computed = _computed(model, tokens)
    row: dict[str, Any] = {
        "tokens": sum(map(len, blocks)),
        "blocks": len(blocks),
        "compute": [sum(block.seconds for block in computed)],
    }
    for int8 in (False, True):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # beside the project: often /tmp is memory
            config = TierConfig(folder=Path(folder), int8=int8)
            row |= _loads(config, blocks, computed, repeats)
    return row


def _computed(model: LocalModel, tokens: int) -> tuple[tuple[Block, ...], list[TierBlock]]:
    """A prefix's blocks with their states, and what each took."""
    parts = model._parts
    ids = parts.encoder.encode(next(document_prompts(model, tokens, ("What is this?",))))[:tokens]
    blocks, cache = Grid(128).cut(ids), parts.engine.new_cache(len(ids))
    computed, start = [], 0
    for block in blocks:
        began = time.perf_counter()
        logits = parts.engine.forward(block, cache)
        seconds = time.perf_counter() - began
        computed.append(TierBlock(Kept(cache.copy_block(start, start + len(block)), logits), seconds))
        start += len(block)
    return blocks, computed


def _loads(config: TierConfig, blocks: Sequence[Block], computed: Sequence[TierBlock], repeats: int) -> dict[str, Any]:
    name = "int8 " if config.int8 else ""
    tier = DiskTier(config, Fingerprint.of({"bench": "tiers"}), torch.device("cpu"))
    try:
        for depth, block in enumerate(computed, start=1):
            tier.put(_OWNER, blocks[:depth], block)
        tier.flush()
        _check(tier.load(_OWNER, blocks, 0, len(blocks)), computed, config.int8)
        row: dict[str, Any] = {f"{name}warm": [], f"{name}cold": [], f"{name}bytes": tier.stats().tiers[0].bytes}
        for _ in range(repeats):
            for state in ("warm", "cold"):
                if state == "cold":
                    _let_go(config)
                began = time.perf_counter()
                tier.load(_OWNER, blocks, 0, len(blocks))
                row[name + state].append(time.perf_counter() - began)
        row[f"{name}found"] = tier.find(_OWNER, blocks, 0).blocks
        return row
    finally:
        tier.close()


def _check(loaded: Sequence[TierBlock], computed: Sequence[TierBlock], int8: bool) -> None:
    if len(loaded) != len(computed):
        raise SystemExit(f"{len(loaded)} of {len(computed)} blocks came back")
    for mine, theirs in zip(loaded, computed, strict=True):
        equal = all(
            torch.equal(one, other)
            for layers in zip(mine.kept.states, theirs.kept.states, strict=True)
            for one, other in zip(*layers, strict=True)
        )
        if int8 in (equal, mine.kept.exact):
            raise SystemExit("exact blocks must come back bit for bit, and rounded ones must say that they are")


def _let_go(config: TierConfig) -> None:
    if config.folder is not None:
        for path in (config.folder / "blocks").iterdir():
            forget_cached_pages(path)


def _table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "| tokens | compute s | disk warm ms | disk cold ms | int8 warm ms | int8 cold ms | MB, int8 | × warm, cold |"
    yield "|" + "---|" * 8
    for row in rows:
        ms = {way: 1000 * median(row[way]) for way in ("warm", "cold", "int8 warm", "int8 cold")}
        compute = median(row["compute"])
        yield (
            f"| {row['tokens']} | {compute:.2f} | {ms['warm']:.0f} | {ms['cold']:.0f} | {ms['int8 warm']:.0f} "
            f"| {ms['int8 cold']:.0f} | {row['bytes'] / 1e6:.0f}, {row['int8 bytes'] / 1e6:.0f} "
            f"| {1000 * compute / ms['warm']:.0f}, {1000 * compute / ms['cold']:.0f} |"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder or hub id; default: the bundled model")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--tokens", type=sizes, default=[512, 2048], help="prefix lengths")
    parser.add_argument("--repeats", type=int, default=5, help="loads of each kind")
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    return parser.parse_args()


if __name__ == "__main__":
    main()
