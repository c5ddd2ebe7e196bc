"""`samewise demo`: the whole way of a dozen questions, on real input."""

from __future__ import annotations

from importlib.resources import as_file, files
from statistics import median

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from semantic_cache.answer import Answer
from semantic_cache.cache import SemanticCache
from semantic_cache.cli.demo_script import SCRIPT, DemoQuestion
from semantic_cache.cli.show import print_answer
from semantic_cache.errors import SamewiseError
from semantic_cache.settings import Settings

__all__ = ["run_demo"]

_SYSTEM = "You are the help desk of Hanok Kitchen. Answer in one or two sentences."
_NAMES = ("kind", "question", "source", "matched question", "prob.", "ms", "cached tokens")
_NUMBERS = frozenset(_NAMES[4:])
_FIXED_WIDTHS = {"kind": 11, "source": 10, "prob.": 5, "ms": 8, "cached tokens": 13}
_LEAST_TEXT_WIDTH = 12


def run_demo(store: str, max_tokens: int, *, interactive: bool, console: Console) -> bool:
    """Run the script and print its table; True when every question was answered from where it should be."""
    data = files("semantic_cache") / "demo"
    with as_file(data / "faq.csv") as faq, as_file(data / "document.md") as document:
        settings = Settings(store=store, system=_SYSTEM, documents=(document,), max_tokens=max_tokens)
        with SemanticCache.open(settings) as cache:
            report = cache.import_faq(faq)
            console.print(
                f"{report.added + report.replaced} questions imported; every prompt starts with {document.name}.\n"
            )
            rows = _ask_all(cache, console)
            wrong = [question for question, answer in rows if answer.matched != question.matched]
            _print_totals([answer for _, answer in rows], wrong, console)
            if interactive:
                _go_on(cache, console)
    return not wrong


def _ask_all(cache: SemanticCache, console: Console) -> list[tuple[DemoQuestion, Answer]]:
    # Drawn row by row as answers come: a table that appears at the end would look like a program that hangs.
    _print_row(_NAMES, console)
    rows = []
    for question in SCRIPT:
        answer = cache.ask(question.text)
        rows.append((question, answer))
        _print_row(_cells(question, answer), console)
    return rows


def _print_row(cells: tuple[str, ...], console: Console) -> None:
    # Both texts share what the numbers leave, so that the table fits the terminal.
    gaps = 2 * (len(_NAMES) - 1)
    text = max(_LEAST_TEXT_WIDTH, (console.width - sum(_FIXED_WIDTHS.values()) - gaps) // 2)
    table = Table.grid(padding=(0, 2, 0, 0))
    for name in _NAMES:
        table.add_column(
            width=_FIXED_WIDTHS.get(name, text), justify="right" if name in _NUMBERS else "left", overflow="fold"
        )
    table.add_row(*cells)
    console.print(table)


def _cells(question: DemoQuestion, answer: Answer) -> tuple[str, ...]:
    usage = answer.usage
    source = f"[yellow]{answer.source}[/yellow]" if answer.source == "model" else f"[green]{answer.source}[/green]"
    return (
        question.kind if answer.matched == question.matched else f"[red]{question.kind}[/red]",
        escape(question.text),
        source,
        escape(answer.matched or "–"),
        "–" if answer.probability is None else f"{answer.probability:.2f}",
        f"{answer.trace.milliseconds:,.1f}",
        f"{usage.cached_tokens} / {usage.prompt_tokens}" if answer.source == "model" else "–",
    )


def _print_totals(answers: list[Answer], wrong: list[DemoQuestion], console: Console) -> None:
    stored = [answer for answer in answers if answer.source != "model"]
    console.print(
        f"\n{len(answers)} questions: {len(stored)} from the store, {len(answers) - len(stored)} from the model."
    )
    if stored:
        console.print(f"From the store: {median(answer.trace.milliseconds for answer in stored):.1f} ms in the middle.")
    first = [answer for answer in answers if answer.trace.first_token_ms is not None]
    cold = [answer.trace.first_token_ms or 0.0 for answer in first if answer.usage.cached_tokens == 0]
    warm = [answer.trace.first_token_ms or 0.0 for answer in first if answer.usage.cached_tokens > 0]
    if cold and warm:
        console.print(
            f"First token of the model: {cold[0]:,.0f} ms cold, {median(warm):,.0f} ms with the document's attention "
            f"states kept: {cold[0] / median(warm):.0f}× earlier."
        )
    computed = sum(answer.usage.prompt_tokens - answer.usage.cached_tokens for answer in answers)
    kept = sum(answer.usage.cached_tokens for answer in answers)
    console.print(f"Prompt tokens: {computed:,} computed, {kept:,} reused.")
    for question in wrong:
        console.print(
            f"[red]Not as it should be:[/red] {escape(question.text)} "
            f"(expected from: {escape(question.matched or 'the model')})"
        )


def _go_on(cache: SemanticCache, console: Console) -> None:
    console.print("\nAsk on; an empty line or Ctrl-D ends.")
    while True:
        try:
            question = console.input("[bold]? [/bold]")
        except EOFError:
            return
        if not question.strip():
            return
        try:
            print_answer(cache.stream(question), console)
        except SamewiseError as error:
            console.print(f"[red]{type(error).__name__}[/red]: {escape(str(error))}")
