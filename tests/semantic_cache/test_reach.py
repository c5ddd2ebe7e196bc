"""A store that cannot be reached is let be for a moment, tried by one of those who come, and used again when it is back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import MakeBench

from semantic_cache.reach import Reach
from storage import StoreBusyError, StoreUnreachableError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Is there or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.there = True
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        if not self.there:
            raise StoreUnreachableError("nobody answers")
        return "an answer"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _lost(clock: Clock) -> tuple[Reach, Server]:
    """A server that is not there, and was asked once."""
    reach, server = Reach(clock), Server()
    server.there = False
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    return reach, server


def test_after_a_failure_it_is_not_asked_for_a_moment_and_then_once(clock: Clock) -> None:
    reach, server = Reach(clock), Server()
    server.there = False
    for _ in range(5):
        with pytest.raises(StoreUnreachableError, match="nobody answers"):
            reach.asked(server.ask)
    assert server.asked == 1
    clock.now += 1.0
    for _ in range(5):
        with pytest.raises(StoreUnreachableError):
            reach.asked(server.ask)
    assert server.asked == 2


def test_who_asked_nothing_says_nothing_of_a_store_that_is_lost(clock: Clock) -> None:
    reach, server = _lost(clock)
    clock.now += 1.0
    with pytest.raises(StoreUnreachableError, match="nobody answers"), reach.following():
        server.ask()
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    assert server.asked == 2
    clock.now += 1.0
    server.there = True
    assert reach.asked(server.ask) == "an answer"
    with reach.following():
        assert server.ask() == "an answer"


def test_what_goes_wrong_on_the_way_is_noted_by_who_follows(clock: Clock) -> None:
    reach, server = Reach(clock), Server()
    server.there = False
    with pytest.raises(StoreUnreachableError), reach.following():
        server.ask()
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    assert server.asked == 1


def test_who_came_before_it_was_lost_does_not_bring_it_back(clock: Clock) -> None:
    reach, server = Reach(clock), Server()
    server.there = False
    inside, lost = threading.Event(), threading.Event()

    def early() -> None:
        inside.set()
        assert lost.wait(20)

    one = threading.Thread(target=reach.asked, args=(early,))
    one.start()
    assert inside.wait(20)
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    lost.set()
    one.join()
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    assert server.asked == 1


def test_once_it_is_back_everybody_asks_again(clock: Clock) -> None:
    reach, server = _lost(clock)
    server.there = True
    clock.now += 1.0
    assert [reach.asked(server.ask) for _ in range(3)] == ["an answer"] * 3


def test_while_one_tries_the_others_do_without(clock: Clock) -> None:
    reach, server = _lost(clock)
    server.there = True
    clock.now += 1.0
    trying, done = threading.Event(), threading.Event()

    def slow() -> None:
        trying.set()
        assert done.wait(20)

    one = threading.Thread(target=reach.asked, args=(slow,))
    one.start()
    assert trying.wait(20)
    with pytest.raises(StoreUnreachableError):
        reach.asked(server.ask)
    done.set()
    one.join(20)
    with ThreadPoolExecutor(1) as elsewhere, reach:  # one who is still at it keeps nobody off any more
        assert elsewhere.submit(reach.asked, server.ask).result(20) == "an answer"


def test_other_errors_of_a_store_do_not_keep_anybody_from_asking(clock: Clock) -> None:
    reach = Reach(clock)

    def busy() -> None:
        raise StoreBusyError("another writes")

    for _ in range(2):
        with pytest.raises(StoreBusyError):
            reach.asked(busy)


def test_a_request_asks_a_lost_store_once_and_says_so_once(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semantic_cache.reach._PAUSE_SECONDS", 3600.0)
    bench = make_bench()
    server = Server()
    server.there = False
    for name in ("exact", "by_key", "nearest", "lexical", "questions", "without_vector", "add"):
        monkeypatch.setattr(bench.store, name, lambda *_, **__: server.ask())
    answer = bench.cache.ask("Where is the pool?")
    assert (answer.source, answer.trace.not_stored) == ("model", "the store failed")
    assert answer.trace.degraded == ("store: nobody answers",)
    assert server.asked == 1
