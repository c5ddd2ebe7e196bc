import sys

import numpy as np
import pytest

from semantic_cache.tuning import FigureError, LabelledPair, Scores, curve_figure, hit_curve, score_figure

PAIRS = tuple(LabelledPair(f"q{i}", f"o{i}", i < 3) for i in range(5))
SCORES = Scores(PAIRS, np.array([0.9, 0.8, 0.7, 0.85, 0.5]), np.array([False, False, True, True, False]))


def test_the_histogram_counts_what_guards_let_pass() -> None:
    (axes,) = score_figure(SCORES, threshold=0.75).axes
    legend = axes.get_legend()
    assert legend is not None
    assert {text.get_text() for text in legend.get_texts()} == {
        "same meaning: 2 pairs",
        "another meaning: 1 pairs",
        "threshold 0.750",
    }
    assert sum(bar.get_height() for bar in axes.patches) == 3  # type: ignore[attr-defined]
    assert "2 vetoed by guards left out" in axes.get_title()


def test_a_histogram_of_nothing_but_vetoes_is_empty_and_still_drawn() -> None:
    (axes,) = score_figure(Scores(PAIRS, SCORES.similarities, np.ones(5, dtype=np.bool_))).axes
    assert sum(bar.get_height() for bar in axes.patches) == 0  # type: ignore[attr-defined]


def test_the_curves_are_drawn_in_percent_beside_the_budget() -> None:
    curve = hit_curve(SCORES.similarities, SCORES.same)
    (axes,) = curve_figure({"plain": curve, "again": curve}, wrong_hits=0.02).axes
    plain, again, budget = axes.lines
    assert np.allclose(plain.get_xdata(), 100 * curve.wrong)
    assert np.allclose(plain.get_ydata(), 100 * curve.hits)
    assert plain.get_linestyle() != again.get_linestyle()
    assert list(budget.get_xdata()) == [2.0, 2.0]  # type: ignore[arg-type]


def test_without_matplotlib_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(FigureError, match="pip install matplotlib"):
        score_figure(SCORES)
