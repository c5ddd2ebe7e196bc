"""`samewise feedback`: a judgement, and what it changed."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from semantic_cache.cache import SemanticCache
from semantic_cache.learning import FeedbackReport
from semantic_cache.settings import Settings

__all__ = ["run_feedback"]


def run_feedback(
    settings: Settings, entry_id: int, *, correct: bool, question: str | None, note: str, tenant: str, console: Console
) -> None:
    """Take a judgement and print what it changed.

    Raises:
        SamewiseError: As `SemanticCache.feedback` says.
    """
    with SemanticCache.open(settings) as cache:
        report = cache.feedback(entry_id, correct, question=question, note=note, tenant=tenant)
    console.print(Text(_effect(report)), soft_wrap=True)
    evidence = report.evidence
    console.print(
        f"Entry {report.entry_id} was judged right for {evidence.right} questions, wrong for {evidence.wrong}."
    )
    if report.also_served:
        console.print(_served(report))


def _effect(report: FeedbackReport) -> str:
    asked, stored = f"“{report.asked}”", f"entry {report.entry_id} (“{report.entry_question}”)"
    if report.blocked:
        alias = "; it was an alias of it, and is none any more" if report.alias_removed else ""
        return f"{asked} is not answered by {stored} again{alias}."
    if report.alias_added:
        return f"{asked} is answered by {stored} by its key from now on."
    return f"Counted for {stored}. No alias was made of {asked}: {report.not_an_alias}."


def _served(report: FeedbackReport) -> Table:
    table = Table(title="Also served from this entry")
    for name in ("question", "by", "times"):
        table.add_column(name, overflow="fold")
    for one in report.also_served:
        # Without its words it can still be told from others.
        question = one.question if one.question is not None else f"(not logged; {one.exact_hash[:12]})"
        table.add_row(Text(question), one.source, str(one.count))
    return table
