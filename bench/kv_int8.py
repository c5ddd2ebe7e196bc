"""What rounding a kept prefix to 8 bits does to the answers: divergence from the exact prefix.

    python bench/kv_int8.py [--model PATH] [--dtype float32] [--tokens 300] [--answers 6] [--decode 64] [--threads 1]

For each question after the same document: the logits of its first token, and `decode` greedy tokens, once over the
exact prefix and once over the one that went to disk as int8 and back. Only the blocks of the prefix are rounded.

logits     largest and mean difference, beside the range of the exact logits; and over the whole exact answer, fed
           token by token to both
agreement  share of the greedy tokens that are the same at the same place; `until` is the first that is not

Writes bench/out/kv_int8.json and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

import machine
import torch
from document_prompts import bundled_model, document_prompts

from kvcache import LocalModel
from kvcache.grid import Block, Grid
from kvcache.kept import Kept
from kvcache.tiers import TierBlock, TierConfig
from kvcache.tiers.disk_tier import DiskTier
from kvcache.tiers.fingerprint import Fingerprint

_QUESTIONS = (
    "What is this document about, and who wrote it down for whom?",
    "Which dates and places does it name in its first half?",
    "Who should read it, and why would they want to do so?",
    "What happens in an emergency, and whom should I call first?",
    "List the main points in the order in which they come.",
    "What does it not say that a newcomer would have to know?",
)


@dataclass(frozen=True)
class Row:
    """One question's divergence."""

    question: str
    first_largest: float
    first_mean: float
    answer_largest: float
    answer_mean: float
    range: float
    same_tokens: int
    tokens: int
    until: int | None


class Bench:
    """One model, one prefix, exact and rounded."""

    def __init__(self, folder: str, dtype: str, tokens: int) -> None:
        self.model = LocalModel.load(folder, dtype=dtype)
        self.engine = self.model._parts.engine
        prompts = document_prompts(self.model, tokens, _QUESTIONS)
        self.prompts = [self.model._parts.encoder.encode(next(prompts)) for _ in _QUESTIONS]
        self.shared = _shared(self.prompts)
        self.blocks = Grid(128).cut(self.prompts[0][: self.shared])
        self.exact = self._computed()
        self.rounded = _through_disk(self.blocks, self.exact)

    def row(self, number: int, decode: int) -> Row:
        suffix = self.prompts[number][self.shared :]
        exact = self._greedy(self.exact, suffix, decode, None)
        answer = [int(logits.argmax()) for logits in exact]
        rounded = self._greedy(self.rounded, suffix, decode, answer)
        free = [int(logits.argmax()) for logits in self._greedy(self.rounded, suffix, decode, None)]
        off = [(one - other).abs() for one, other in zip(exact, rounded, strict=True)]
        differing = [at for at, pair in enumerate(zip(answer, free, strict=True)) if pair[0] != pair[1]]
        return Row(
            question=_QUESTIONS[number],
            first_largest=float(off[0].max()),
            first_mean=float(off[0].mean()),
            answer_largest=max(float(one.max()) for one in off),
            answer_mean=mean(float(one.mean()) for one in off),
            range=float(exact[0].max() - exact[0].min()),
            same_tokens=decode - len(differing),
            tokens=decode,
            until=differing[0] if differing else None,
        )

    def _computed(self) -> list[Kept]:
        cache, kept, start = self.engine.new_cache(self.shared), [], 0
        for block in self.blocks:
            self.engine.forward(block, cache)
            kept.append(Kept(cache.copy_block(start, start + len(block))))
            start += len(block)
        return kept

    def _greedy(
        self, prefix: Sequence[Kept], suffix: Sequence[int], decode: int, forced: Sequence[int] | None
    ) -> list[torch.Tensor]:
        """Logits of `decode` tokens; each step reads the likeliest token, or the one that is forced."""
        cache = self.engine.new_cache(self.shared + len(suffix) + decode)
        cache.fill([kept.states for kept in prefix])
        logits = [self.engine.forward(suffix, cache)]
        for step in range(decode - 1):
            token = int(logits[-1].argmax()) if forced is None else forced[step]
            logits.append(self.engine.forward([token], cache))
        return logits


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    rows = []
    with torch.inference_mode():
        bench = Bench(str(options.model or bundled_model()), options.dtype, options.tokens)
        for number in range(min(options.answers, len(_QUESTIONS))):
            print(f"question {number + 1} …", file=sys.stderr)
            rows.append(bench.row(number, options.decode))
    report = machine.describe("torch", "transformers") | {"prefix_tokens": bench.shared, "dtype": options.dtype}
    machine.write("kv_int8", report | {"rows": [asdict(row) for row in rows]})
    print(f"Prefix of {bench.shared} tokens, {options.dtype}.\n")
    print("\n".join(_table(rows)))


def _shared(prompts: Sequence[Sequence[int]]) -> int:
    """Tokens that all prompts begin with."""
    pairs = enumerate(zip(*prompts, strict=False))
    return next((at for at, tokens in pairs if len(set(tokens)) > 1), min(map(len, prompts)) - 1)


def _through_disk(blocks: Sequence[Block], exact: Sequence[Kept]) -> list[Kept]:
    with tempfile.TemporaryDirectory() as folder:
        config = TierConfig(folder=Path(folder), int8=True)
        tier = DiskTier(config, Fingerprint.of({"bench": "int8"}), torch.device("cpu"))
        for depth, kept in enumerate(exact, start=1):
            tier.put("public", blocks[:depth], TierBlock(kept, 1e9))
        tier.flush()
        rounded = [block.kept for block in tier.load("public", blocks, 0, len(blocks))]
        tier.close()
    if len(rounded) != len(exact) or any(kept.exact for kept in rounded):
        raise SystemExit("the prefix did not come back rounded")
    return rounded


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| question | first token: largest, mean | whole answer: largest, mean | range | same greedy tokens | until |"
    yield "|" + "---|" * 6
    for row in rows:
        yield (
            f"| {row.question} | {row.first_largest:.3f}, {row.first_mean:.4f} "
            f"| {row.answer_largest:.3f}, {row.answer_mean:.4f} | {row.range:.1f} "
            f"| {row.same_tokens} of {row.tokens} | {'–' if row.until is None else row.until} |"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder or hub id; default: the bundled model")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--tokens", type=int, default=300, help="length of the first prompt")
    parser.add_argument("--answers", type=int, default=6, help="questions to ask")
    parser.add_argument("--decode", type=int, default=64, help="greedy tokens a question")
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    return parser.parse_args()


if __name__ == "__main__":
    main()
