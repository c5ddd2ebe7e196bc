from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from normalize import Question
from semantic_cache.tuning import EvidenceError, LabelledPair, Reason, Scores, TuningReport, tune, tune_scores
from semantic_cache.tuning.curve import CurvePoint


def topics(count: int, wrong_above: int = 0) -> Scores:
    """Topics of one pair each label: same at 0.9, another at 0.5; in the first `wrong_above` topics at 0.95 instead."""
    pairs, values = [], []
    for topic in range(count):
        pairs += [LabelledPair(f"q{topic}", f"s{topic}", True, group=f"g{topic}")]
        pairs += [LabelledPair(f"q{topic}", f"d{topic}", False, group=f"g{topic}")]
        values += [0.9, 0.95 if topic < wrong_above else 0.5]
    return Scores(tuple(pairs), np.array(values), np.zeros(len(pairs), dtype=np.bool_))


def test_with_enough_clean_pairs_the_promise_holds_on_the_half_not_chosen_on() -> None:
    report = tune_scores(topics(400))
    assert report.threshold == 0.9
    assert report.promise
    assert report.missing_labels == 0
    assert (report.hits, report.wrong, report.measured.served) == (1.0, 0.0, 200)
    assert report.measured.wrong_upper <= 0.02


def test_with_too_few_clean_pairs_the_threshold_stands_and_the_missing_labels_are_counted() -> None:
    report = tune_scores(topics(100))
    assert (report.threshold, report.hits, report.wrong) == (0.9, 1.0, 0.0)
    assert not report.promise
    assert report.refusal is not None
    assert report.refusal.reason is Reason.TOO_FEW_LABELS
    # 149 served pairs on the held-out half, each with its counterpart, twice for the other half, less the 200 there are.
    assert report.missing_labels == 149 * 2 * 2 - 200


def test_with_those_labels_added_the_promise_holds() -> None:
    assert tune_scores(topics(298)).promise
    assert not tune_scores(topics(296)).promise


def test_when_the_most_alike_pairs_are_wrong_there_is_no_threshold_and_nothing_is_served() -> None:
    report = tune_scores(topics(40, wrong_above=40))
    assert report.threshold is None
    assert report.measured == CurvePoint(np.inf, 0, 0, 0.0, 0.0, 1.0)
    assert report.refusal is not None
    assert report.refusal.reason is Reason.TOO_MANY_WRONG
    assert not report.promise


def test_what_guards_veto_is_not_served() -> None:
    scores = topics(400, wrong_above=400)
    guarded = Scores(scores.pairs, scores.similarities, ~scores.same)
    assert tune_scores(scores).threshold is None
    assert tune_scores(guarded).promise


def test_the_measured_half_is_not_the_one_chosen_on() -> None:
    scores = topics(100, wrong_above=10)
    report = tune_scores(scores, wrong_hits=0.2, seed=3)
    assert report.threshold is not None
    assert report.measured == report.held_out_curve.at(report.threshold)
    assert report.measured != report.curve.at(report.threshold)
    assert report.curve.positives + report.held_out_curve.positives == 100
    assert report.curve.wrong_served[-1] + report.held_out_curve.wrong_served[-1] == 10


@pytest.mark.parametrize(("name", "value"), [("wrong_hits", 0.0), ("confidence", 1.5)])
def test_a_share_out_of_range_is_refused_before_anything_is_read(
    embedder: Any, normalizer: Callable[[str], Question], name: str, value: float
) -> None:
    with pytest.raises(EvidenceError, match=f"{name}={value}"):
        tune(Path("nowhere.csv"), embedder=embedder, normalizer=normalizer, **{name: value})  # type: ignore[arg-type]


def tuned(path: Path, embedder: Any, normalizer: Callable[[str], Question], **more: Any) -> TuningReport:
    lines = ["question,other,same,group"]
    for topic in range(30):
        lines += [f"return number {topic}?,Return number {topic},1,g{topic}"]
        lines += [f"return number {topic}?,return number {topic + 100},0,g{topic}"]
    path.write_text("\n".join(lines), "utf-8")
    return tune(path, embedder=embedder, normalizer=normalizer, **more)


def test_a_file_is_tuned_from_end_to_end(tmp_path: Path, embedder: Any, normalizer: Callable[[str], Question]) -> None:
    report = tuned(tmp_path / "pairs.csv", embedder, normalizer)
    assert (report.pairs, report.blocks, report.threshold, report.hits) == (60, 30, 1.0, 1.0)
    assert report.wrong == 0.0


def test_vetoes_reach_the_curve_of_a_tuned_file(
    tmp_path: Path, embedder: Any, normalizer: Callable[[str], Question]
) -> None:
    def other_number(asked: Question, stored: Question) -> bool:
        return asked.facts.numbers != stored.facts.numbers

    plain = tuned(tmp_path / "pairs.csv", embedder, normalizer)
    guarded = tuned(tmp_path / "pairs.csv", embedder, normalizer, vetoes=other_number)
    assert plain.held_out_curve.wrong_served.max() == 15
    assert guarded.held_out_curve.wrong_served.max() == 0
