"""Entries without a vector of the embedder get one, those too that another process puts in later."""

from __future__ import annotations

import threading

import pytest
from fakes import WordEmbedder
from rows import new

from semantic_cache.embedding import EmbedderInUse
from semantic_cache.missing_vectors import MissingVectors
from storage import Feedback, Store


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def missing(store: Store, embedder: WordEmbedder, clock: Clock) -> MissingVectors:
    return MissingVectors(store, EmbedderInUse(lambda: embedder), clock)


def test_what_another_process_adds_without_a_vector_is_embedded_within_a_second(store: Store, clock: Clock) -> None:
    embedder = WordEmbedder()
    vectors = missing(store, embedder, clock)
    store.add(new("first one", vector=None))
    vectors.complete("s")
    store.add(new("second one", vector=None))
    clock.now += 1.0
    vectors.complete("s")
    assert embedder.calls == ["first one", "second one"]
    assert store.without_vector("s", embedder.name, 10) == ()


def _confirm(store: Store, question: str, key_hash: str | None = None) -> None:
    entry = store.add(new("the entry", vector=None))
    judged = Feedback(
        tenant="t", scope="s", entry_id=entry.id, exact_hash=question, key_hash=key_hash or question, correct=True,
        source="user", question=question,
    )  # fmt: skip
    store.feedback.record(judged, "alias")


def test_an_alias_is_embedded_once_and_one_that_is_too_long_stays_without(store: Store, clock: Clock) -> None:
    embedder = WordEmbedder(max_tokens=4)
    vectors = missing(store, embedder, clock)
    for question in ("confirmed one", "confirmed two that the embedder cannot read whole"):
        _confirm(store, question)
    for _ in range(3):
        vectors.complete("s")
        clock.now += 1.0
    assert embedder.calls == ["the entry", "confirmed one"]
    near = store.feedback.confirmed.nearest("s", embedder.encode(["confirmed one"])[0], 3, embedder.name)
    assert [one.question for one in near] == ["confirmed one"]


def test_an_alias_is_taken_over_from_another_embedder_once(store: Store, clock: Clock) -> None:
    mine, theirs = WordEmbedder(), WordEmbedder(name="others")
    _confirm(store, "confirmed one")
    first, second = missing(store, mine, clock), missing(store, theirs, clock)
    for _ in range(4):
        first.complete("s")
        second.complete("s")
        clock.now += 1.0
    assert mine.calls.count("confirmed one") == 2
    assert theirs.calls.count("confirmed one") == 1


def test_an_alias_that_was_taken_over_and_confirmed_in_other_words_is_embedded_anew(store: Store, clock: Clock) -> None:
    theirs, mine = WordEmbedder(name="others"), WordEmbedder()
    _confirm(store, "confirmed one")
    missing(store, theirs, clock).complete("s")
    vectors = missing(store, mine, clock)
    vectors.complete("s")
    for question in ("confirmed one, in other words", "confirmed one"):
        _confirm(store, question, key_hash="confirmed one")
        clock.now += 1.0
        vectors.complete("s")
        near = store.feedback.confirmed.nearest("s", mine.encode([question])[0], 3, mine.name)
        assert [one.question for one in near] == [question]


def test_the_store_is_not_asked_at_every_lookup(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = store.without_vector
    monkeypatch.setattr(store, "without_vector", lambda *a, **b: asked.append(a) or original(*a, **b))  # type: ignore[func-returns-value]
    vectors = missing(store, WordEmbedder(), clock)
    for _ in range(100):
        vectors.complete("s")
        vectors.complete("t")
    assert len(asked) == 2


def test_while_one_looks_again_the_others_go_on(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, answered, asked = threading.Event(), threading.Event(), list[str]()
    vectors = missing(store, WordEmbedder(), clock)
    vectors.complete("s")

    def slow(scope: str, *_: object, **__: object) -> tuple[()]:
        asked.append(scope)
        looking.set()
        assert answered.wait(20)
        return ()

    monkeypatch.setattr(store, "without_vector", slow)
    clock.now += 1.0
    one = threading.Thread(target=vectors.complete, args=("s",))
    one.start()
    assert looking.wait(20)
    vectors.complete("s")
    assert asked == ["s"]
    answered.set()
    one.join(20)


def test_a_text_that_is_too_long_is_counted_once(store: Store, clock: Clock) -> None:
    embedder = WordEmbedder()
    counted: list[str] = []
    original = embedder.count_tokens
    embedder.count_tokens = lambda text: counted.append(text) or original(text)  # type: ignore[method-assign,func-returns-value]
    vectors = missing(store, embedder, clock)
    store.add(new("a word too many " * 100, vector=None))
    for _ in range(3):
        vectors.complete("s")
        clock.now += 1.0
    assert len(counted) == 1


def test_a_vector_that_was_removed_is_made_again(store: Store, clock: Clock) -> None:
    embedder = WordEmbedder()
    vectors = missing(store, embedder, clock)
    for _ in range(2):
        store.add(new("the only one", vector=None))
        vectors.complete("s")
        clock.now += 1.0
    assert embedder.calls == ["the only one", "the only one"]
    assert store.without_vector("s", embedder.name, 10) == ()


def test_a_vector_that_was_taken_over_and_removed_is_made_again(store: Store, clock: Clock) -> None:
    embedder = WordEmbedder()
    vectors = missing(store, embedder, clock)
    for vector in (0, None):
        store.add(new("the only one", vector=vector))
        vectors.complete("s")
        clock.now += 1.0
    assert store.without_vector("s", embedder.name, 10) == ()


def test_two_processes_with_different_embedders_do_not_take_entries_from_each_other_for_ever(
    store: Store, clock: Clock
) -> None:
    embedders = WordEmbedder(name="one"), WordEmbedder(name="other")
    both = [missing(store, embedder, clock) for embedder in embedders]
    store.add(new("the only one", vector=None))
    for _ in range(5):
        for vectors in both:
            vectors.complete("s")
        clock.now += 1.0
    assert [len(embedder.calls) for embedder in embedders] == [2, 1]
