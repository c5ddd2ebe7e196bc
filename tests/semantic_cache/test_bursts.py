"""Many who ask the same in other words at once: one generation, and each gets the answer to its own question."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import Bench, MakeBench
from flights import WatchedFlights
from topics import TOPICS, TopicEmbedder, TopicGenerator, wording

from semantic_cache.alike import Alike
from semantic_cache.answer import Answer
from semantic_cache.cli.show import source_line
from semantic_cache.errors import GenerationError, ModelError
from semantic_cache.settings import DEFAULT_TENANT
from storage import StorageError

ALIKE = "a question judged the same was being answered"


@dataclass
class Burst:
    """A bench whose flights are watched, and threads to ask in."""

    bench: Bench
    generator: TopicGenerator
    flights: WatchedFlights
    threads: ThreadPoolExecutor
    hold: threading.Event

    def ask(self, text: str, **more: object) -> Future[Answer]:
        return self.threads.submit(self.bench.cache.ask, text, **more)  # type: ignore[arg-type]

    def lead(self, text: str) -> Future[Answer]:
        """Ask, and return when the model is at it."""
        before = len(self.generator.prompts)
        pending = self.ask(text)
        while len(self.generator.prompts) == before and not pending.done():
            time.sleep(0.001)
        return pending


@pytest.fixture
def burst(make_bench: MakeBench, tmp_path: Path) -> Iterator[Burst]:
    hold = threading.Event()
    generator = TopicGenerator(hold=hold)
    bench = make_bench(f"sqlite:///{tmp_path / 'faq.db'}", generator=generator, embedder=TopicEmbedder())
    with ThreadPoolExecutor(16) as threads:
        yield Burst(bench, generator, watch(bench), threads, hold)
        hold.set()


def watch(bench: Bench, patience_seconds: float = 20.0) -> WatchedFlights:
    flights = WatchedFlights(Alike(bench.cache._parts.judge), patience_seconds)
    bench.cache._flow._flights = flights
    return flights


def test_sixteen_wordings_at_once_make_one_generation(burst: Burst) -> None:
    pending = [burst.ask(wording("pool", number)) for number in range(16)]
    burst.flights.until_waiting(15)
    burst.hold.set()
    answers = [one.result(20) for one in pending]
    assert len(burst.generator.prompts) == 1
    assert {answer.text for answer in answers} == {"About pool"}
    assert Counter(answer.source for answer in answers) == {"model": 1, "semantic": 15}
    for answer in answers:
        waited = answer.source == "semantic"
        assert (answer.trace.waited_for, answer.trace.waited_ms is not None) == (ALIKE if waited else None, waited)
        assert (f"ms: {ALIKE}" in source_line(answer)) is waited


def test_one_whom_the_judge_finds_different_makes_its_own(burst: Burst) -> None:
    leader = burst.lead("amber basket pool 3")
    other = burst.lead("candle dragon pool 7")
    assert burst.flights.nobody_waits()
    burst.hold.set()
    assert {leader.result(20).source, other.result(20).source} == {"model"}


def test_one_whom_the_stored_answer_does_not_suit_makes_its_own(burst: Burst, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(burst.flights, "_same", lambda *_: True)
    leader = burst.lead("amber basket pool 3")
    followers = [burst.ask(text) for text in ("candle dragon pool 7", "engine forest pool 9")]
    burst.flights.until_waiting(2)
    burst.hold.set()
    answers = [one.result(20) for one in (leader, *followers)]
    assert [(answer.source, answer.trace.waited_for) for answer in answers] == [
        ("model", None),
        ("model", ALIKE),
        ("model", ALIKE),
    ]


def test_one_whose_leader_could_not_keep_the_answer_makes_its_own(
    burst: Burst, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(burst.bench.store, "add", fail)
    pending = [burst.lead(wording("pool", 0)), *(burst.ask(wording("pool", number)) for number in (1, 2))]
    burst.flights.until_waiting(2)
    burst.hold.set()
    assert [one.result(20).source for one in pending] == ["model"] * 3


def test_when_the_leader_fails_exactly_one_of_those_who_wait_leads(burst: Burst) -> None:
    burst.generator.fails = iter([True])
    leader = burst.lead(wording("pool", 0))
    followers = [burst.ask(wording("pool", number)) for number in range(1, 9)]
    burst.flights.until_waiting(8)
    burst.hold.set()
    with pytest.raises(GenerationError):
        leader.result(20)
    answers = [one.result(20) for one in followers]
    assert Counter(answer.source for answer in answers) == {"model": 1, "semantic": 7}
    assert {answer.trace.waited_for for answer in answers} == {ALIKE}
    assert burst.generator.most[f"{DEFAULT_TENANT} pool"] == 1


def test_when_the_leaders_stream_is_closed_one_of_those_who_wait_leads(burst: Burst) -> None:
    burst.hold.set()
    stream = burst.bench.cache.stream(wording("pool", 0))
    next(stream)
    followers = [burst.ask(wording("pool", number)) for number in range(1, 5)]
    burst.flights.until_waiting(4)
    stream.close()
    answers = [one.result(20) for one in followers]
    assert Counter(answer.source for answer in answers) == {"model": 1, "semantic": 3}


def test_nobody_waits_forever_for_a_stream_that_is_not_read(burst: Burst) -> None:
    burst.hold.set()
    watch(burst.bench, patience_seconds=0.2)
    stream = burst.bench.cache.stream(wording("pool", 0))
    next(stream)
    answer = burst.ask(wording("pool", 1)).result(20)
    assert (answer.source, answer.trace.waited_for) == ("model", ALIKE)
    stream.close()


@pytest.mark.parametrize(
    "more",
    [
        {"tenant": "globex"},
        {"history": [{"role": "system", "content": "You are a pirate."}]},
        {"history": [{"role": "user", "content": "Answer in French from now on, please."}]},
    ],
    ids=["tenant", "system", "conversation"],
)
def test_nobody_waits_for_what_another_scope_asks(burst: Burst, more: dict[str, object]) -> None:
    pending = [burst.lead(wording("pool", 0)), burst.ask(wording("pool", 1), **more)]
    burst.hold.set()
    assert [one.result(20).source for one in pending] == ["model", "model"]
    assert burst.flights.nobody_waits()


def test_in_a_conversation_that_counts_only_the_same_key_is_waited_for(burst: Burst) -> None:
    before = [{"role": "user", "content": "Do I need a visa for Japan?"}, {"role": "assistant", "content": "No."}]
    asked = "And how much is it with a pool?"
    assert burst.bench.cache._request(asked, DEFAULT_TENANT, before, None).context
    first = burst.ask(asked, history=before)
    same = burst.ask(asked, history=before)
    burst.flights.until_waiting(1)
    other = burst.ask("And is a cheap one there, amber basket pool?", history=before)
    while len(burst.generator.prompts) < 2:
        time.sleep(0.001)
    assert burst.flights.nobody_waits()
    burst.hold.set()
    assert Counter(one.result(20).source for one in (first, same, other))["model"] == 2


def test_nobody_waits_for_an_answer_that_will_not_be_kept(burst: Burst) -> None:
    pending = [burst.ask("amber basket pool today") for _ in range(3)]
    while len(burst.generator.prompts) < 3:
        time.sleep(0.001)
    burst.hold.set()
    assert [one.result(20).source for one in pending] == ["model"] * 3
    assert burst.flights.nobody_waits()


@pytest.mark.parametrize("error", [ModelError("no verifier"), StorageError("no evidence")])
def test_when_the_judge_fails_the_model_answers_and_the_answer_says_so(
    burst: Burst, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> bool:
        raise error

    leader = burst.lead(wording("pool", 0))
    monkeypatch.setattr(burst.flights, "_same", fail)
    follower = burst.lead(wording("pool", 1))
    burst.hold.set()
    assert leader.result(20).trace.degraded == ()
    answer = follower.result(20)
    assert answer.source == "model"
    assert any(str(error) in problem for problem in answer.trace.degraded)


@pytest.mark.parametrize("seed", range(3))
def test_whoever_fails_or_leaves_no_request_is_lost_and_no_meaning_generated_twice_at_once(
    make_bench: MakeBench, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    fails = iter([chance.random() < 0.7 for _ in range(10_000)])
    generator = TopicGenerator(fails=fails, seconds=0.001)
    bench = make_bench(f"sqlite:///{tmp_path / 'faq.db'}", generator=generator, embedder=TopicEmbedder())

    def client(number: int) -> list[str]:
        choice = random.Random(1000 * seed + number)
        return [one_request(bench, choice) for _ in range(50)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as threads:
            ends = [end for ends in threads.map(client, range(8), timeout=60) for end in ends]
    finally:
        sys.setswitchinterval(interval)
    counted = Counter(ends)
    assert sum(counted.values()) == 400
    assert counted["wrong"] == 0
    assert counted["model"] + counted["failed"] + counted["left"] == len(generator.prompts)
    assert max(generator.most.values()) == 1
    assert not bench.cache._flow._flights._flying
    assert not bench.cache._flow._flights._leading


def one_request(bench: Bench, choice: random.Random) -> str:
    """Ask about something; how it ended."""
    topic, tenant = choice.choice(TOPICS), choice.choice(("acme", "globex"))
    stream = bench.cache.stream(wording(topic, choice.randrange(16)), tenant=tenant)
    try:
        if choice.random() < 0.2:
            first = next(stream)
            stream.close()
            return "left" if first == "About " else "store"
        answer = stream.drain()
    except GenerationError:
        return "failed"
    if answer.text != f"About {topic}":
        return "wrong"
    return "model" if answer.source == "model" else "store"
