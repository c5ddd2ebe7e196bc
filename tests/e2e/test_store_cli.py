"""The commands of the store, each in a process of its own, while another process serves from it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import EchoGenerator

from semantic_cache import SemanticCache, Settings
from semantic_cache.build import build

_PAIRS = Path(__file__).parents[2] / "semantic_cache" / "tuning" / "pairs.csv"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'faq.db'}"


@pytest.fixture
def serving(url: str) -> Iterator[SemanticCache]:
    """The process that serves: this one, with the real parts but for a model that answers at once."""
    settings = Settings(store=url, show_progress=False)
    with SemanticCache(settings, replace(build(settings), generator=EchoGenerator())) as cache:
        yield cache


def run(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "semantic_cache", *arguments],
        capture_output=True, text=True, timeout=600, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "SAMEWISE_STORE": url, "COLUMNS": "200"},
    )  # fmt: skip


def within_a_while(holds: Callable[[], bool]) -> None:
    """Wait until something holds; that it does within a second is for the tests with a clock."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it never came to hold")


def test_what_another_process_adds_changes_and_removes_is_so_here_at_once(serving: SemanticCache, url: str) -> None:
    assert run("add", "How do I reset the password of my account?", "Old.", "--tag", "account", url=url).returncode == 0
    asked = ("How do I reset the password of my account?", "how do i reset the password of my account")
    by_meaning = "How can I reset the password for my account?"
    assert [serving.ask(text).text for text in asked] == ["Old.", "Old."]
    assert serving.ask(by_meaning).text == "Old."
    run("add", asked[0], "New.", "--tag", "account", url=url)
    assert {serving.ask(text).text for text in (*asked, by_meaning)} == {"New."}
    removed = run("store", "invalidate", "--tag", "account", "--yes", url=url)
    assert "1 entries removed" in removed.stdout, removed.stderr
    assert not any(serving.lookup(text).hit for text in (*asked, by_meaning))


def test_without_a_terminal_nothing_is_removed_unless_it_is_said_twice(serving: SemanticCache, url: str) -> None:
    serving.add("Where is the pool?", "On the roof.")
    refused = run("store", "invalidate", "--everything", url=url)
    assert refused.returncode == 1
    assert "SelectionError" in refused.stderr
    assert "--yes" in refused.stderr
    shown = run("store", "invalidate", "--everything", "--dry-run", url=url)
    assert "Where is the pool?" in shown.stdout
    assert serving.lookup("Where is the pool?").hit


def test_a_rule_that_is_applied_is_used_without_a_restart_and_taken_back(
    serving: SemanticCache, url: str, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("".join(_PAIRS.read_text("utf-8").splitlines(keepends=True)[:61]), "utf-8")
    serving.add("Where is the pool?", "On the roof.")
    assert "what is shipped" in serving.explain("Which floor has a swimming pool?").policy
    applied = run("tune", str(pairs), "--apply", url=url)
    assert applied.returncode == 0, applied.stderr
    assert "Saved as calibration 1" in applied.stdout
    within_a_while(lambda: "calibration 1 of the store" in serving.explain("Which floor has a pool?").policy)
    assert "calibration 1 of the store" in str(serving.status())
    assert "pairs.csv" in run("store", "calibrations", url=url).stdout
    assert "what is shipped holds" in run("store", "revert", "cuts", url=url).stdout
    within_a_while(lambda: "what is shipped" in serving.explain("Which floor has a pool?").policy)


def test_a_store_is_moved_and_copied_while_it_is_in_use(serving: SemanticCache, url: str, tmp_path: Path) -> None:
    serving.add("Where is the pool?", "On the roof.")
    assert run("store", "export", str(tmp_path / "faq.jsonl.gz"), url=url).returncode == 0
    assert run("store", "backup", str(tmp_path / "copy.db"), url=url).returncode == 0
    moved = f"sqlite:///{tmp_path / 'moved.db'}"
    assert "1 added" in run("store", "import", str(tmp_path / "faq.jsonl.gz"), url=moved).stdout
    for copy in (moved, f"sqlite:///{tmp_path / 'copy.db'}"):
        assert run("ask", "where is the POOL", url=copy).stdout.startswith("On the roof.")
        assert run("store", "check", url=copy).stdout == "All is well.\n"
    assert run("store", "vacuum", url=url).returncode == 0


def test_a_damaged_file_is_named_and_salvaged(serving: SemanticCache, url: str, tmp_path: Path) -> None:
    serving.add("Where is the pool?", "On the roof.")
    serving.close()
    damaged = tmp_path / "damaged.db"
    shutil.copy(tmp_path / "faq.db", damaged)
    with sqlite3.connect(damaged) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'samewise_by_key'").fetchone()
    with damaged.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    found = run("store", "check", url=f"sqlite:///{damaged}")
    assert found.returncode == 1
    assert "salvage" in found.stdout + found.stderr
    salvaged = run("store", "salvage", str(damaged), str(tmp_path / "new.db"), url=url)
    assert salvaged.returncode == 0, salvaged.stderr
    assert run("store", "check", url=f"sqlite:///{tmp_path / 'new.db'}").stdout == "All is well.\n"
    assert run("ask", "where is the pool", url=f"sqlite:///{tmp_path / 'new.db'}").stdout.startswith("On the roof.")


@pytest.mark.parametrize("command", [["stats"], ["ask", "Where is the pool?"], ["store", "check"]])
def test_a_password_is_in_no_output(command: list[str]) -> None:
    result = run(*command, url="postgresql://me:secret@127.0.0.1:9/faq")
    assert result.returncode == 1
    assert "127.0.0.1" in result.stderr
    assert "secret" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
