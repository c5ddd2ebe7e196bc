"""`samewise tune`: labelled pairs → hits against wrong hits, and the threshold to use."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from normalize import Normalizer
from semantic_cache.embedder import open_embedder
from semantic_cache.matching import Budget
from semantic_cache.matching.shipped import open_verifier
from semantic_cache.models import DEFAULT_EMBEDDER
from semantic_cache.settings import Settings
from semantic_cache.tuning import terminal_report, tune, vetoed_by_guards
from semantic_cache.tuning.cuts import cut_table_of
from semantic_cache.tuning.pairs import read_pairs

__all__ = ["run_tune"]

_BUDGETS = (0.005, 0.01, 0.02, 0.05)


def run_tune(pairs: Path, wrong_hits: float, settings: Settings, console: Console, write: Path | None = None) -> None:
    """Tune with the cache's own guards and print what was found.

    Raises:
        TuningError: The file cannot be used, or nothing can be concluded from it.
        ModelError: The embedding model could not be opened or run.
    """
    normalizer = Normalizer(settings.lexicons)
    report = tune(
        pairs,
        embedder=open_embedder(settings.embedder, show_progress=settings.show_progress),
        normalizer=normalizer,
        vetoes=vetoed_by_guards,
        wrong_hits=wrong_hits,
    )
    console.print(terminal_report(report))
    _by_probability(pairs, settings, normalizer, write, console)
    if report.threshold is not None:
        console.print(f"To use it: Settings(threshold={report.threshold:.4f}), or --threshold {report.threshold:.4f}.")


def _by_probability(
    path: Path, settings: Settings, normalizer: Normalizer, write: Path | None, console: Console
) -> None:
    """What budgets of wrong hits come to on the same pairs, by the verifier's probability; kept where asked for."""
    verifier = open_verifier(own_cosines=False, show_progress=settings.show_progress)
    embedder = open_embedder(DEFAULT_EMBEDDER, show_progress=settings.show_progress)
    table = cut_table_of(read_pairs(path), name=path.stem, verifier=verifier, embedder=embedder, normalizer=normalizer)
    console.print("\nBy probability, at 95 % confidence:")
    for share in _BUDGETS:
        cut = table.cut(Budget(share))
        said = cut.refusal or f"{cut.served} pairs served, {cut.wrong} of them wrong (at most {cut.upper:.1%})"
        at = "nothing by meaning" if cut.probability is None else f"probability ≥ {cut.probability:.3f}"
        console.print(f"  budget {share:.1%}: {at}; {said}", soft_wrap=True, highlight=False)
    if write is not None:
        write.write_text(json.dumps(table.values()) + "\n", "utf-8")
        console.print(f'To use it: Settings(cuts=Path("{write}")), or --cuts {write}.', soft_wrap=True)
