"""`samewise demo`, as a newcomer runs it: in a process of its own, on the real models."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from semantic_cache.cli.demo_script import SCRIPT

_COLUMNS = (11, 44, 10, 32, 5, 9, 13)


@pytest.fixture(scope="module")
def printed() -> str:
    result = subprocess.run(
        [sys.executable, "-m", "semantic_cache", "demo", "--max-tokens", "8"],
        capture_output=True, text=True, timeout=600, check=False, env={"COLUMNS": "160", **_environment()},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name != "COLUMNS"}


def _row(printed: str, question: str) -> str:
    return next(line for line in printed.splitlines() if question[:40] in line)


def test_every_question_of_the_script_has_its_row(printed: str) -> None:
    assert len(SCRIPT) == 12
    assert all(question.text[:40] in printed for question in SCRIPT)
    assert "Not as it should be" not in printed


def test_both_pasta_questions_are_answered_from_one_entry(printed: str) -> None:
    for question in ("맛있는 파스타 레시피 알려줘", "파스타 레시피 좀 알려주세요"):
        assert re.search(r"exact|normalized", _row(printed, question))
        assert "맛있는 파스타 레시피 알려줘" in _row(printed, question)


def test_the_near_misses_go_to_the_model(printed: str) -> None:
    misses = [question for question in SCRIPT if question.kind == "near miss"]
    assert len(misses) >= 4
    assert all(" model " in _row(printed, question.text) for question in misses)


def test_the_first_token_comes_ten_times_earlier_with_the_document_kept(printed: str) -> None:
    found = re.search(r"kept: (\d+)× earlier", printed)
    assert found is not None
    reused = re.search(r"([\d,]+) reused", printed)
    assert reused is not None
    assert int(reused[1].replace(",", "")) > 4 * 4000
