"""Two servers on one store: what is said to one of them holds for the other at its next question."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from semantic_cache import SemanticCache, Settings

_STORED = "How do I reset my password?"
_RULES = {
    "threshold": (["--threshold", "0.9"], "I forgot my password, how can I set a new one?"),
    "budget": ([], "What should I do to reset my password?"),
}
Serve = Callable[[list[str]], httpx.Client]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The URL of a store with one answer."""
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    with SemanticCache.open(Settings(store=url, show_progress=False)) as cache:
        cache.add(_STORED, "Click on “Forgot password”.")
    return url


@pytest.fixture
def serve(store: str, tmp_path: Path) -> Iterator[Serve]:
    """Start a server in a process of its own, over an engine that nobody can reach: it serves what is stored."""
    running: list[tuple[subprocess.Popen[bytes], httpx.Client]] = []

    def start(options: list[str]) -> httpx.Client:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        engine = ["--model", "m", "--base-url", "http://127.0.0.1:9/v1"]
        command = [sys.executable, "-m", "semantic_cache", "serve", "--store", store, "--port", str(port), *engine]
        with (tmp_path / f"log-{port}").open("wb") as log:
            process = subprocess.Popen([*command, *options], stdout=log, stderr=log, env={**os.environ})
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
        running.append((process, client))
        for _ in range(1200):
            try:
                client.get("/healthz").raise_for_status()
            except httpx.TransportError:
                assert process.poll() is None, (tmp_path / f"log-{port}").read_text()
                time.sleep(0.1)
            else:
                return client
        pytest.fail(f"the server did not start: {(tmp_path / f'log-{port}').read_text()}")

    yield start
    for process, client in running:
        client.close()
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _served(client: httpx.Client, asked: str) -> tuple[str, int] | None:
    """Where the answer came from and its entry; None where the model would have been needed."""
    body = {"model": "samewise", "messages": [{"role": "user", "content": asked}]}
    answer = client.post("/v1/chat/completions", json=body)
    if answer.status_code == 500:
        assert "127.0.0.1:9" in answer.text
        return None
    origin = answer.raise_for_status().json()["samewise"]
    return origin["source"], origin["entry_id"]


@pytest.mark.parametrize("rule", list(_RULES))
def test_what_one_is_told_the_other_obeys(serve: Serve, rule: str) -> None:
    options, asked = _RULES[rule]
    one, other = serve(options), serve(options)
    assert _served(one, asked) == _served(other, asked) == ("semantic", 1)
    wrong = {"entry_id": 1, "question": asked, "correct": False}
    for _ in range(2):  # the second is the same call, tried again
        report = one.post("/v1/feedback", json=wrong).raise_for_status().json()
        assert (report["blocked"], report["evidence"]) == (True, {"right": 0, "wrong": 1})
    for text in (asked, asked.upper()):
        assert _served(other, text) is None
        assert _served(one, text) is None
    assert _served(other, _STORED) == ("exact", 1)
    confirmed = "which button brings me back in"
    assert _served(one, confirmed) is None
    right = {"entry_id": 1, "question": confirmed, "correct": True}
    assert other.post("/v1/feedback", json=right).raise_for_status().json()["alias_added"]
    assert _served(one, confirmed) == ("normalized", 1)
    assert other.post("/v1/feedback", json={**right, "correct": False}).json()["alias_removed"]
    assert _served(one, confirmed) is None


def test_what_else_the_entry_was_served_for_is_named(serve: Serve) -> None:
    options, asked = _RULES["threshold"]
    client = serve([*options, "--log-questions"])
    other = "how do I reset MY password"
    assert _served(client, asked) == ("semantic", 1)
    assert _served(client, other) == ("normalized", 1)
    report = client.post("/v1/feedback", json={"entry_id": 1, "question": asked, "correct": False}).json()
    assert [(one["question"], one["source"], one["count"]) for one in report["also_served"]] == [
        (other, "normalized", 1)
    ]
