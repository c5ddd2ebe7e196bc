"""`/v1/invalidate`, `/v1/entries` and the tags of a request: bound to the server's tenant, refused by name."""

from __future__ import annotations

import pytest
from fakes import Bench, MakeBench
from fastapi.testclient import TestClient

from semantic_cache import Settings
from semantic_cache.errors import StoreError
from semantic_cache.server import make_app
from storage import StoreUnreachableError

_POOL = "where is the blue pool"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(settings=Settings(store="sqlite://", show_progress=False))


@pytest.fixture
def client(bench: Bench) -> TestClient:
    return TestClient(make_app(bench.cache, tenant="acme", api_key="key"), headers={"authorization": "Bearer key"})


def test_what_a_condition_selects_is_removed_from_the_servers_tenant_alone(bench: Bench, client: TestClient) -> None:
    mine = bench.cache.add(_POOL, "On the roof.", tenant="acme", tags={"house"})
    bench.cache.add(_POOL, "On the roof.", tenant="globex", tags={"house"})
    dry = client.post("/v1/invalidate", json={"tags": ["house"], "dry_run": True})
    assert dry.status_code == 200
    assert (dry.json()["object"], dry.json()["count"], dry.json()["dry_run"]) == ("invalidation", 1, True)
    assert [one["id"] for one in dry.json()["entries"]] == [mine.id]
    assert bench.cache.usage().entries == 2
    assert client.post("/v1/invalidate", json={"tags": ["house"]}).json()["count"] == 1
    assert client.post("/v1/invalidate", json={"everything": True}).json()["count"] == 0
    assert bench.cache.lookup(_POOL, tenant="globex").hit


@pytest.mark.parametrize("log_questions", [False, True])
def test_other_peoples_words_are_told_only_where_they_are_logged(make_bench: MakeBench, log_questions: bool) -> None:
    settings = Settings(store="sqlite://", log_questions=log_questions, show_progress=False)
    bench = make_bench(settings=settings)
    bench.cache.add(_POOL, "On the roof.", tenant="acme")
    client = TestClient(make_app(bench.cache, tenant="acme"))
    (told,) = client.post("/v1/invalidate", json={"everything": True, "dry_run": True}).json()["entries"]
    assert told["question"] == (_POOL if log_questions else None)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "give a condition"),
        ({"dry_run": True}, "give a condition"),
        ({"min_similarity": 0.5}, "give a condition"),
        ({"everything": False}, "give a condition"),
        ({"ids": None, "tags": None}, "give a condition"),
        ({"ids": [0]}, "ids"),
        ({"ids": ["1"]}, "ids"),
        ({"ids": list(range(1, 1002))}, "ids"),
        ({"older_than_seconds": -1}, "older_than_seconds"),
        ({"min_similarity": 2, "similar_to": "x y"}, "min_similarity"),
        ({"similar_to": ""}, "similar_to"),
        ({"tenant": "globex", "everything": True}, "'tenant' is not supported"),
        ({"everthing": True}, "'everthing' is not supported"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name_and_nothing_removed(
    bench: Bench, client: TestClient, body: dict[str, object], said: str
) -> None:
    bench.cache.add(_POOL, "On the roof.", tenant="acme")
    answer = client.post("/v1/invalidate", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert bench.cache.usage().entries == 1


def test_an_entry_is_deleted_and_another_tenants_is_answered_as_one_that_is_not_there(
    bench: Bench, client: TestClient
) -> None:
    mine = bench.cache.add(_POOL, "On the roof.", tenant="acme")
    theirs = bench.cache.add(_POOL, "On the roof.", tenant="globex")
    answer = client.delete(f"/v1/entries/{mine.id}")
    assert (answer.status_code, answer.json()) == (200, {"object": "entry.deleted", "id": mine.id, "deleted": True})
    refusals = [client.delete(f"/v1/entries/{entry_id}") for entry_id in (mine.id, theirs.id, 999)]
    assert {refusal.status_code for refusal in refusals} == {404}
    said = [
        refusal.text.replace(str(number), "N")
        for refusal, number in zip(refusals, (mine.id, theirs.id, 999), strict=True)
    ]
    assert len(set(said)) == 1
    assert bench.cache.lookup(_POOL, tenant="globex").hit
    for wrong in ("0", "-1", "x", str(1 << 70)):
        assert client.delete(f"/v1/entries/{wrong}").status_code == 400


def test_the_key_is_asked_for(bench: Bench) -> None:
    entry = bench.cache.add(_POOL, "On the roof.", tenant="acme")
    client = TestClient(make_app(bench.cache, tenant="acme", api_key="key"))
    assert client.post("/v1/invalidate", json={"everything": True}).status_code == 401
    assert client.delete(f"/v1/entries/{entry.id}").status_code == 401
    assert bench.cache.usage().entries == 1


def test_a_request_may_give_tags_to_the_answer(bench: Bench, client: TestClient) -> None:
    body = {"model": "samewise", "messages": [{"role": "user", "content": _POOL}]}
    answer = client.post("/v1/chat/completions", json={**body, "samewise": {"tags": ["house"]}})
    entry = bench.store.get(answer.json()["samewise"]["entry_id"])
    assert entry is not None
    assert entry.tags == {"house"}
    for wrong, said in (
        ({"tags": "house"}, "samewise.tags"),
        ({"tag": ["a"]}, "samewise.tag"),
        ({"tags": [""]}, "tags"),
    ):
        refused = client.post("/v1/chat/completions", json={**body, "samewise": wrong})
        assert refused.status_code == 400
        assert said in refused.json()["error"]["message"]


def test_who_watches_learns_that_the_store_is_gone_and_not_where_it_was(
    bench: Bench, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "entries": 0}

    def fail() -> None:
        raise StoreError("postgresql://db/faq cannot be reached")

    monkeypatch.setattr(bench.cache, "usage", fail)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "entries": None})


def test_a_client_learns_which_part_failed_and_the_log_how(
    bench: Bench, client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnreachableError("postgresql://operator@db.internal/faq cannot be reached")

    for name in ("exact", "by_key", "nearest", "lexical", "add"):
        monkeypatch.setattr(bench.store, name, fail)
    monkeypatch.setattr(bench.store.life, "invalidate", fail)
    body = {"model": "samewise", "messages": [{"role": "user", "content": _POOL}]}
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200
    assert answer.json()["samewise"]["degraded"] == ["store"]
    refused = client.delete("/v1/entries/1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (500, "StoreError")
    assert "db.internal" not in answer.text + refused.text
    assert "db.internal" in caplog.text
