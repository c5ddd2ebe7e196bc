"""Figures for notebooks: how the two labels score, and hits against wrong hits. matplotlib loads when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from semantic_cache.tuning.curve import Curve
from semantic_cache.tuning.errors import FigureError
from semantic_cache.tuning.score import Scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["curve_figure", "score_figure"]

# Blue and orange stay apart for colour-blind readers; the dashes tell the lines apart in grey too.
_SAME, _OTHER = "#0072B2", "#D55E00"
_LINES = (("#D55E00", "--"), ("#0072B2", "-"), ("#009E73", "-."), ("#CC79A7", ":"))


def score_figure(scores: Scores, threshold: float | None = None) -> Figure:
    """Histograms of the similarities of both labels, without what guards veto; a line where the threshold lies.

    Raises:
        FigureError: matplotlib is not installed.
    """
    figure = _figure()
    axes = figure.subplots()
    kept = scores.similarities[~scores.vetoed]
    bins = np.linspace(kept.min() if kept.size else 0.0, 1.0, 41).tolist()
    for label, same, color in (("same meaning", True, _SAME), ("another meaning", False, _OTHER)):
        values = scores.similarities[(scores.same == same) & ~scores.vetoed]
        axes.hist(values, bins=bins, alpha=0.6, color=color, label=f"{label}: {len(values)} pairs")
    if threshold is not None:
        axes.axvline(threshold, color="black", linestyle="--", label=f"threshold {threshold:.3f}")
    left_out = int(scores.vetoed.sum())
    title = "How alike labelled pairs look" + (f" ({left_out} vetoed by guards left out)" if left_out else "")
    axes.set(xlabel="similarity (cosine)", ylabel="pairs", title=title)
    axes.legend(loc="upper left", frameon=False)
    return figure


def curve_figure(curves: Mapping[str, Curve], wrong_hits: float) -> Figure:
    """Hits against wrong hits, a line for each named curve; up and left is better. The dotted line is the budget.

    Raises:
        FigureError: matplotlib is not installed.
    """
    figure = _figure()
    axes = figure.subplots()
    for (name, curve), (color, dashes) in zip(curves.items(), _LINES * len(curves), strict=False):
        axes.plot(100 * curve.wrong, 100 * curve.hits, color=color, linestyle=dashes, linewidth=2, label=name)
    axes.axvline(100 * wrong_hits, color="black", linestyle=":", label=f"budget: {wrong_hits:.0%} wrong")
    axes.set(xlabel="wrong hits, % of what is served", ylabel="hits, % of the pairs with the same meaning")
    axes.set(ylim=(0, 101), title="What a threshold costs")
    axes.margins(x=0.05)
    axes.grid(alpha=0.3)
    axes.legend(loc="best", frameon=True)
    return figure


def _figure() -> Figure:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  (not needed to tune)
    except ModuleNotFoundError as error:
        raise FigureError("A figure needs matplotlib, which is not installed: pip install matplotlib.") from error
    return Figure(figsize=(8, 4.5), dpi=110, layout="constrained")
