"""Which answers are served in conversations: rightly, where another one was about the same, and wrongly.

    python bench/conversations.py [--budgets 0.01 0.05]

`bench/conversations.jsonl` holds pairs of conversations, written for this project and never learned from: an answer
was stored in the first, then the second asks. Ours stands beside two ways in which caches read a conversation that know
no turns: its last message alone, and all of its messages as one text. Both go through our own matching, so that nothing
but the reading differs. *Rules alone* is ours without the model of conversations.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from machine import describe, write

from semantic_cache import Budget, SemanticCache, Settings

_CASES = Path(__file__).with_name("conversations.jsonl")
KINDS = {
    "a": "same last message, another conversation",
    "b": "complete question after small talk",
    "c": "same follow-up, same conversation in other words",
    "d": "follow-up against the complete question",
    "e": "follow-up against another complete question",
    "f": "complete, but the user said more before",
    "g": "a correction before",
    "h": "near miss after small talk",
    "i": "about the assistant's words",
    "j": "a wish for language or form before",
}
Side = dict[str, Any]
Read = Callable[[Side], tuple[str, list[dict[str, str]]]]


def ours(side: Side) -> tuple[str, list[dict[str, str]]]:
    return side["question"], side["history"]


def last_message(side: Side) -> tuple[str, list[dict[str, str]]]:
    return side["question"], []


def whole_text(side: Side) -> tuple[str, list[dict[str, str]]]:
    return "\n".join([*(turn["content"] for turn in side["history"]), side["question"]]), []


READINGS: dict[str, Read] = {
    "ours": ours,
    "rules alone": ours,
    "last message alone": last_message,
    "all as one text": whole_text,
}


def measured(cases: Sequence[dict[str, Any]], reading: str, budget: float) -> dict[str, Any]:
    """By kind, and in all: how many of one meaning and of two there are, and how many of each were served."""
    read = READINGS[reading]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    milliseconds, wrong = [], []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=f"sqlite:///{folder}/cache.db", budget=Budget(budget), show_progress=False)
        with SemanticCache.open(settings) as cache:
            if reading == "rules alone":
                cache._parts.reader._turns = None
            for case in cases:
                tenant = f"case {case['id']}"  # each alone with its stored answer
                question, history = read(case["stored"])
                cache.add(question, "The answer.", tenant=tenant, history=history)
                question, history = read(case["asked"])
                started = perf_counter()
                hit = cache.lookup(question, tenant=tenant, history=history).hit
                milliseconds.append((perf_counter() - started) * 1000)
                for name in (case["kind"], "all", f"all in {case['lang']}"):
                    counts[name][0 if case["same"] else 2] += 1
                    counts[name][1 if case["same"] else 3] += hit
                if hit and not case["same"]:
                    wrong.append(case["id"])
    names = ("same", "same_served", "different", "different_served")
    by_kind = {name: dict(zip(names, found, strict=True)) for name, found in sorted(counts.items())}
    return {"counts": by_kind, "wrong": wrong, "median_ms": round(median(milliseconds), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.01, 0.05])
    options = parser.parse_args()
    cases = [json.loads(line) for line in _CASES.read_text("utf-8").splitlines()]
    found = {str(budget): {name: measured(cases, name, budget) for name in READINGS} for budget in options.budgets}
    for budget, readings in found.items():
        print(f"\nBudget({budget}): of one meaning, and of two, served\n")
        print(f"| kind | {' | '.join(readings)} |\n|---|{'---|' * len(readings)}")
        for name in next(iter(readings.values()))["counts"]:
            rows = [reading["counts"][name] for reading in readings.values()]
            shown = " | ".join(
                f"{row['same_served']} of {row['same']}, {row['different_served']} of {row['different']}"
                for row in rows
            )
            print(f"| {KINDS.get(name, name)} | {shown} |")
        print(f"| milliseconds a lookup | {' | '.join(str(one['median_ms']) for one in readings.values())} |")
    write("conversations", {**describe("samewise", "onnxruntime"), "cases": len(cases), "budgets": found})


if __name__ == "__main__":
    main()
