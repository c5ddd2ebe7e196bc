"""How much of its prompts a prefix cache has under traffic: ours, a simulation of vLLM's rule, and the best possible.

    python bench/prefix_trace.py [--budgets 10,25,50] [--seeds 3] [--conversations 700] [--drift 0,600]

200 tenants share one system prompt and have 20 documents each, all drawn by Zipf's law; conversations of 1 to 6
questions grow after a document; time is simulated and no model runs. `prefix_trace_traffic.py` makes the traffic.

worth, lru        kvcache.PrefixCache as it is, all of the budget for kept blocks; logits are paid for like the states.
                  Each answer finds a quiet moment to be read in;  worth, prompts: none does
worth, 3/4        as it is set by default: a quarter of the budget goes to working buffers
LRU 16            the policy of vLLM, simulated here: hashed blocks of 16 tokens, least recently used first, decoded
                  tokens kept too;  LRU 16, prompts: the same without decoded tokens
optimum           Belady's rule over single tokens with the future known: no rule has more tokens;  prompts: the same
                  when answers may not be kept. In seconds it is an estimate, for it counts tokens

Budgets are percentages of the working set: the different prompt tokens of the whole trace. Token hit rate is cached ÷
prompt tokens from an empty cache on. Seconds saved are of a prefill that takes linear × n + quadratic × n² seconds,
fitted to the cold prompts in bench/out/prefix.json if it has two lengths or more, or as given. With `--drift` the ranks
of tenants and documents move on by one each so many seconds (0: never). Writes bench/out/prefix_trace.json and prints a
Markdown table: medians over seeds, smallest and largest in brackets; ratios are taken seed by seed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import machine
from prefix_trace_policies import Cost, Setting, Sizes, optimum, ours, paged_lru, working_set
from prefix_trace_traffic import PAGE_TOKENS, Request, Segment, Shape, traffic

_PREFIX_RESULTS = Path(__file__).parent / "out" / "prefix.json"
#: SmolLM2-135M, float32, one thread: 4.1 s for 1,023 tokens and 61 s for 7,168, cold.
_STATED = Cost(linear=3.3e-3, quadratic=7.3e-7)
_STATED_FROM = "stated: SmolLM2-135M, float32, one thread of a server processor"
_BASE, _BEST = "LRU 16", "optimum"


@dataclass(frozen=True, slots=True)
class Trace:
    """One traffic, and what stands beside it."""

    drift: float
    seed: int
    system: Segment
    requests: list[Request]
    working_tokens: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way had of one trace within one budget."""

    drift: float
    seed: int
    budget_percent: float
    way: str
    hit_rate: float
    saved_share: float
    saved_seconds: float
    took_seconds: float


def main() -> None:
    options = _options()
    cost, origin = _cost(options)
    sizes = Sizes(options.token_bytes, options.vocabulary)
    outcomes, traces = [], []
    for drift in options.drift:
        for seed in range(options.seeds):
            print(f"drift {drift:g} s, seed {seed} …", file=sys.stderr)
            trace = _trace(options, drift, seed, sizes)
            traces.append(_described(trace, cost))
            outcomes += [out for share in options.budgets for out in _outcomes(trace, share, (sizes, cost))]
    report = machine.describe() | {
        "load": os.getloadavg(),
        "shape": asdict(Shape(options.conversations, options.seconds)),
        "cost": asdict(cost) | {"from": origin},
        "sizes": asdict(sizes),
        "traces": traces,
        "outcomes": [asdict(outcome) for outcome in outcomes],
    }
    machine.write("prefix_trace", report)
    print(f"Prefill: {cost.linear:.3g} n + {cost.quadratic:.3g} n² seconds ({origin}).\n")
    print("\n".join(_table(outcomes, traces)))


def _trace(options: argparse.Namespace, drift: float, seed: int, sizes: Sizes) -> Trace:
    shape = Shape(options.conversations, options.seconds, drift_seconds=drift)
    system, requests = traffic(shape, seed, sizes.grid)
    return Trace(drift, seed, system, requests, working_set(requests))


def _outcomes(trace: Trace, percent: float, model: tuple[Sizes, Cost]) -> Iterator[Outcome]:
    cost = model[1]
    prompts = [request.tokens for request in trace.requests]
    whole = sum(cost.seconds(0, tokens) for tokens in prompts)
    for way, run in _ways(trace, int(trace.working_tokens * percent / 100), model).items():
        began = time.perf_counter()
        found = run()
        took = time.perf_counter() - began
        saved = sum(cost.seconds(0, tokens) for tokens in found)
        yield Outcome(
            drift=trace.drift,
            seed=trace.seed,
            budget_percent=percent,
            way=way,
            hit_rate=sum(found) / sum(prompts),
            saved_share=saved / whole,
            saved_seconds=saved,
            took_seconds=took,
        )


def _ways(trace: Trace, tokens: int, model: tuple[Sizes, Cost]) -> dict[str, Callable[[], list[int]]]:
    budget, system, requests = tokens * model[0].token_bytes, trace.system, trace.requests
    settings = {
        "worth": Setting("worth"),
        "worth, 3/4": Setting("worth", buffers=0.25),
        "worth, prompts": Setting("worth", answers=False),
        "lru": Setting("lru"),
    }
    return {
        **{way: lambda it=setting: ours(system, requests, budget, it, model) for way, setting in settings.items()},  # type: ignore[misc]
        _BASE: lambda: paged_lru(requests, tokens // PAGE_TOKENS, answers=True),
        "LRU 16, prompts": lambda: paged_lru(requests, tokens // PAGE_TOKENS, answers=False),
        _BEST: lambda: optimum(requests, tokens, answers=True),
        "optimum, prompts": lambda: optimum(requests, tokens, answers=False),
    }


def _described(trace: Trace, cost: Cost) -> dict[str, Any]:
    prompts = [request.tokens for request in trace.requests]
    endless = optimum(trace.requests, trace.working_tokens, answers=False)
    return {
        "drift": trace.drift,
        "seed": trace.seed,
        "requests": len(prompts),
        "prompt_tokens": sum(prompts),
        "median_prompt_tokens": median(prompts),
        "working_tokens": trace.working_tokens,
        "prefill_seconds": sum(cost.seconds(0, tokens) for tokens in prompts),
        "hit_rate_with_room_for_all": sum(endless) / sum(prompts),
    }


def _table(outcomes: Sequence[Outcome], traces: Sequence[dict[str, Any]]) -> Iterator[str]:
    for drift in dict.fromkeys(outcome.drift for outcome in outcomes):
        same = [trace for trace in traces if trace["drift"] == drift]
        yield (
            f"{'Ranks stay' if not drift else f'Ranks move on every {drift:g} s'}; "
            + ", ".join(
                f"{what} {median([trace[key] for trace in same]):,.6g}"
                for what, key in (
                    ("requests", "requests"),
                    ("prompt tokens", "prompt_tokens"),
                    ("working set", "working_tokens"),
                    ("seconds of prefill", "prefill_seconds"),
                    ("hit rate with room for all", "hit_rate_with_room_for_all"),
                )
            )
            + ".\n"
        )
        yield "| budget | way | token hit rate | ÷ LRU 16 | ÷ optimum | seconds saved | ÷ LRU 16 | ÷ optimum |"
        yield "|" + "---|" * 8
        here = [outcome for outcome in outcomes if outcome.drift == drift]
        for percent, way in dict.fromkeys((outcome.budget_percent, outcome.way) for outcome in here):
            yield _row([outcome for outcome in here if outcome.budget_percent == percent], way)
        yield ""


def _row(at_budget: Sequence[Outcome], way: str) -> str:
    cells = []
    for figure in ("hit_rate", "saved_share"):
        by_way = {
            name: [getattr(outcome, figure) for outcome in at_budget if outcome.way == name]
            for name in (way, _BASE, _BEST)
        }
        ratios = [
            [mine / max(theirs, 1e-9) for mine, theirs in zip(by_way[way], by_way[other], strict=True)]
            for other in (_BASE, _BEST)
        ]
        cells += [_around(by_way[way], "{:.1%}"), *(_around(ratio, "{:.2f}") for ratio in ratios)]
    return f"| {at_budget[0].budget_percent:g} % | {way} | " + " | ".join(cells) + " |"


def _around(values: Sequence[float], form: str) -> str:
    low, high = form.format(min(values)), form.format(max(values))
    return form.format(median(values)) + (f" ({low}–{high})" if low != high else "")


def _cost(options: argparse.Namespace) -> tuple[Cost, str]:
    if options.linear is not None:
        return Cost(options.linear, options.quadratic), "given"
    try:
        rows = json.loads(_PREFIX_RESULTS.read_text("utf-8"))["rows"]
        cold = {row["tokens"]: median(row["seconds"]["cold"]) for row in rows}
    except FileNotFoundError:
        cold = {}
    fitted = _fit(cold) if len(cold) >= 2 else None
    return (fitted, f"fitted to {len(cold)} cold prompts in prefix.json") if fitted else (_STATED, _STATED_FROM)


def _fit(seconds: dict[int, float]) -> Cost | None:
    """Least squares of seconds a token, a straight line over the tokens. None when either part comes out negative."""
    points = [(tokens, took / tokens) for tokens, took in seconds.items()]
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope = sum((tokens - x) * (each - y) for tokens, each in points) / sum((tokens - x) ** 2 for tokens, _ in points)
    fitted = Cost(y - slope * x, slope)
    return fitted if min(fitted.linear, fitted.quadratic) >= 0 else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budgets", type=_numbers, default=[10.0, 25.0, 50.0], help="percent of the working set")
    parser.add_argument("--seeds", type=int, default=3, help="how many traces of each kind")
    parser.add_argument("--conversations", type=int, default=700, help="in a trace")
    parser.add_argument("--seconds", type=float, default=7200.0, help="in which they begin")
    parser.add_argument("--drift", type=_numbers, default=[0.0, 600.0], help="seconds after which ranks move on")
    parser.add_argument("--linear", type=float, help="seconds of prefill a token")
    parser.add_argument("--quadratic", type=float, default=0.0, help="seconds of prefill a token squared")
    parser.add_argument("--token-bytes", type=int, default=46_080, help="keys and values; default: SmolLM2-135M, fp32")
    parser.add_argument("--vocabulary", type=int, default=49_152, help="logits are kept where prompts end")
    return parser.parse_args()


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
