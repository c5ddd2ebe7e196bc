"""Simultaneous requests compute a prefix once: passes are counted on a real, small, random model."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import torch

from kvcache import Generation, LocalModel
from kvcache.engine import Engine
from kvcache.flight import Flights
from kvcache.scopes import owners

_PREFIX = [index % 250 for index in range(64)]  # four blocks


class _Gate:
    """Counts passes by their block, and holds the first one until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: int = 0) -> None:
        self.passes: Counter[tuple[int, ...]] = Counter()
        self.entered, self.opened = threading.Event(), threading.Event()
        self._left = fails
        real, gate = Engine.forward, self

        def forward(engine: Engine, token_ids: tuple[int, ...], cache: object) -> torch.Tensor:
            gate.passes[tuple(token_ids)] += 1
            if not gate.entered.is_set():
                gate.entered.set()
                assert gate.opened.wait(60), "nobody opened the gate"
                if gate._left:
                    gate._left -= 1
                    raise RuntimeError("out of memory")
            return real(engine, token_ids, cache)  # type: ignore[arg-type]

        monkeypatch.setattr(Engine, "forward", forward)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def _ask(model: LocalModel, ids: list[int], tenant: str = "a", user: str | None = None) -> Callable[[], Generation]:
    return lambda: model.generate(ids, max_tokens=1, tenant=tenant, user=user)


def _waiting(model: LocalModel, count: int) -> None:
    """Until so many requests wait for somebody's block."""
    flights = model.parts.prefiller._passes._flights
    while True:
        with flights._lock:
            if sum(flight.waiting for flight in flights._open.values()) >= count:
                return
        threading.Event().wait(0.005)


def test_sixteen_first_requests_compute_a_cold_prefix_once(
    tiny_model: LocalModel, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [[*_PREFIX, number, number] for number in range(16)]
    plain = [tiny_model.next_logits(prompt, cache=False) for prompt in prompts]
    gate = _Gate(monkeypatch)
    asked = [pool.submit(tiny_model.next_logits, prompt, True, "a") for prompt in prompts]
    assert gate.entered.wait(60)
    _waiting(tiny_model, 15)
    gate.opened.set()
    assert all(torch.equal(future.result(60), logits) for future, logits in zip(asked, plain, strict=True))
    assert set(gate.passes.values()) == {1}
    assert len(gate.passes) == 4 + 16
    assert tiny_model.cache.stats().followed_tokens == 15 * 64


def test_sixteen_times_the_same_prompt_cost_the_passes_of_one(
    tiny_model: LocalModel, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = _Gate(monkeypatch)
    asked = [pool.submit(_ask(tiny_model, _PREFIX)) for _ in range(16)]
    assert gate.entered.wait(60)
    _waiting(tiny_model, 15)
    gate.opened.set()
    answers = [future.result(60) for future in asked]
    assert len({answer.token_ids for answer in answers}) == 1
    assert set(gate.passes.values()) == {1}
    assert len(gate.passes) == 4
    assert sorted(answer.usage.cached_tokens for answer in answers) == [0, *[64] * 15]
    assert [answer.miss is None for answer in sorted(answers, key=lambda answer: answer.usage.cached_tokens)] == [
        False,
        *[True] * 15,
    ]


def test_when_the_one_that_computes_dies_another_takes_over(
    tiny_model: LocalModel, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tiny_model.generate(_PREFIX, max_tokens=1, cache=False).token_ids
    gate = _Gate(monkeypatch, fails=1)
    first = pool.submit(_ask(tiny_model, _PREFIX))
    assert gate.entered.wait(60)
    others = [pool.submit(_ask(tiny_model, _PREFIX)) for _ in range(5)]
    _waiting(tiny_model, 5)
    gate.opened.set()
    with pytest.raises(RuntimeError, match="out of memory"):
        first.result(60)
    assert {future.result(60).token_ids for future in others} == {expected}
    assert sorted(gate.passes.values()) == [1, 1, 1, 2]


def test_nobody_waits_for_another_tenant_or_user_but_for_what_is_declared_public(
    tiny_model: LocalModel, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = _Gate(monkeypatch)
    held = pool.submit(_ask(tiny_model, _PREFIX, "a", "ann"))
    assert gate.entered.wait(60)
    for tenant, user in (("b", None), ("a", None), ("a", "bob")):
        assert pool.submit(_ask(tiny_model, _PREFIX, tenant, user)).result(60).usage.cached_tokens == (
            64 if (tenant, user) == ("a", "bob") else 0
        )
    gate.opened.set()
    held.result(60)
    tiny_model.cache.clear()
    gate.entered.clear()
    gate.opened.clear()
    public = pool.submit(tiny_model.warm, _PREFIX, scope="public")
    assert gate.entered.wait(60)
    follower: Future[Generation] = pool.submit(_ask(tiny_model, [*_PREFIX, 1], "b"))
    _waiting(tiny_model, 1)
    gate.opened.set()
    assert public.result(60) == follower.result(60).usage.cached_tokens == 64


def test_what_finds_no_room_is_computed_by_each_without_waiting_again(
    tiny_model: LocalModel, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(tiny_model.cache), "insert", lambda *_: False)
    gate = _Gate(monkeypatch)
    asked = [pool.submit(_ask(tiny_model, _PREFIX)) for _ in range(3)]
    assert gate.entered.wait(60)
    _waiting(tiny_model, 2)
    gate.opened.set()
    assert len({future.result(60).token_ids for future in asked}) == 1
    assert set(gate.passes.values()) == {3}


def test_a_flight_is_one_for_its_owner_and_open_to_those_who_may_read_it() -> None:
    flights = Flights()
    flight, mine = flights.board(owners("a"), 1)
    assert mine
    assert flights.board(owners("a", "ann"), 1) == (flight, False)
    other, also_mine = flights.board(owners("b"), 1)
    assert also_mine
    flights.land(flight, failed=True)
    flight.wait()
    assert flight.failed
    assert flights.board(owners("a"), 1)[1]
    flights.land(other, failed=False)
    assert not other.failed
