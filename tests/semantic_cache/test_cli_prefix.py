"""The command line says why a prompt missed, and `serve` makes its model ready unless told not to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from tiny_families import save_family
from typer.testing import CliRunner

import semantic_cache.server
from semantic_cache import Settings, Trace
from semantic_cache.answer import Answer
from semantic_cache.cli.app import app
from semantic_cache.cli.show import source_line
from semantic_cache.prefix_miss import PrefixMiss

_MISS = PrefixMiss("evicted", "user 2", 12, 8, 3.4, 'Where is "it"')


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama over bytes."""
    return save_family("llama", tmp_path_factory.mktemp("llama"))


def _explained(*arguments: str) -> str:
    run = CliRunner().invoke(app, ["explain", *arguments], env={"SAMEWISE_STORE": None, "COLUMNS": "300"})
    assert run.exit_code == 0, run.output
    return run.stdout


def test_an_answers_line_says_why_its_prompt_missed() -> None:
    line = source_line(Answer("On the roof.", "model", trace=Trace(prefix=_MISS)))
    assert r'8 tokens computed in 3 ms: evicted from token 12 in user 2, "Where is \"it\"" on' in line
    assert "\n" not in line
    assert "computed" not in source_line(Answer("On the roof.", "exact"))


def test_explain_answers_where_it_is_told_to_and_says_in_a_line_what_was_computed(
    small_model: Path, tmp_path: Path
) -> None:
    store = ["--store", f"sqlite:///{tmp_path / 'faq.db'}", "--model", str(small_model), "--system", "Be brief."]
    assert "answered" not in _explained("where is the pool", *store)
    said = _explained("where is the pool", "--answer", *store)
    (line,) = (line for line in said.splitlines() if line.startswith("answered "))
    assert "model, " in line
    assert "computed in" in line
    assert "new from token 0 in system" in line
    (again,) = json.loads(_explained("where is the sauna", "--answer", "--json", *store))["answers"]
    assert (again["source"], again["prefix"]["cause"]) == ("model", "new")


def test_an_answer_needs_a_store_to_look_in() -> None:
    run = CliRunner().invoke(app, ["explain", "where is it", "--answer"], env={"SAMEWISE_STORE": None})
    assert run.exit_code == typer.BadParameter("").exit_code
    assert "--store" in run.output


@pytest.mark.parametrize(
    ("options", "warm"),
    [([], True), (["--no-warm"], False), (["--model", "m", "--base-url", "http://127.0.0.1:9/v1"], False)],
)
def test_serve_makes_its_own_model_ready_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch, options: list[str], warm: bool
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(semantic_cache.server, "run_server", lambda settings, **_: served.append(settings))
    run = CliRunner().invoke(app, ["serve", "--store", "sqlite://", *options], env={"SAMEWISE_BASE_URL": None})
    assert run.exit_code == 0, run.output
    assert [one.warm for one in served] == [warm]
