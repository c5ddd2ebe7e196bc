"""Time to the first token after a shared document: kvcache against transformers without and with a kept prefix.

    python bench/first_token.py [--model PATH] [--tokens 1024,2048] [--repeats 5] [--threads 1]

cold        kvcache, nothing kept
warm        kvcache, another question after the same document
plain       transformers, whole prompt in one pass
deep copy   transformers, copy.deepcopy of a DynamicCache that holds exactly the document

Prompts are rendered and encoded within every timing. Writes bench/out/first_token.json and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import copy
import datetime
import json
import platform
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from document_prompts import Messages, bundled_model, document_prompts, sizes
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

from kvcache import KVCacheConfig, LocalModel

_ROOT = Path(__file__).parents[1]
_QUESTIONS = (
    "What is this document about?",
    "Which dates does it name?",
    "Who should read it, and why?",
    "What happens in an emergency?",
    "List the main points in order.",
    "What does it not say?",
    "Which rule matters most?",
    "How would you sum it up for a child?",
)


@dataclass
class Row:
    """Seconds to the first token, and tokens a second after it, at one prompt length."""

    tokens: int
    cached_tokens: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    decode_per_second: dict[str, float] = field(default_factory=dict)

    def add(self, way: str, seconds: float) -> None:
        self.seconds.setdefault(way, []).append(seconds)

    def median(self, way: str) -> float:
        return statistics.median(self.seconds[way])


class Plain:
    """The same model and prompts through transformers alone."""

    def __init__(self, folder: str) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.network: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.network.train(False)

    def encode(self, messages: Messages, *, answer: bool = True) -> torch.Tensor:
        ids = self.tokenizer.apply_chat_template(messages, add_generation_prompt=answer, return_dict=False)
        return torch.tensor([ids])

    def step(self, ids: torch.Tensor, cache: DynamicCache) -> torch.Tensor:
        output = self.network(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        token: torch.Tensor = output.logits[:, -1].argmax(-1, keepdim=True)
        return token

    def answer(self, messages: Messages, start: Callable[[], DynamicCache], tokens: int) -> tuple[float, float]:
        """Seconds to the first token, and for the `tokens` - 1 after it, from whatever cache `start` makes."""
        began = time.perf_counter()
        ids, cache = self.encode(messages), start()
        token = self.step(ids[:, cache.get_seq_length() :], cache)
        first = time.perf_counter()
        for _ in range(tokens - 1):
            token = self.step(token, cache)
        return first - began, time.perf_counter() - first


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    folder = options.model or bundled_model()
    model, plain = LocalModel.load(folder, cache=KVCacheConfig(read_answers=False)), Plain(str(folder))
    rows = []
    with torch.inference_mode():
        for tokens in options.tokens:
            print(f"measuring {tokens} tokens …", file=sys.stderr)
            rows.append(_measure(model, plain, document_prompts(model, tokens, _QUESTIONS), options))
    _write(rows, options)
    print("\n".join(_table(rows)))


def _measure(model: LocalModel, plain: Plain, prompts: Iterator[Messages], options: argparse.Namespace) -> Row:
    first = next(prompts)
    row = Row(model.count_tokens(first))
    document = plain.encode(first[:1], answer=False)
    kept = DynamicCache()
    plain.step(document, kept)
    for _ in range(options.cold_repeats):
        model.cache.clear()
        row.add("cold", model.generate(first, max_tokens=1).first_token_seconds)
        row.add("plain", plain.answer(first, DynamicCache, 1)[0])
    ours = theirs = ours_tokens = 0.0
    for messages in (next(prompts) for _ in range(options.repeats)):
        began = time.perf_counter()
        answer = model.generate(messages, max_tokens=options.decode, temperature=1.0, seed=1)
        ours += time.perf_counter() - began - answer.first_token_seconds
        ours_tokens += len(answer.token_ids) - (answer.finish_reason == "length")
        row.add("warm", answer.first_token_seconds)
        row.cached_tokens = answer.usage.cached_tokens
        seconds, decoding = plain.answer(messages, lambda: copy.deepcopy(kept), options.decode)
        theirs += decoding
        row.add("deep copy", seconds)
    row.decode_per_second = {
        "kvcache": ours_tokens / ours,
        "transformers": options.repeats * (options.decode - 1) / theirs,
    }
    return row


def _table(rows: list[Row]) -> Iterator[str]:
    yield (
        "| prompt | kept | cold s | warm s | spread | cold ÷ warm | plain ÷ warm | deep copy ÷ warm "
        "| cold ÷ plain | decode tok/s (÷ transformers) |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        warm, ours, theirs = row.median("warm"), *row.decode_per_second.values()
        yield (
            f"| {row.tokens} | {row.cached_tokens} | {row.median('cold'):.2f} | {warm:.2f} "
            f"| {min(row.seconds['warm']):.2f}–{max(row.seconds['warm']):.2f} | {row.median('cold') / warm:.1f} "
            f"| {row.median('plain') / warm:.1f} | {row.median('deep copy') / warm:.2f} "
            f"| {row.median('cold') / row.median('plain'):.2f} | {ours:.1f} ({ours / theirs:.2f}) |"
        )


def _write(rows: list[Row], options: argparse.Namespace) -> None:
    options.out.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", *sys.argv]),
        "machine": {"system": platform.platform(), "processor": _processor(), "threads": torch.get_num_threads()},
        "versions": {
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "transformers": transformers.__version__,
        },
        "rows": [{**asdict(row), "medians": {way: row.median(way) for way in row.seconds}} for row in rows],
    }
    options.out.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text("utf-8").splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder or hub id; default: the bundled model")
    parser.add_argument("--tokens", type=sizes, default=[1024, 2048, 4096, 7168], help="prompt lengths")
    parser.add_argument("--repeats", type=int, default=5, help="warm questions a length")
    parser.add_argument("--cold-repeats", type=int, default=1, help="cold runs a length")
    parser.add_argument("--threads", type=int, default=1, help="torch threads")
    parser.add_argument("--decode", type=int, default=17, help="tokens to generate for the decoding rate")
    parser.add_argument("--out", type=Path, default=_ROOT / "bench" / "out" / "first_token.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()
