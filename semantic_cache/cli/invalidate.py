"""`samewise store invalidate`: what would be removed, a question where somebody can answer it, and what was."""

from __future__ import annotations

import sys
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from normalize import Normalizer
from semantic_cache.embedder import open_embedder
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.errors import SelectionError
from semantic_cache.invalidation import Conditions, Invalidation
from semantic_cache.opening import store_in_use
from semantic_cache.settings import Settings
from storage.life import Removal

__all__ = ["is_terminal", "run_invalidate"]

_MOST_SHOWN = 20


def run_invalidate(settings: Settings, conditions: Conditions, *, dry_run: bool, yes: bool, console: Console) -> None:
    """Show what the conditions select and remove it, unless it is a dry run or somebody says no.

    Raises:
        SelectionError: No condition is given, one that no entry can meet, or nobody is there to be asked.
        StoreError: The store cannot be opened, read or written.
    """
    asks = not (dry_run or yes)
    if asks and not is_terminal():
        raise SelectionError("Nobody can be asked whether to remove that: give --yes, or --dry-run to see what it is.")
    embedder = EmbedderInUse(lambda: open_embedder(settings.embedder, show_progress=settings.show_progress))
    with store_in_use(settings) as store:
        invalidate = Invalidation(store, embedder, Normalizer(settings.lexicons))
        removal = invalidate(conditions, dry_run=dry_run or asks)
        _show(removal, console)
        if asks and removal.count and _confirmed():
            _show(invalidate(conditions), console)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _confirmed() -> bool:
    try:
        return typer.confirm("Remove them?")
    except typer.Abort:
        return False


def _show(removal: Removal, console: Console) -> None:
    if removal.dry_run and removal.entries:
        table = Table()
        for name in ("id", "tenant", "origin", "answered", "question"):
            table.add_column(name, overflow="fold")
        for one in removal.entries[:_MOST_SHOWN]:
            answered = datetime.fromtimestamp(one.answered).astimezone().strftime("%Y-%m-%d %H:%M")
            table.add_row(*map(Text, (str(one.id), one.tenant, one.origin, answered, one.question)))
        console.print(table)
        if removal.count > _MOST_SHOWN:
            console.print(f"… and {removal.count - _MOST_SHOWN} more.")
    said = "would be removed" if removal.dry_run else "removed"
    console.print(f"{removal.count} entries {said}, {removal.bytes} bytes of texts and vectors.")
