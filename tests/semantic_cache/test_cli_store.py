"""`samewise store …` in this process: what each command prints, what it changes, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import Bench, MakeBench
from typer.testing import CliRunner, Result

from semantic_cache import Settings
from semantic_cache.cli import invalidate as invalidate_command
from semantic_cache.cli.app import app
from semantic_cache.errors import SelectionError, StoreError
from semantic_cache.rule import CUTS

Run = Callable[..., Result]


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path) -> Bench:
    bench = make_bench(settings=Settings(store=f"sqlite:///{tmp_path / 'faq.db'}", show_progress=False))
    bench.cache.add("where is the pool", "On the roof.", tags={"house"})
    bench.cache.add("what does the soup cost", "Nothing.", tags={"food"})
    bench.cache.add("where is the pool", "In the cellar.", tenant="acme", tags={"house"})
    return bench


@pytest.fixture
def run(bench: Bench) -> Run:
    def invoke(*given: str, answer: str = "") -> Result:
        return CliRunner(env={"SAMEWISE_STORE": bench.cache.settings.store}).invoke(app, ["store", *given], answer)

    return invoke


class TestInvalidate:
    def test_a_dry_run_shows_what_would_be_removed_and_removes_nothing(self, bench: Bench, run: Run) -> None:
        shown = run("invalidate", "--tag", "house", "--dry-run")
        assert shown.exit_code == 0
        assert "where is the pool" in shown.output
        assert "acme" in shown.output
        assert "2 entries would be removed" in shown.output
        assert bench.cache.usage().entries == 3

    def test_with_yes_it_removes_and_says_how_many(self, bench: Bench, run: Run) -> None:
        done = run("invalidate", "--tag", "house", "--tenant", "acme", "--yes")
        assert "1 entries removed" in done.output
        assert bench.cache.usage("acme").entries == 0
        assert bench.cache.usage("public").entries == 2

    def test_without_a_terminal_it_needs_yes_or_a_dry_run(self, bench: Bench, run: Run) -> None:
        refused = run("invalidate", "--everything")
        assert isinstance(refused.exception, SelectionError)
        assert "--yes" in str(refused.exception)
        assert bench.cache.usage().entries == 3

    @pytest.mark.parametrize(("answer", "left"), [("n\n", 3), ("", 3), ("y\n", 1)])
    def test_at_a_terminal_it_shows_and_asks_first(
        self, bench: Bench, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
    ) -> None:
        monkeypatch.setattr(invalidate_command, "is_terminal", lambda: True)
        asked = run("invalidate", "--tag", "house", answer=answer)
        assert "2 entries would be removed" in asked.output
        assert bench.cache.usage().entries == left

    def test_without_a_condition_it_is_refused(self, bench: Bench, run: Run) -> None:
        refused = run("invalidate", "--yes")
        assert isinstance(refused.exception, SelectionError)
        assert bench.cache.usage().entries == 3


class TestMoving:
    def test_an_export_is_imported_into_another_store(self, bench: Bench, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "faq.jsonl.gz"
        assert "3 entries" in run("export", str(file)).output
        other = f"sqlite:///{tmp_path / 'other.db'}"
        assert "3 added" in run("import", str(file), "--store", other).output
        assert "0 added" in run("import", str(file), "--store", other).output

    def test_of_one_tenant_only_its_entries_are_exported(self, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "acme.jsonl"
        assert "1 entries" in run("export", str(file), "--tenant", "acme").output
        assert "soup" not in file.read_text("utf-8")

    def test_a_backup_opens_as_a_store(self, run: Run, tmp_path: Path, make_bench: MakeBench) -> None:
        file = tmp_path / "copy.db"
        assert run("backup", str(file)).exit_code == 0
        copy = make_bench(f"sqlite:///{file}")
        assert copy.cache.ask("where is the pool").text == "On the roof."

    @pytest.mark.parametrize("command", ["export", "backup"])
    def test_a_file_that_is_there_is_left_as_it_is(self, run: Run, tmp_path: Path, command: str) -> None:
        file = tmp_path / "precious.jsonl"
        file.write_text("precious")
        refused = run(command, str(file))
        assert isinstance(refused.exception, StoreError)
        assert file.read_text() == "precious"

    def test_a_file_that_is_no_export_is_refused_with_its_name(self, bench: Bench, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "diary.jsonl"
        file.write_text("Dear diary\n")
        refused = run("import", str(file))
        assert isinstance(refused.exception, StoreError)
        assert "diary.jsonl" in str(refused.exception)
        assert bench.cache.usage().entries == 3

    def test_vacuum_says_what_it_gave_back(self, run: Run) -> None:
        assert "bytes before" in run("vacuum").output


class TestCheck:
    def test_a_sound_store_is_said_to_be_so(self, run: Run) -> None:
        checked = run("check")
        assert (checked.exit_code, checked.output) == (0, "All is well.\n")

    def test_what_does_not_hold_is_told_with_the_way_out_and_repaired_on_request(
        self, bench: Bench, run: Run, tmp_path: Path
    ) -> None:
        with sqlite3.connect(tmp_path / "faq.db") as connection:
            connection.execute("DELETE FROM samewise_labels")
        found = run("check")
        assert found.exit_code == 1
        assert "entry 1" in found.output
        assert "repair" in found.output
        repaired = run("check", "--repair")
        assert repaired.exit_code == 0
        assert "0 are left" in repaired.output
        assert run("check").output == "All is well.\n"
        assert bench.cache.invalidate(tags=["house"], dry_run=True).count == 2

    def test_what_cannot_be_repaired_stays_told_and_the_exit_code_says_so(self, run: Run, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "faq.db") as connection:
            connection.execute("UPDATE samewise_entries SET tool_calls = 'no JSON' WHERE id = 2")
            connection.execute("DELETE FROM samewise_labels")
        repaired = run("check", "--repair")
        assert repaired.exit_code == 1
        assert "left: entry 2" in repaired.output
        assert "entry 1" not in repaired.output.partition("are left")[2]

    def test_a_damaged_file_is_salvaged_into_a_new_one(
        self, bench: Bench, run: Run, tmp_path: Path, make_bench: MakeBench
    ) -> None:
        bench.cache.close()
        into = tmp_path / "new.db"
        done = run("salvage", str(tmp_path / "faq.db"), str(into))
        assert done.exit_code == 0
        assert make_bench(f"sqlite:///{into}").cache.ask("where is the pool").text == "On the roof."


class TestCalibrations:
    def test_they_are_listed_and_taken_back_one_after_the_other(self, bench: Bench, run: Run) -> None:
        assert "no calibrations" in run("calibrations").output
        for note in ("first.csv", "second.csv"):
            bench.store.calibrations.save(CUTS, json.dumps({"cuts": [], "sets": []}), note)
        listed = run("calibrations").output
        assert listed.index("second.csv") < listed.index("first.csv")
        assert listed.count("holds") == 1
        assert "calibration 1 (first.csv) holds" in run("revert", CUTS).output
        assert "what is shipped holds" in run("revert", CUTS).output
        assert "All were taken back" in run("calibrations").output
        refused = run("revert", CUTS)
        assert isinstance(refused.exception, StoreError)

    def test_one_of_another_name_is_not_there(self, run: Run) -> None:
        refused = run("revert", "thresholds")
        assert isinstance(refused.exception, StoreError)
        assert "thresholds" in str(refused.exception)


@pytest.mark.parametrize(
    "command", [["export", "x.jsonl"], ["check"], ["calibrations"], ["vacuum"], ["invalidate", "--everything", "--yes"]]
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(
    run: Run, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run(*command, "--store", "postgresql://me:secret@127.0.0.1:9/faq")
    assert isinstance(refused.exception, StoreError)
    assert "127.0.0.1" in str(refused.exception)
    assert "secret" not in str(refused.exception) + refused.output
