"""`/v1/chat/completions`: whose attention states, and why a prompt missed."""

from __future__ import annotations

import json

import pytest
from fakes import Bench, EchoGenerator, MakeBench
from fastapi.testclient import TestClient

from semantic_cache.prefix_miss import PrefixMiss
from semantic_cache.server import make_app

_BODY = {"model": "samewise", "messages": [{"role": "user", "content": "Where is the pool?"}]}
_URL = "/v1/chat/completions"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(
        generator=EchoGenerator(prefix=PrefixMiss("evicted", "system", 128, 40, 7.5, "the operator's words"))
    )


@pytest.fixture
def client(bench: Bench) -> TestClient:
    return TestClient(make_app(bench.cache, tenant="acme"))


def test_a_user_keeps_attention_states_apart_and_stored_answers_stay_the_tenants(
    bench: Bench, client: TestClient
) -> None:
    assert client.post(_URL, json={**_BODY, "user": "ann"}).json()["samewise"]["source"] == "model"
    assert bench.generator.prompts[0].user == "ann"
    assert client.post(_URL, json={**_BODY, "user": "bob"}).json()["samewise"]["source"] == "exact"


@pytest.mark.parametrize("user", ["", "x" * 201, "a\nb", 3])
@pytest.mark.parametrize("stream", [False, True])
def test_a_user_that_is_no_name_is_refused_by_its_field(client: TestClient, user: object, stream: bool) -> None:
    refused = client.post(_URL, json={**_BODY, "user": user, "stream": stream})
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "user"


def test_a_client_learns_why_its_prompt_missed_without_the_words_there(client: TestClient) -> None:
    first = client.post(_URL, json=_BODY)
    assert first.json()["samewise"]["prefix_miss"] == {"cause": "evicted", "lost_tokens": 40}
    assert "operator" not in first.text
    assert first.json()["usage"]["prompt_tokens_details"] == {"cached_tokens": 5, "cache_write_tokens": 15}
    assert client.post(_URL, json=_BODY).json()["samewise"]["prefix_miss"] is None


def test_a_streamed_answer_says_it_in_its_last_chunk(client: TestClient) -> None:
    lines = client.post(_URL, json={**_BODY, "stream": True}).text.splitlines()
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    assert chunks[-1]["samewise"]["prefix_miss"] == {"cause": "evicted", "lost_tokens": 40}
