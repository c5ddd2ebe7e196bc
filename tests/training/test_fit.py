"""Nothing is fitted over pair models that learned from what may not ship."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantic_cache.matching.examined import SURE
from semantic_cache.matching.features import FEATURES
from training.evaluate_sets import some_of
from training.examples import Example, part_of
from training.families import read_families
from training.fit import BOTH, NEVER_SAW, all_families, check_learned, examined, judged, needed
from training.pack import joined
from training.scoring import Scored


def _about(folder: Path, first: list[str], second: list[str]) -> Path:
    for number, learned in (("1", first), ("2", second)):
        values = {"pairs": {}, "learned": learned}
        (folder / f"pair_model_{number}.json").write_text(json.dumps(values), "utf-8")
    return folder


def test_models_of_licensed_sets_that_each_leave_out_what_the_other_learned_are_taken(tmp_path: Path) -> None:
    first = ["contrast_ko", "banking77", *(name for name, model in NEVER_SAW.items() if model == "2")]
    second = ["contrast_en", "chatbot_ko", *(name for name, model in NEVER_SAW.items() if model == "1")]
    check_learned(_about(tmp_path, first, second))


@pytest.mark.parametrize("name", ["assin_pt", "bank_faq", "qqp", "stsb_en"])
def test_a_set_that_may_not_ship_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemExit, match=f"pair_model_2 learned from {name}"):
        check_learned(_about(tmp_path, ["contrast_en"], ["contrast_en", name]))


def test_a_model_that_learned_from_a_set_it_is_to_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="pair_model_1 learned from kor_qpair"):
        check_learned(_about(tmp_path, ["kor_qpair"], ["contrast_en"]))


def test_every_shipped_model_says_all_that_it_learned_from() -> None:
    folder = Path(__file__).parents[2] / "training"
    check_learned(folder)
    stages: list[str] = []
    for number in ("1", "2"):
        values = _said_of(folder, f"pair_model_{number}")
        assert values == joined(values["mean_of"], folder)
        stages += values["mean_of"]
    while stages:
        values = _said_of(folder, stages.pop())
        before = [Path(name).stem for name in values["from"]]
        learned = [source for name in before for source in _said_of(folder, name)["learned"]]
        assert set(values["learned"]) == {*values["pairs"], *learned}
        stages += before


def test_a_mean_learned_what_any_of_its_stages_learned(tmp_path: Path) -> None:
    for name, learned in (("wide_1", ["contrast_ko", "banking77"]), ("more_1", ["contrast_ko", "parakqc"])):
        (tmp_path / f"{name}.json").write_text(json.dumps({"learned": learned}), "utf-8")
    assert joined(["wide_1", "more_1"], tmp_path)["learned"] == ["banking77", "contrast_ko", "parakqc"]


def _said_of(folder: Path, name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return values


def test_what_two_writers_chose_is_kept_back_only_if_no_model_learned_from_either() -> None:
    learned = {
        (one.language, one.topic.partition("/")[2])
        for one in read_families()
        if part_of(f"families_{one.language}", one.topic) == "train"
    }
    kept_back = {(one.language, one.group.partition("/")[2]) for one in all_families()}
    assert kept_back
    assert not learned & kept_back


def test_a_share_of_a_set_is_of_whole_groups_from_all_over_it() -> None:
    examples = [Example(f"{row}", "x", True, "s", f"{row // 5}", "en") for row in range(500)]
    some = some_of(examples, 50, 0)
    groups = {one.group for one in some}
    assert (len(some), len(groups)) == (50, 10)
    assert max(map(int, groups)) > 50


def test_a_model_reads_what_it_fits_and_what_it_measures() -> None:
    never = next(name for name, model in NEVER_SAW.items() if model == "1")
    groups = [str(number) for number in range(200)]
    fit = next(one for one in groups if part_of(never, one) == "fit")
    test = next(one for one in groups if part_of(never, one) == "test")
    for group, wanted in ((fit, {BOTH, "1", "2"}), (test, {BOTH, "1"})):
        assert {
            name for name in (BOTH, "1", "2") if needed(name, Example("a", "b", True, never, group, "en"))
        } == wanted
    assert [needed(name, Example("a", "b", True, "qqp", fit, "en")) for name in (BOTH, "1", "2")] == [
        True,
        False,
        False,
    ]


def test_a_doubtful_pair_counts_where_the_pair_model_is_sure_and_a_refused_one_nowhere() -> None:
    table = np.zeros((5, len(FEATURES)), dtype=np.float32)
    table[1:4, FEATURES.index("guard_doubtful")] = 1.0
    table[3:, FEATURES.index("guard_numbers")] = 1.0
    examples = [Example("a", "b", True, "kor_qpair", "g", "ko")] * 5
    logits = np.array([-1.0, SURE, SURE - 0.1, 9.0, 9.0], dtype=np.float32)
    scored = Scored(examples, np.ones(5, dtype=bool), np.zeros(5, dtype=bool), table, {"1": logits})
    assert examined(scored).tolist() == [True, True, True, False, False]
    assert judged(scored, "1").tolist() == [True, True, False, False, False]
    assert judged(scored, None).tolist() == [True, False, False, False, False]
    one_key = replace(scored, one_key=np.ones(5, dtype=bool))
    assert not judged(one_key, "1").any()
