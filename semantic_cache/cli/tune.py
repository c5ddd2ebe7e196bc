"""`samewise tune`: labelled pairs → hits against wrong hits, and the threshold to use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from normalize import Normalizer
from semantic_cache.embedder import open_embedder
from semantic_cache.matching import Budget, CutTable
from semantic_cache.matching.shipped import open_verifier, verifier_version
from semantic_cache.models import DEFAULT_EMBEDDER
from semantic_cache.opening import store_in_use
from semantic_cache.rule import CUTS
from semantic_cache.settings import Settings
from semantic_cache.store_url import shown_url
from semantic_cache.tuning import (
    Judged,
    LabelledPair,
    cut_table_of,
    judge_pairs,
    read_pairs,
    served_later,
    split_by_time,
    terminal_report,
    tune,
    vetoed_by_guards,
)

__all__ = ["Kept", "run_tune"]

_BUDGETS = (0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the table that budgets are chosen on is kept: in a file, in the store, in both or in neither."""

    file: Path | None = None
    in_store: bool = False


def run_tune(pairs: Path, wrong_hits: float, settings: Settings, console: Console, kept: Kept) -> None:
    """Tune with the cache's own guards and print what was found.

    Raises:
        TuningError: The file cannot be used, or nothing can be concluded from it.
        ModelError: The embedding model could not be opened or run.
        StoreError: The table could not be put into the store.
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
    _by_probability(pairs, settings, normalizer, kept, console)
    if report.threshold is not None:
        console.print(f"To use it: Settings(threshold={report.threshold:.4f}), or --threshold {report.threshold:.4f}.")


def _by_probability(path: Path, settings: Settings, normalizer: Normalizer, kept: Kept, console: Console) -> None:
    """What budgets of wrong hits come to on the same pairs, by the verifier's probability; kept where asked for."""
    verifier = open_verifier(own_cosines=False, show_progress=settings.show_progress)
    embedder = open_embedder(DEFAULT_EMBEDDER, show_progress=settings.show_progress)
    pairs = read_pairs(path)
    judged = judge_pairs(pairs, verifier=verifier, embedder=embedder, normalizer=normalizer)
    table = replace(cut_table_of(judged, path.stem), verifier=verifier_version())
    console.print("\nBy probability, at 95 % confidence:")
    for share in _BUDGETS:
        cut = table.cut(Budget(share))
        said = cut.refusal or f"{cut.served} pairs served, {cut.wrong} of them wrong (at most {cut.upper:.1%})"
        at = "nothing by meaning" if cut.probability is None else f"probability ≥ {cut.probability:.3f}"
        console.print(f"  budget {share:.1%}: {at}; {said}", soft_wrap=True, highlight=False)
    if pairs[0].at is not None:
        _by_time(pairs, judged, console)
    if kept.file is not None:
        kept.file.write_text(json.dumps(table.values()) + "\n", "utf-8")
        console.print(f'To use it: Settings(cuts=Path("{kept.file}")), or --cuts {kept.file}.', soft_wrap=True)
    if kept.in_store:
        _apply(table, path.name, settings, console)


def _by_time(pairs: Sequence[LabelledPair], judged: Sequence[Judged], console: Console) -> None:
    """Whether budgets would have been kept: chosen on the first half of the time, counted on later topics."""
    halves = split_by_time(pairs)
    day = datetime.fromtimestamp(halves.since or 0.0, UTC).date()
    console.print(f"\nChosen on what was asked before {day}, counted on topics asked about since:")
    for share in _BUDGETS:
        served, wrong = served_later(judged, halves, Budget(share))
        said = f"{served} pairs served, {wrong} of them wrong" if served else "nothing served"
        console.print(f"  budget {share:.1%}: {said}", soft_wrap=True, highlight=False)


def _apply(table: CutTable, name: str, settings: Settings, console: Console) -> None:
    served = sum(one.served[0] for one in table.sets)
    with store_in_use(settings) as store:
        saved = store.calibrations.save(CUTS, json.dumps(table.values()), f"{name}: {served} pairs")
    console.print(
        f"Saved as calibration {saved.id} of {shown_url(settings.store)}: in use within a second. "
        f"To take it back: samewise store revert {CUTS}.",
        soft_wrap=True, highlight=False, markup=False,
    )  # fmt: skip
