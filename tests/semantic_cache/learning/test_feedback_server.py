"""`/v1/feedback`: taken, refused by name, and never for another tenant."""

from __future__ import annotations

import pytest
from fakes import Bench, MakeBench
from fastapi.testclient import TestClient

from semantic_cache import Settings
from semantic_cache.server import make_app

_STORED = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(settings=Settings(store="sqlite://", threshold=0.0, show_progress=False))


@pytest.fixture
def client(bench: Bench) -> TestClient:
    return TestClient(make_app(bench.cache, tenant="acme", api_key="key"), headers={"authorization": "Bearer key"})


def test_a_wrong_answer_is_blocked_and_the_report_comes_back(bench: Bench, client: TestClient) -> None:
    entry = bench.cache.add(_STORED, "By hand.", tenant="acme")
    body = {"model": "samewise", "messages": [{"role": "user", "content": _NEAR}]}
    served = client.post("/v1/chat/completions", json=body).json()["samewise"]
    assert (served["source"], served["entry_id"]) == ("semantic", entry.id)
    given = {"entry_id": entry.id, "question": _NEAR, "correct": False, "note": "no"}
    answer = client.post("/v1/feedback", json=given)
    assert answer.status_code == 200
    report = answer.json()
    assert (report["object"], report["blocked"], report["evidence"]) == ("feedback", True, {"right": 0, "wrong": 1})
    assert client.post("/v1/chat/completions", json=body).json()["samewise"]["source"] == "model"


def test_a_call_that_is_tried_again_counts_once(bench: Bench, client: TestClient) -> None:
    entry = bench.cache.add(_STORED, "By hand.", tenant="acme")
    bench.cache.ask(_NEAR, tenant="acme")
    for _ in range(3):
        report = client.post("/v1/feedback", json={"entry_id": entry.id, "question": _NEAR, "correct": False}).json()
    assert report["evidence"] == {"right": 0, "wrong": 1}
    assert len(bench.store.feedback.recent(9)) == 1
    assert bench.cache.status(tenant="acme").served.wrong == 1


@pytest.mark.parametrize("correct", [False, True])
def test_a_question_in_a_conversation_is_named_with_its_history(
    bench: Bench, client: TestClient, correct: bool
) -> None:
    before = [
        {"role": "developer", "content": "You are a clerk."},
        {"role": "user", "content": [{"type": "text", "text": "What is the price of the Solo plan?"}]},
        {"role": "assistant", "content": "9 euros."},
    ]
    told = [{"role": "system", "content": "You are a clerk."},
            {"role": "user", "content": "What is the price of the Solo plan?"},
            {"role": "assistant", "content": "9 euros."}]  # fmt: skip
    asked = "What about the Team plan?"
    body = {"model": "samewise", "messages": [*before, {"role": "user", "content": asked}]}
    first = client.post("/v1/chat/completions", json=body).json()["samewise"]
    again = client.post("/v1/chat/completions", json=body).json()["samewise"]
    assert (again["source"], again["entry_id"]) == ("exact", first["entry_id"])
    given = {"entry_id": first["entry_id"], "question": asked, "history": before, "correct": correct}
    report = client.post("/v1/feedback", json=given).json()
    by_python = bench.cache.feedback(first["entry_id"], correct, question=asked, history=told, tenant="acme")
    assert (report["asked"], report["blocked"]) == (by_python.asked, by_python.blocked)
    assert (report["asked"], report["blocked"]) == ("What is the price of the Team plan?", not correct)
    after = client.post("/v1/chat/completions", json=body).json()["samewise"]["source"]
    assert after == ("exact" if correct else "model")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"entry_id": 77}, "Tenant 'acme' has no entry 77"),
        ({"entry_id": 0}, "entry_id"),
        ({"entry_id": "1"}, "entry_id"),
        ({"entry_id": 1 << 70}, "entry_id"),
        ({"correct": "no"}, "correct"),
        ({"correct": None}, "correct"),
        ({"note": "x" * 2001}, "2001 characters"),
        ({"question": ""}, "question"),
        ({"history": [{"role": "user", "content": "Hi."}]}, "question that came after"),
        ({"question": "x", "history": [{"role": "tool", "content": "Hi."}]}, "history.0.role"),
        ({"question": "x", "history": "Hi."}, "history"),
        ({"stars": 5}, "'stars' is not supported"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(
    bench: Bench, client: TestClient, changed: dict[str, object], said: str
) -> None:
    entry = bench.cache.add(_STORED, "By hand.", tenant="acme")
    answer = client.post("/v1/feedback", json={"entry_id": entry.id, "correct": False, **changed})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert bench.cache.lookup(_STORED, tenant="acme").hit


def test_another_tenants_entry_cannot_be_judged(bench: Bench, client: TestClient) -> None:
    entry = bench.cache.add(_STORED, "By hand.", tenant="globex")
    assert client.post("/v1/feedback", json={"entry_id": entry.id, "correct": False}).status_code == 400
    assert bench.cache.lookup(_STORED, tenant="globex").hit


def test_the_key_is_asked_for(bench: Bench) -> None:
    client = TestClient(make_app(bench.cache, tenant="acme", api_key="key"))
    assert client.post("/v1/feedback", json={"entry_id": 1, "correct": False}).status_code == 401
