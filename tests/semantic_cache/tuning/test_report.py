from dataclasses import replace
from io import StringIO

import numpy as np
from rich.console import Console, RenderableType

from semantic_cache.tuning import (
    LabelledPair,
    ScoredPair,
    Scores,
    conclusion,
    curve_table,
    hit_curve,
    pair_table,
    terminal_report,
    tune_scores,
)


def drawn(renderable: RenderableType) -> str:
    out = StringIO()
    Console(file=out, width=120, color_system=None).print(renderable)
    return out.getvalue()


def topics(count: int, other: float) -> Scores:
    pairs = [
        LabelledPair(f"q{i}", f"{i} {label}", label, group=f"g{i}") for i in range(count) for label in (True, False)
    ]
    return Scores(tuple(pairs), np.array([0.9, other] * count), np.zeros(2 * count, dtype=np.bool_))


def test_a_kept_promise_is_said_with_its_budget() -> None:
    text = " ".join(conclusion(tune_scores(topics(400, 0.5))))
    assert "800 labelled pairs in 400 separate topics" in text
    assert "Threshold 0.9000" in text
    assert "of 200 served, 0 are wrong" in text
    assert text.endswith("Promised: at most 2.0% of such hits are wrong.")


def test_pairs_with_times_are_measured_on_later_topics_and_it_says_since_when() -> None:
    scores = topics(400, 0.5)
    dated = tuple(replace(pair, at=86_400.0 * int(pair.question[1:])) for pair in scores.pairs)
    text = " ".join(conclusion(tune_scores(replace(scores, pairs=dated))))
    assert "On topics asked about since 1970-07-20 it serves" in text
    assert "of 200 served, 0 are wrong" in text


def test_missing_labels_are_counted_in_words() -> None:
    assert "About 396 more pairs like these" in conclusion(tune_scores(topics(100, 0.5)))[-1]


def test_a_hopeless_curve_is_said_to_have_no_threshold() -> None:
    text = " ".join(conclusion(tune_scores(topics(20, 0.95))))
    assert "No threshold keeps that" in text
    assert "too many wrong hits" in text


def test_a_threshold_of_one_is_said_to_serve_only_equal_keys() -> None:
    scores = topics(20, 0.95)
    only_keys = Scores(scores.pairs, np.where(scores.same, 1.0, 0.95), scores.vetoed)
    assert "same normalized key" in conclusion(tune_scores(only_keys))[1]


def test_the_table_marks_the_chosen_threshold_and_draws_shares_as_bars() -> None:
    curve = hit_curve([0.9, 0.8, 0.7, 0.6], [True, False, True, True])
    lines = drawn(curve_table(curve, threshold=0.7)).splitlines()
    (chosen,) = [line for line in lines if "→" in line]
    assert "0.7000" in chosen
    assert "█████████████·······  66.7%" in chosen
    assert "███████·············  33.3%" in chosen


def test_the_table_has_about_as_many_rows_as_asked_and_always_the_chosen_one() -> None:
    similarities = np.linspace(0.0, 1.0, 200)
    curve = hit_curve(similarities, similarities > 0.5)
    rows = [
        line for line in drawn(curve_table(curve, float(curve.thresholds[101]), rows=6)).splitlines() if "│" in line
    ]
    assert 6 <= len(rows) <= 7
    assert sum("→" in row for row in rows) == 1


def test_the_terminal_report_holds_the_table_and_the_conclusion() -> None:
    report = tune_scores(topics(100, 0.5))
    text = drawn(terminal_report(report))
    assert "Hits against wrong hits" in text
    assert "Not promised: too few labels." in text


def test_a_curve_with_nothing_to_serve_still_gives_a_table() -> None:
    assert "similarity" in drawn(curve_table(hit_curve([-np.inf, -np.inf], [True, False])))


def test_square_brackets_in_a_question_are_shown_as_they_are() -> None:
    scored = ScoredPair(LabelledPair("is [bold] free?", "[red]x", False), 0.5, True)
    text = drawn(pair_table([scored], "Pairs"))
    assert "is [bold] free?" in text
    assert "[red]x" in text
    assert "veto" in text
