"""Every code block of the README runs; of its two first commands one runs this, and the other has tests of its own."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from postgresql import running_server

_README = Path(__file__).parents[1] / "README.md"


def _fences() -> Iterator[Token]:
    return (token for token in MarkdownIt().parse(_README.read_text("utf-8")) if token.type == "fence")


def _blocks(language: str) -> list[str]:
    return [token.content for token in _fences() if token.info == language]


@pytest.mark.parametrize("number", range(len(_blocks("python"))))
def test_a_python_block_runs(number: int, tmp_path: Path) -> None:
    result = _run(_blocks("python")[number], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout
    if "cache.ask(" in _blocks("python")[number]:
        assert "마늘을" in result.stdout
        assert "\nmodel\n" in result.stdout


def test_the_block_for_postgresql_runs_on_a_server(tmp_path: Path) -> None:
    (block,) = _blocks("python postgres")
    with running_server() as server, server.database() as name:
        # The server of the tests listens at a socket and asks for no password: it takes any.
        url = server.url(name).replace("postgres@", "postgres:password@")
        script = block.replace("postgresql://samewise:password@db.example/samewise", url)
        assert url in script
        result = _run(script, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("True Settings(")
    assert "password" not in result.stdout


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "SAMEWISE_HOME": os.environ.get("SAMEWISE_HOME", _home())},
    )  # fmt: skip


def _confirmed(verb: str) -> str:
    return json.dumps({"q1": f"Where pray can I {verb}?", "q2": f"Where can I {verb}?", "same": True}) + "\n"


def _home() -> str:
    """The folder whose `models` the default settings use, so that nothing is fetched again."""
    from semantic_cache.models import models_directory

    return str(models_directory().parent)


def test_the_make_verbs_of_the_shell_blocks_exist() -> None:
    verbs = (_README.parent / "Makefile").read_text("utf-8")
    named = [line.split()[1] for line in _shell_lines() if line.startswith("make ")]
    assert named[:2] == ["demo", "test"]
    assert all(f"\n{verb}: setup" in verbs for verb in named)


def test_the_samewise_commands_and_the_client_run_as_written(tmp_path: Path) -> None:
    """A server is started as the README starts it, but for its port, and the README's client asks it."""
    (tmp_path / "faq.csv").write_text("question,answer\nWhere is the pool?,On the roof.\n", "utf-8")
    (tmp_path / "confirmed.jsonl").write_text("".join(map(_confirmed, ("pay", "park", "swim", "eat"))), "utf-8")
    (tmp_path / "prompts.jsonl").write_text('"Where is the pool?"\n"Where is the pool?"\n', "utf-8")
    # A few of the pairs: that the figures are right is for other tests.
    pairs = (_README.parent / "semantic_cache" / "tuning" / "pairs.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "pairs.csv").write_text("".join(pairs[:61]), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    commands = [line.replace("8000", port) for line in _shell_lines() if line.startswith("samewise ")]
    serving = next(command for command in commands if " serve " in command)
    for command in commands:
        if command != serving:
            result = subprocess.run(
                _arguments(command), cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
            )
            assert result.returncode == 0, result.stderr
    server = subprocess.Popen(_arguments(serving), cwd=tmp_path)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        (client,) = [token.content for token in _fences() if token.info == "python client"]
        script = client.replace("8000", port) + "\nprint(answer.choices[0].message.content)"
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
        assert result.stdout == "On the roof.\n", result.stderr
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def test_no_block_is_left_out() -> None:
    assert {token.info for token in _fences()} == {"bash", "python", "python client", "python postgres"}


def _shell_lines() -> list[str]:
    lines = [line.split("#")[0].strip() for block in _blocks("bash") for line in block.splitlines()]
    return [line for line in lines if line]


def _arguments(command: str) -> list[str]:
    return [sys.executable, "-m", "semantic_cache", *shlex.split(command)[1:]]


def _wait(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing answers at {url}")
