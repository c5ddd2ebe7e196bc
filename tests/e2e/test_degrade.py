"""A store that is out of reach takes nothing down: the model answers, says so, and hits come again by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import EchoGenerator
from outages import frozen, locked, stopped
from postgresql import Server, running_server

from semantic_cache import Answer, SemanticCache, Settings
from semantic_cache.build import build
from semantic_cache.errors import StoreError


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL of these tests' own: it is stopped."""
    with running_server() as running:
        yield running


@pytest.fixture
def postgres(server: Server) -> Iterator[SemanticCache]:
    with server.database() as name, opened(Settings(store=server.url(name), show_progress=False)) as cache:
        yield cache


def opened(settings: Settings) -> AbstractContextManager[SemanticCache]:
    """The real parts, but for a model that answers at once."""
    return SemanticCache(settings, replace(build(settings), generator=EchoGenerator()))


def asked_until(cache: SemanticCache, question: str, source: str) -> Answer:
    """The answer, once it comes from there; a store that is back is noticed within a second."""
    for _ in range(100):
        answer = cache.ask(question)
        if answer.source == source:
            return answer
        time.sleep(0.1)
    pytest.fail(f"still answered from {answer.source}: {answer.trace}")


def test_while_the_server_is_stopped_the_model_answers_and_says_so(postgres: SemanticCache, server: Server) -> None:
    postgres.add("Where is the pool?", "On the roof.")
    assert postgres.ask("where is the POOL").text == "On the roof."
    with stopped(server):
        for _ in range(3):
            answer = postgres.ask("where is the POOL")
            assert (answer.source, answer.trace.not_stored) == ("model", "the store failed")
            assert any(problem.startswith("store: ") for problem in answer.trace.degraded)
        with pytest.raises(StoreError):
            postgres.stats()
        with pytest.raises(StoreError):
            postgres.add("Who may swim?", "Guests.")
    assert asked_until(postgres, "where is the POOL", "normalized").trace.degraded == ()
    new = postgres.ask("May dogs swim?")
    assert (new.source, new.trace.degraded, new.trace.not_stored) == ("model", (), None)
    assert postgres.ask("May dogs swim?").source == "exact"


def test_a_server_that_is_frozen_keeps_a_request_waiting_for_seconds_and_not_for_ever(
    postgres: SemanticCache, server: Server
) -> None:
    postgres.add("Where is the pool?", "On the roof.")
    assert postgres.ask("where is the POOL").text == "On the roof."
    with frozen(server):
        answers = [postgres.ask("where is the POOL") for _ in range(2)]
        assert [(one.source, one.trace.not_stored) for one in answers] == [("model", "the store failed")] * 2
        assert "no answer within" in answers[0].trace.degraded[0]
        with pytest.raises(StoreError):
            postgres.add("Who may swim?", "Guests.")
    assert asked_until(postgres, "where is the POOL", "normalized").trace.degraded == ()


def test_a_stream_whose_server_stops_half_way_is_read_to_its_end(postgres: SemanticCache, server: Server) -> None:
    stream = postgres.stream("Where is the pool?")
    first = next(stream)
    with stopped(server):
        rest = "".join(stream)
    assert first + rest == "You asked: Where is the pool?"
    assert stream.answer.trace.not_stored == "the store failed"
    assert postgres.ask("Is there a sauna?").source == "model"


def test_a_server_that_is_not_there_when_the_cache_opens_is_named_without_its_password(server: Server) -> None:
    with server.database() as name:
        url = server.url(name).replace("postgres@", "postgres:secret@")
        with stopped(server), pytest.raises(StoreError) as caught:
            SemanticCache.open(Settings(store=url, show_progress=False))
    assert "secret" not in str(caught.value)
    assert name in str(caught.value)


@contextmanager
def file_cache(path: Path, wait_seconds: float) -> Iterator[SemanticCache]:
    settings = Settings(store=f"sqlite:///{path}", store_wait_seconds=wait_seconds, show_progress=False)
    with opened(settings) as cache:
        yield cache


def test_while_another_process_keeps_the_file_locked_hits_go_on_and_new_answers_are_given_unkept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "faq.db"
    with file_cache(path, 0.2) as cache:
        cache.add("Where is the pool?", "On the roof.")
        with locked(path):
            hit = cache.ask("where is the POOL")
            assert (hit.text, hit.trace.degraded) == ("On the roof.", ())
            new = cache.ask("May dogs swim?")
            assert (new.source, new.trace.not_stored) == ("model", "the store failed")
            assert any(problem.startswith("store: ") for problem in new.trace.degraded)
        assert cache.ask("May dogs swim?").trace.not_stored is None
        assert cache.ask("May dogs swim?").source == "exact"
