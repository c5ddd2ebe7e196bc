"""`samewise serve`, through the official OpenAI client, on the real model."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from semantic_cache import SemanticCache, Settings

_KEY = "a-key-for-the-test"


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in a process of its own, with a key and one FAQ entry."""
    folder = tmp_path_factory.mktemp("serve")
    store = f"sqlite:///{folder / 'faq.db'}"
    with SemanticCache.open(Settings(store=store, show_progress=False)) as cache:
        cache.add("Where is the pool?", "On the roof.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "semantic_cache",
        "serve",
        "--store",
        store,
        "--port",
        str(port),
        "--max-tokens",
        "12",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "SAMEWISE_API_KEY": _KEY})
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert "pool" not in (folder / "log").read_text()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture
def client(base_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{base_url}/v1", api_key=_KEY, max_retries=0) as made:
        yield made


def test_a_stored_question_is_answered_from_the_store(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="samewise", messages=[{"role": "user", "content": "where is the POOL"}]
    )
    assert answer.choices[0].message.content == "On the roof."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 0
    origin = (answer.model_extra or {})["samewise"]
    assert (origin["source"], origin["matched"]) == ("normalized", "Where is the pool?")


def test_a_new_question_streams_from_the_model_and_is_then_stored(client: OpenAI) -> None:
    messages: list[dict[str, str]] = [{"role": "user", "content": "Name a fruit that is yellow."}]
    pieces, usage, finish = [], None, None
    with client.chat.completions.create(
        model="SmolLM2-135M-Instruct", messages=messages, stream=True, stream_options={"include_usage": True}
    ) as stream:  # type: ignore[call-overload]
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                pieces.append(choice.delta.content or "")
                finish = choice.finish_reason or finish
    assert len([piece for piece in pieces if piece]) > 1
    assert finish in ("stop", "length")
    assert usage is not None
    assert usage.prompt_tokens > 0
    assert 0 < usage.completion_tokens <= 12
    again = client.chat.completions.create(model="samewise", messages=messages)  # type: ignore[arg-type]
    assert again.choices[0].message.content == "".join(pieces)
    assert (again.model_extra or {})["samewise"]["source"] == "exact"


def test_a_conversation_is_taken_and_keeps_its_answers_apart(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="samewise",
        max_tokens=4,
        messages=[
            {"role": "developer", "content": "You are a pirate."},
            {"role": "user", "content": [{"type": "text", "text": "Is there a sauna?"}]},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": "Where is the pool?"},
        ],
    )
    assert (answer.model_extra or {})["samewise"]["source"] == "model"
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 4


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, ""),
        ({"messages": [{"role": "assistant", "content": "Yes."}]}, "must be the user's"),
        ({"messages": [{"role": "user", "content": "a\0b"}]}, "NUL"),
        ({"temperature": 3.0}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 2}, "n"),
        ({"logit_bias": {"1": 2}}, "logit_bias"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(client: OpenAI, changed: dict[str, object], said: str) -> None:
    body: dict[str, object] = {"model": "samewise", "messages": [{"role": "user", "content": "Where is the pool?"}]}
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{**body, **changed, "stream": stream})  # type: ignore[call-overload]
        assert said in str(caught.value)


def test_another_model_and_a_wrong_key_are_refused(client: OpenAI, base_url: str) -> None:
    with pytest.raises(openai.NotFoundError, match="not served here"):
        client.chat.completions.create(model="gpt-imaginary", messages=[{"role": "user", "content": "Hello there"}])
    with (
        OpenAI(base_url=f"{base_url}/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()
    assert [model.id for model in client.models.list()] == ["samewise", "SmolLM2-135M-Instruct"]


def test_healthz_needs_no_key(base_url: str) -> None:
    assert httpx.get(f"{base_url}/healthz").json()["status"] == "ok"


def test_an_engine_behind_base_url_answers_and_reports_its_usage(base_url: str) -> None:
    settings = Settings(
        store="sqlite://", model="samewise", base_url=f"{base_url}/v1", api_key=_KEY, max_tokens=8, show_progress=False
    )
    with SemanticCache.open(settings) as cache:
        answer = cache.ask("Name a fruit that is red.")
        assert answer.source == "model"
        assert answer.text
        assert answer.usage.prompt_tokens > 0
        assert cache.ask("name a fruit that is red").source == "normalized"
