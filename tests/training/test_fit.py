"""Nothing is fitted over adapters that learned from what may not ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.fit import NEVER_SAW, check_learned


def _about(folder: Path, first: list[str], second: list[str]) -> Path:
    for number, learned in (("1", first), ("2", second)):
        values = {"pairs": dict.fromkeys(learned, 10)}
        (folder / f"pair_adapter_{number}.json").write_text(json.dumps(values), "utf-8")
    return folder


def test_adapters_of_licensed_sets_that_each_leave_out_what_the_other_learned_are_taken(tmp_path: Path) -> None:
    first = ["contrast_ko", "banking77", *(name for name, model in NEVER_SAW.items() if model == "2")]
    second = ["contrast_en", "chatbot_ko", *(name for name, model in NEVER_SAW.items() if model == "1")]
    check_learned(_about(tmp_path, first, second))


@pytest.mark.parametrize("name", ["assin_pt", "bank_faq", "qqp", "stsb_en"])
def test_a_set_that_may_not_ship_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SystemExit, match=f"pair_adapter_2 learned from {name}"):
        check_learned(_about(tmp_path, ["contrast_en"], ["contrast_en", name]))


def test_an_adapter_that_learned_from_a_set_it_is_to_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="pair_adapter_1 learned from kor_qpair"):
        check_learned(_about(tmp_path, ["kor_qpair"], ["contrast_en"]))
