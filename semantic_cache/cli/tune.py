"""`samewise tune`: labelled pairs → hits against wrong hits, and the threshold to use."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from normalize import Normalizer
from semantic_cache.embedder import open_embedder
from semantic_cache.settings import Settings
from semantic_cache.tuning import terminal_report, tune, vetoed_by_guards

__all__ = ["run_tune"]


def run_tune(pairs: Path, wrong_hits: float, settings: Settings, console: Console) -> None:
    """Tune with the cache's own guards and print what was found.

    Raises:
        TuningError: The file cannot be used, or nothing can be concluded from it.
        ModelError: The embedding model could not be opened or run.
    """
    report = tune(
        pairs,
        embedder=open_embedder(settings.embedder, show_progress=settings.show_progress),
        normalizer=Normalizer(settings.lexicons),
        vetoes=vetoed_by_guards,
        wrong_hits=wrong_hits,
    )
    console.print(terminal_report(report))
    if report.threshold is not None:
        console.print(f"To use it: Settings(threshold={report.threshold:.4f}), or --threshold {report.threshold:.4f}.")
