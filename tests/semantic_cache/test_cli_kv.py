"""`samewise kv`: a proof with an exit code, prices and costs, what a cache did with prompts, and why it missed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_families import save_family
from typer.testing import CliRunner

from kvcache.layer import BlockStates, GrowingCache, GrowingLayer
from semantic_cache.cli.app import app
from semantic_cache.errors import ModelError, SettingsError

_SMALL = ["--block-tokens", "16"]


def _run(*arguments: object) -> str:
    run = CliRunner().invoke(app, ["kv", *map(str, arguments)], env={"COLUMNS": "200"})
    assert run.exit_code == 0, run.output
    return run.stdout


@pytest.fixture(scope="module")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama over bytes."""
    return save_family("llama", tmp_path_factory.mktemp("llama"))


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.jsonl"
    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is a tapir?"}]
    lines: list[object] = [talk, talk, "What is a tapir, and where does it live?", list(range(40))]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_verify_says_that_warm_equals_cold_and_ends_with_success(tiny_llama: Path, prompts: Path) -> None:
    for more in ([], ["--prompts", prompts]):
        said = _run("verify", tiny_llama, "--dtype", "bfloat16", "--splits", 1, *_SMALL, *more)
        assert "Warm equals cold, bit for bit" in said


def test_verify_ends_with_failure_where_a_hit_is_wrong(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restore = GrowingCache.restore

    def damaged(self: GrowingCache, blocks: list[BlockStates], held: int) -> None:
        restore(self, blocks, held)
        layer = self.layers[0]
        assert isinstance(layer, GrowingLayer)
        if blocks and layer.keys is not None:
            with torch.inference_mode():
                layer.keys[0, 0, 16, 0] += 1.0

    monkeypatch.setattr(GrowingCache, "restore", damaged)
    run = CliRunner().invoke(app, ["kv", "verify", str(tiny_llama), *_SMALL])
    assert run.exit_code == 1
    assert "Warm differs from cold: repeat, 37 tokens" in run.stdout
    assert "keys of layer 0 at position 16" in run.stdout


def test_prices_are_shown_with_their_sources_and_a_request_with_its_cost() -> None:
    assert "platform.claude.com" in _run("prices")
    said = _run("prices", "--prompt-tokens", 1_000_000, "--cached-tokens", 1_000_000)
    line = next(line for line in said.splitlines() if "claude-haiku-4-5" in line)
    assert [word for word in line.split() if "." in word] == ["0.100000", "1.000000", "0.900000"]


def test_what_the_prompts_saved_is_counted(tiny_llama: Path, prompts: Path) -> None:
    said = _run("stats", tiny_llama, "--prompts", prompts, "--price", "claude-haiku-4-5", *_SMALL)
    assert "4 prompts of" in said
    assert "At the prices of claude-haiku-4-5" in said
    assert "hits" in said


def test_why_a_prompt_missed_is_said_of_each(tiny_llama: Path, prompts: Path) -> None:
    said = _run("explain", tiny_llama, "--prompts", prompts, *_SMALL)
    rows = [line.split("│") for line in said.splitlines() if line.startswith("│")]
    tokens, read = ([int(row[column]) for row in rows] for column in (2, 3))
    assert read[0] == 0
    assert read[1] == tokens[1]
    why = [[cell.strip() for cell in row[5:9]] for row in rows]
    assert why[0][:3] == ["new", "token 0", "system"]
    assert why[1] == [""] * 4
    assert why[2][:3] == ["new", "token 1", "user 1"]
    assert "What is" in why[2][3]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["verify", "/no/such/model"], ModelError, "no folder"),
        (["stats", "--price", "gpt-0"], SettingsError, "no price of 'gpt-0'"),
        (["prices", "--file", "/no/prices.toml"], SettingsError, "cannot be read"),
        (["verify", "--block-tokens", "9999"], SettingsError, "from 1 to 4096"),
    ],
)
def test_mistakes_are_told_in_our_own_errors(
    tiny_llama: Path, prompts: Path, arguments: list[str], error: type[Exception], words: str
) -> None:
    if arguments[0] == "stats":
        arguments = [*arguments, str(tiny_llama), "--prompts", str(prompts)]
    elif "--block-tokens" in arguments:
        arguments = [*arguments, str(tiny_llama)]
    run = CliRunner().invoke(app, ["kv", *arguments])
    assert isinstance(run.exception, error)
    assert words in str(run.exception)


@pytest.mark.parametrize("command", ["explain", "verify"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "line 1: it is no JSON"),
        ("[1, 2\n", "line 1: it is no JSON"),
        ("[1]\n[" + "9" * 5000 + "]", "line 2: it holds a number that is no token id"),
        ("[" * 100_000, "line 1: its lists are nested too deeply"),
        ("\n\n", "holds no prompts"),
        ("", "holds no prompts"),
    ],
)
def test_a_file_that_holds_no_prompts_is_refused_by_file_and_line(
    tiny_llama: Path, tmp_path: Path, command: str, content: str, words: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    run = CliRunner().invoke(app, ["kv", command, str(tiny_llama), "--prompts", str(path)])
    assert isinstance(run.exception, SettingsError)
    assert str(run.exception).startswith(f"{path}")
    assert words in str(run.exception)


def test_the_command_line_starts_without_torch() -> None:
    code = "import semantic_cache.cli.app, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
