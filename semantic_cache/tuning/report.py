"""What tuning found, for the terminal: hits against wrong hits, the threshold, and what is promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from semantic_cache.tuning.choose import Reason
from semantic_cache.tuning.curve import Curve, CurvePoint
from semantic_cache.tuning.score import ScoredPair
from semantic_cache.tuning.tune import TuningReport

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

__all__ = ["conclusion", "curve_table", "pair_table", "terminal_report"]

_BAR_CELLS = 20


def terminal_report(report: TuningReport, rows: int = 12) -> Group:
    """The curve of the half that was chosen on, and in words what the other half showed."""
    from rich.console import Group  # noqa: PLC0415  (only who prints needs it)
    from rich.text import Text  # noqa: PLC0415

    return Group(curve_table(report.curve, report.threshold, rows), *(Text(line) for line in conclusion(report)))


def curve_table(curve: Curve, threshold: float | None = None, rows: int = 12) -> Table:
    """About `rows` thresholds, spread evenly over the pairs they serve; the chosen one is marked with an arrow."""
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Hits against wrong hits", title_justify="left")
    table.add_column("similarity ≥", justify="right")
    table.add_column("hits: same meaning, served")
    table.add_column("wrong hits: share of served")
    table.add_column(f"at most ({curve.confidence:.0%} sure)", justify="right")
    for point in _spread(curve, threshold, rows):
        mark = "→ " if point.threshold == threshold else ""
        table.add_row(
            f"{mark}{point.threshold:.4f}", _bar(point.hits), _bar(point.wrong), f"{point.wrong_upper:.1%}",
            style="bold" if mark else None,
        )  # fmt: skip
    return table


def conclusion(report: TuningReport) -> tuple[str, ...]:
    """The finding in full sentences, one a line."""
    asked = (
        f"{report.pairs} labelled pairs in {report.blocks} separate topics; "
        f"asked for: at most {report.wrong_hits:.1%} wrong hits, {report.confidence:.0%} sure."
    )
    return asked, *_measured(report), _verdict(report)


def _measured(report: TuningReport) -> tuple[str, ...]:
    if report.threshold is None:
        return ("No threshold keeps that on the half of the topics used for choosing.",)
    point = report.measured
    half = "On the other half of the topics" if report.since is None else f"On topics asked about since {_day(report)}"
    only_keys = " (only questions with the same normalized key)" if report.threshold == 1.0 else ""
    return (
        f"Threshold {report.threshold:.4f}{only_keys}. {half} "
        f"it serves {point.hits:.1%} of the pairs with the same meaning; of {point.served} served, "
        f"{point.wrong_served} are wrong ({point.wrong:.1%}, at most {point.wrong_upper:.1%}).",
    )


def _day(report: TuningReport) -> str:
    return datetime.fromtimestamp(report.since or 0.0, UTC).date().isoformat()


def _verdict(report: TuningReport) -> str:
    if report.refusal is None:
        return f"Promised: at most {report.wrong_hits:.1%} of such hits are wrong."
    if report.refusal.reason is Reason.TOO_FEW_LABELS:
        return (
            f"Not promised: too few labels. About {report.missing_labels} more pairs like these are needed to prove it."
        )
    return (
        "Not promised: too many wrong hits, and more pairs like these would not change that. "
        "Allow more wrong hits, add guards, or take another embedder."
    )


def pair_table(pairs: Iterable[ScoredPair], title: str) -> Table:
    """One line a pair: its similarity, both texts, and whether a guard vetoes it."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left")
    table.add_column("similarity", justify="right")
    table.add_column("question")
    table.add_column("other")
    table.add_column("guards")
    for scored in pairs:
        # Text: a question may hold square brackets, which a plain string would have read as markup.
        texts = Text(scored.pair.question), Text(scored.pair.other)
        table.add_row(f"{scored.similarity:.4f}", *texts, "veto" if scored.vetoed else "let pass")
    return table


def _spread(curve: Curve, threshold: float | None, rows: int) -> list[CurvePoint]:
    if not len(curve):
        return []
    wanted = np.linspace(curve.served[-1], curve.served[0], min(rows, len(curve)))
    positions = {int(np.argmin(np.abs(curve.served - served))) for served in wanted}
    if threshold is not None:
        positions |= {int(i) for i in np.flatnonzero(curve.thresholds == threshold)}
    return [curve.point(position) for position in sorted(positions, reverse=True)]


def _bar(share: float) -> str:
    cells = round(share * _BAR_CELLS)
    return f"{'█' * cells}{'·' * (_BAR_CELLS - cells)} {share:6.1%}"
