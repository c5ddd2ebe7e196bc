"""What `samewise kv …` does: prove that hits equal misses, say what caching is worth, and why a prompt missed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from kvcache import KVCacheConfig, KVCacheError, LocalModel, Miss, Usage
from kvcache.accounting import Totals
from kvcache.errors import ModelError as KVModelError
from kvcache.prices import cost, load_prices
from semantic_cache.errors import ModelError, SettingsError
from semantic_cache.models import BUNDLED, language_model_path

if TYPE_CHECKING:
    from kvcache.generation import Generation
    from kvcache.verify import Case, VerifyConfig

__all__ = ["Source", "run_explain", "run_prices", "run_stats", "run_verify"]


@dataclass(frozen=True, slots=True)
class Source:
    """A model to load, and the prompts to give it, from a file of JSON lines; None takes none."""

    model: str
    dtype: str
    prompts: Path | None
    block_tokens: int = 128


def run_verify(source: Source, config: VerifyConfig, console: Console) -> bool:
    """Print what was tried and whether all of it was the same. False when something was not."""
    from kvcache.verify import verify  # noqa: PLC0415  (torch: seconds that other commands never need)

    with _translated(), Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading the model", total=None)
        model, prompts = _loaded(source), _prompts(source.prompts)

        def show(case: Case) -> None:
            bar.update(task, description=f"{case.name}, {len(case.prompt)} tokens")

        report = verify(model, prompts, config, show)
    console.print(
        f"{report.cases} cases, {report.hits} of them read from the cache, {report.cached_tokens} tokens in all. "
        f"Logits of one pass over a whole prompt differ by up to {report.one_pass_difference:.2g}."
    )
    if report.passed:
        console.print(f"[green]Warm equals cold, bit for bit[/green], for {escape(source.model)} in {source.dtype}.")
    elif report.failure is not None:
        console.print(f"[red]Warm differs from cold[/red]: {escape(str(report.failure))}")
    else:
        console.print(
            "[red]Not proven[/red]: some cases were not read from the cache, so there was nothing to compare."
        )
    return report.passed


def run_prices(file: Path | None, usage: Usage, console: Console) -> None:
    """Print the table of prices, or what a request costs with each of them, with its cache and without."""
    with _translated():
        prices = load_prices(file)
    table = Table("model", "input", "5m write", "1h write", "read", "output", "date", "source", title="$ per 1M tokens")
    costs = Table("model", "with the cache", "without", "saved", title="$")
    for name, each in prices.items():
        amounts = (each.input, each.write("5m"), each.write("1h"), each.read, each.output)
        table.add_row(name, *(f"{amount:g}" for amount in amounts), each.date.isoformat(), each.source)
        spent = cost(usage, each)
        costs.add_row(name, *(f"{amount:.6f}" for amount in (spent.total, spent.without_cache, spent.saved)))
    console.print(costs if usage.prompt_tokens or usage.completion_tokens else table)


def run_stats(source: Source, price: str | None, prices: Path | None, console: Console) -> None:
    """Ask the prompts in order, and print what the cache did, what it saved, and what it would have at a price."""
    totals = Totals()
    with _translated():
        known = load_prices(prices)
        if price is not None and price not in known:
            raise SettingsError(
                f"There is no price of {price!r}; there is {', '.join(known)}, or give a file of yours."
            )
        model = _loaded(source)
        for _, done in _asked(model, source):
            totals = totals.plus(done.usage, done.first_token_seconds)
    table = Table("of the cache", "")
    for name, value in _fields(model.cache.stats()).items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    console.print(table)
    console.print(
        f"{totals.requests} prompts of {totals.prompt_tokens:,} tokens, {totals.cached_tokens:,} of them read from the "
        f"cache: about {totals.seconds_saved:.1f} s saved."
    )
    if price is not None:
        spent = cost(totals.usage, known[price])
        console.print(
            f"At the prices of {price} of {known[price].date}: ${spent.total:.6f} with this cache, "
            f"${spent.without_cache:.6f} without."
        )


def run_explain(source: Source, console: Console) -> None:
    """Ask the prompts in order, and print for each what was read from the cache, and why the rest was not."""
    table = Table("prompt", "tokens", "read", "first token", "why not more", "from", "in", "text there", "lost")
    with _translated():
        for number, (_, done) in enumerate(_asked(_loaded(source), source), start=1):
            seconds = f"{done.first_token_seconds * 1000:.0f} ms"
            usage = done.usage
            table.add_row(str(number), str(usage.prompt_tokens), str(usage.cached_tokens), seconds, *_told(done.miss))
    console.print(table)


def _asked(model: LocalModel, source: Source) -> Iterator[tuple[Any, Generation]]:
    prompts = _prompts(source.prompts)
    if not prompts:
        raise SettingsError("There are no prompts; give a file with --prompts, one JSON value a line.")
    for prompt in prompts:
        yield prompt, model.generate(prompt, max_tokens=1)


def _loaded(source: Source) -> LocalModel:
    path = language_model_path(show_progress=True) if source.model in BUNDLED else source.model
    return LocalModel.load(path, dtype=source.dtype, cache=KVCacheConfig(block_tokens=source.block_tokens))


def _prompts(path: Path | None) -> Sequence[Any] | None:
    """One prompt a line: a list of messages, a list of token ids, or a text, which is one message of a user."""
    if path is None:
        return None
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"The prompts {path} cannot be read: {exc}") from exc
    prompts = [_prompt(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not prompts:
        raise SettingsError(f"{path} holds no prompts; give one JSON value a line.")
    return prompts


def _prompt(line: str, place: str) -> Any:
    try:
        value = json.loads(line)
    except RecursionError as exc:
        raise SettingsError(f"{place}: its lists are nested too deeply. Give one flat list a line.") from exc
    except json.JSONDecodeError as exc:
        raise SettingsError(f"{place}: it is no JSON ({exc}). Give one prompt a line.") from exc
    except ValueError as exc:  # of a number that is too long for Python to read
        raise SettingsError(f"{place}: it holds a number that is no token id ({exc}). Give one prompt a line.") from exc
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


def _told(miss: Miss | None) -> tuple[str, ...]:
    """The cells of a miss; none when the whole prompt was read."""
    if miss is None:
        return ()
    text = json.dumps(miss.text, ensure_ascii=False)
    lost = f"{miss.lost_tokens} tokens, {miss.lost_seconds * 1000:.0f} ms"
    return miss.cause, f"token {miss.position}", miss.segment, escape(text), lost


def _fields(stats: object) -> dict[str, object]:
    """Names and values of a snapshot, whatever it counts."""
    return {name: getattr(stats, name) for name in getattr(stats, "__dataclass_fields__", {})}


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the prefix cache as ours, so that they are told in one line."""
    try:
        yield
    except KVModelError as error:
        raise ModelError(str(error)) from error
    except KVCacheError as error:
        raise SettingsError(str(error)) from error
