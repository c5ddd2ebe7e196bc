"""Answers, explanations and counts on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from normalize import Question, Step
from semantic_cache.answer import Answer
from semantic_cache.explanation import Explanation
from semantic_cache.stream import AnswerStream
from storage import StoreStats

__all__ = [
    "print_answer",
    "print_comparison",
    "print_explanation",
    "print_question",
    "print_stats",
    "source_line",
]


def print_answer(stream: AnswerStream, console: Console) -> Answer:
    """Write the pieces as they come, then one line on where they came from."""
    for piece in stream:
        console.print(Text(piece), end="", soft_wrap=True)
    console.print()
    console.print(Text(source_line(stream.answer), style="dim"), soft_wrap=True)
    return stream.answer


def source_line(answer: Answer) -> str:
    """Where an answer came from, in a line."""
    parts = [f"{answer.source}, {answer.trace.milliseconds:.1f} ms"]
    if answer.matched is not None:
        parts.append(f"stored question: {answer.matched}")
    if answer.probability is not None:
        parts.append(f"probability {answer.probability:.2f}")
    if answer.source == "model":
        usage = answer.usage
        parts.append(f"{usage.prompt_tokens} prompt tokens, {usage.cached_tokens} of them cached")
    if answer.trace.prefix is not None:
        parts.append(str(answer.trace.prefix))
    if answer.trace.waited_ms is not None:
        parts.append(f"waited {answer.trace.waited_ms:.1f} ms: {answer.trace.waited_for}")
    if answer.trace.not_stored:
        parts.append(f"not stored: {answer.trace.not_stored}")
    parts += [f"degraded: {problem}" for problem in answer.trace.degraded]
    return " · ".join(parts)


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Every step, one a line."""
    console.print(escape(str(explanation)), soft_wrap=True, highlight=False)


def print_question(question: Question, places: Sequence[str], console: Console) -> None:
    """Text, language, key and facts, then every rewriting with the place of the lexicon line it obeyed."""
    for name, value in (
        ("text", question.text),
        ("language", question.language),
        ("key", question.key),
        ("key hash", question.key_hash),
        *((name, ", ".join(values)) for name, values in asdict(question.facts).items() if values),
    ):
        console.print(Text(f"{name:<12}{value}"), soft_wrap=True)
    if question.steps:
        console.print(_steps(zip(question.steps, places, strict=True)))
    else:
        console.print("No rule rewrote it.")


def print_comparison(same: bool, difference: str, rules: Sequence[tuple[Step, str]], console: Console) -> None:
    """Whether two texts share a key; why, or the first difference."""
    if not same:
        console.print(Text(f"Another key: {difference}."), soft_wrap=True)
        return
    console.print("One key: they are served the same answer.")
    if rules:
        console.print("Rules that only one of them needed, and that brought them together:")
        console.print(_steps(rules))
    else:
        console.print("No rule was needed that the other didn't need too: only case, spaces or punctuation differ.")


def _steps(steps: Iterable[tuple[Step, str]]) -> Table:
    table = Table()
    for name in ("rule", "before", "after", "lexicon line"):
        table.add_column(name, overflow="fold")
    for step, place in steps:
        table.add_row(*map(Text, (step.rule, step.before, step.after, place or "–")))
    return table


def print_stats(store: str, stats: StoreStats, console: Console) -> None:
    """Counts, one a line."""
    table = Table(title=f"Store {store}", show_header=False)
    for name, value in (
        ("entries", stats.entries),
        ("written by people", stats.curated),
        ("generated", stats.generated),
        ("tenants", stats.tenants),
        ("uses", stats.hits),
        ("bytes on disk", stats.bytes_on_disk),
    ):
        table.add_row(name, str(value))
    console.print(table)
