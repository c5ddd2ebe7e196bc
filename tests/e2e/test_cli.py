"""The command line, each command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def _run(*arguments: str, store: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "semantic_cache", *arguments],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "SAMEWISE_STORE": f"sqlite:///{store}", "COLUMNS": "200", **environment},
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "faq.db"


def test_an_answer_is_added_asked_explained_and_counted(store: Path) -> None:
    added = _run("add", "맛있는 파스타 레시피 알려줘", "마늘을 볶으세요.", "--tag", "food", store=store)
    assert added.stdout.startswith("Stored as entry 1"), added.stderr
    asked = _run("ask", "파스타 레시피 좀 알려주세요", store=store)
    assert asked.stdout.startswith("마늘을 볶으세요.\nnormalized, "), asked.stderr
    explained = _run("explain", "파스타 맛집 알려줘", store=store)
    assert "candidate" in explained.stdout
    assert "decision   miss" in explained.stdout
    counted = _run("stats", store=store)
    assert "written by people" in counted.stdout


def test_a_new_question_is_answered_by_the_model(store: Path) -> None:
    asked = _run("ask", "Name a fruit that is yellow.", "--max-tokens", "6", store=store)
    assert asked.returncode == 0, asked.stderr
    assert "prompt tokens, 0 of them cached" in asked.stdout
    assert "\nexact, " in _run("ask", "Name a fruit that is yellow.", "--max-tokens", "6", store=store).stdout


def test_a_file_is_imported(store: Path, tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("question,answer\nWhere is the pool?,On the roof.\n", "utf-8")
    imported = _run("import", str(tmp_path / "faq.csv"), store=store)
    assert imported.stdout == "1 questions added, 0 replaced.\n", imported.stderr
    assert _run("ask", "where is the POOL", store=store).stdout.startswith("On the roof.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "   "], "QuestionError"),
        (["import", "nowhere.csv"], "ImportFileError"),
        (["ask", "hello there", "--model", "no-such-model"], "SettingsError"),
        (["ask", "hello there", "--document", "nowhere.md"], "DocumentError"),
        (["ask", "hello there", "--threshold", "7"], "SettingsError"),
        (["ask", "hello there", "--store", "sqlite:////no/such/folder/faq.db"], "StoreError"),
        (["tune", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_one(store: Path, arguments: list[str], said: str) -> None:
    result = _run(*arguments, store=store)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_models_fetch_names_each_folder(store: Path) -> None:
    result = _run("models", "fetch", store=store)
    assert result.returncode == 0, result.stderr
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        "SmolLM2-135M-Instruct",
        "multilingual-e5-small",
        "all-MiniLM-L6-v2",
    ]


def test_tune_names_a_threshold(store: Path) -> None:
    pairs = Path(__file__).parents[2] / "semantic_cache" / "tuning" / "pairs.csv"
    result = _run("tune", str(pairs), "--wrong-hits", "0.4", store=store)
    assert result.returncode == 0, result.stderr
    assert "threshold" in result.stdout.lower()
