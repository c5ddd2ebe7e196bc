"""Keys of an older version become keys of this one, and nothing that is stored is lost on the way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rows import new

from normalize import Normalizer, Question, TextError
from semantic_cache.renewal import KeyRenewal, current
from storage import KeyUpdate, StorageError, Store

NORMALIZER = Normalizer()
QUESTIONS = [f"How do I reset password number {number}?" for number in range(30)]


@pytest.fixture
def store() -> Store:
    store = Store.open("sqlite://")
    store.add_many([new(text, vector=None) for text in QUESTIONS])
    return store


def keys(store: Store) -> dict[str, str]:
    return {
        text: entry.key for text in QUESTIONS if (entry := store.by_key("s", NORMALIZER(text).key_hash)) is not None
    }


def test_a_small_store_is_renewed_before_it_is_used(store: Store) -> None:
    KeyRenewal(store, NORMALIZER, "new").start()
    assert keys(store) == {text: NORMALIZER(text).key for text in QUESTIONS}
    assert not store.outdated("new", 1)


def test_a_large_store_is_renewed_in_the_background(store: Store) -> None:
    renewal = KeyRenewal(store, NORMALIZER, "new")
    renewal.start(at_once=3)
    renewal.wait()
    assert not store.outdated("new", 1)
    assert len(keys(store)) == len(QUESTIONS)


def test_an_entry_whose_turn_has_not_come_is_judged_by_its_new_key(store: Store) -> None:
    entry = store.outdated("new", 1)[0]
    assert current(entry, NORMALIZER, "new").key == NORMALIZER(entry.question).key != entry.key
    assert current(entry, NORMALIZER, entry.normalizer_version) is entry


class Strict(Normalizer):
    """Takes nothing."""

    def __call__(self, text: str) -> Question:
        raise TextError("refused")


def test_a_question_that_is_refused_now_stays_as_it_was(store: Store) -> None:
    before = store.outdated("new", 100)
    KeyRenewal(store, Strict(), "new").start()
    after = store.outdated("newer", 100)
    assert [(e.question, e.key, e.answer) for e in after] == [(e.question, e.key, e.answer) for e in before]


class Failing(Store):
    """Fails when keys are written, once the first batch is through."""

    written = 0

    def set_keys(self, updates: Sequence[KeyUpdate], normalizer_version: str) -> None:
        if self.written:
            raise StorageError("the disk is full")
        self.written += len(updates)
        super().set_keys(updates, normalizer_version)


def test_a_store_that_fails_meanwhile_ends_the_renewal_and_keeps_the_entries() -> None:
    store = Failing.open("sqlite://")
    store.add_many([new(text, vector=None) for text in QUESTIONS])
    renewal = KeyRenewal(store, NORMALIZER, "new")
    renewal.start(at_once=3)
    renewal.wait()
    assert len(store.outdated("new", 100)) == len(QUESTIONS) - 3
    assert store.count() == len(QUESTIONS)


def test_closing_twice_does_no_harm(store: Store) -> None:
    renewal = KeyRenewal(store, NORMALIZER, "new")
    renewal.start(at_once=1)
    renewal.close()
    renewal.close()
