"""Entries that share rare words are found whatever their vectors say, and never any others."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from rows import new, unit

import storage.changes
from storage import Entry, KeyUpdate, NewEntry, Store, StoreValueError, terms

_WORDS = ["reset", "password", "card", "refund", "order", "계좌해지", "해지방법", "пароль", "5g", "ação"]
_QUERY = unit(99)


def _questions(store: Store, *words: str, scope: str = "s", embedder: str = "e", k: int = 100) -> list[str]:
    return [one.entry.question for one in store.lexical(scope, terms(" ".join(words), ""), _QUERY, k, embedder)]


def _sharing(kept: Iterable[Entry | NewEntry], words: Iterable[str]) -> set[str]:
    asked = set(words)
    return {one.question for one in kept if asked & set(terms(one.key, one.question))}


@pytest.mark.parametrize("seed", range(5))
def test_every_entry_of_the_scope_that_shares_a_word_is_found_and_no_other(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    kept = [
        new(f"{' '.join(rng.sample(_WORDS, rng.randint(1, 4)))} {number}", scope=rng.choice("st"), vector=number)
        for number in range(60)
    ]
    store.add_many(kept)
    for _ in range(20):
        words, scope = terms(" ".join(rng.sample(_WORDS, 2)), ""), rng.choice("st")
        found = store.lexical(scope, words, _QUERY, 100, "e")
        assert {one.entry.scope for one in found} <= {scope}
        assert len(found) == len({one.entry.id for one in found})
        assert {one.entry.question for one in found} == _sharing((one for one in kept if one.scope == scope), words)
    assert store.check() == ()


def test_rarer_words_and_more_of_them_go_first(store: Store) -> None:
    store.add_many([new(f"order number {number}") for number in range(9)])
    store.add_many([new("order a refund now"), new("refund of a parcel"), new("card")])
    assert _questions(store, "order", "refund", k=3)[:2] == ["order a refund now", "refund of a parcel"]
    assert _questions(store, "order", "refund", k=1) == ["order a refund now"]


def test_the_similarity_is_the_cosine_of_the_stored_vector(store: Store) -> None:
    store.add_many([new("reset password", vector=1), new("reset card", vector=2)])
    found = {one.entry.question: one.similarity for one in store.lexical("s", ("reset",), _QUERY, 4, "e")}
    expected = {"reset password": float(unit(1) @ _QUERY), "reset card": float(unit(2) @ _QUERY)}
    assert found == pytest.approx(expected, abs=1e-6)
    same = {one.entry.id: one.similarity for one in store.nearest("s", _QUERY, 4, "e")}
    assert same == pytest.approx(
        {one.entry.id: one.similarity for one in store.lexical("s", ("reset",), _QUERY, 4, "e")}
    )


def test_entries_without_a_vector_of_that_embedder_and_width_are_left_out_and_hide_no_other(store: Store) -> None:
    store.add_many([new(f"reset {number}", vector=None) for number in range(20)])
    store.add_many([new("reset other", embedder="other"), new("reset none", vector=None)])
    kept = new("how can one reset a phone that does not start at all", vector=3)
    store.add(kept)
    assert _questions(store, "reset", k=2) == [kept.question]
    assert _questions(store, "reset", k=2, embedder="other") == ["reset other"]
    assert store.lexical("s", ("reset",), unit(1, 8), 2, "e") == ()


def test_a_vector_that_is_given_later_makes_an_entry_found(store: Store) -> None:
    entry = store.add(new("reset", vector=None))
    assert _questions(store, "reset") == []
    store.set_vectors([entry.id], unit(1)[None], "e")
    assert _questions(store, "reset") == ["reset"]


def test_what_another_opening_of_the_database_does_is_followed(shared_url: str) -> None:
    with Store.open(shared_url) as one, Store.open(shared_url) as two:
        kept = one.add(new("reset password"))
        assert _questions(two, "password") == ["reset password"]
        one.delete(kept.id)
        assert _questions(two, "password") == []
        one.add(new("reset password", vector=5))
        (found,) = two.lexical("s", ("password",), _QUERY, 4, "e")
        assert found.similarity == pytest.approx(float(unit(5) @ _QUERY), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_replacements_deletions_and_new_keys_are_followed(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    kept: dict[str, Entry] = {}
    for step in range(60):
        question = f"q{rng.randrange(8)}"
        key = f"{' '.join(rng.sample(_WORDS, 2))} {question}"
        what = rng.choice(["add", "add", "many", "delete", "renew"])
        if what == "add":
            kept[question] = store.add(new(question, f"answer {step}", key=key, vector=step))
        elif what == "many":
            store.add_many([new(question, key="card", vector=step), new(question, key=key, vector=step + 1)])
            kept[question] = next(one for one in map(store.get, range(1, 200)) if one and one.question == question)
        elif question in kept and what == "delete":
            assert store.delete(kept.pop(question).id)
        elif question in kept:
            store.set_keys([KeyUpdate(kept[question].id, key, f"hash {step}", "en", {})], "2")
            renewed = store.get(kept[question].id)
            assert renewed is not None
            kept[question] = renewed
        for word in rng.sample(_WORDS, 3):
            assert set(_questions(store, word)) == _sharing(kept.values(), terms(word, ""))
    assert store.check() == ()


def test_an_entry_whose_terms_cannot_be_written_is_not_kept_either(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = store.add(new("reset card", "old"))

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(storage.changes, "post", fail)
        for question in ("reset card", "reset password"):
            with pytest.raises(Exception, match="disk"):
                store.add(new(question, "new"))
    assert store.get(old.id) == old
    assert _questions(store, "reset") == ["reset card"]
    assert store.check() == ()


def test_a_word_of_more_than_500_entries_finds_nothing_and_hides_no_rarer_one(store: Store) -> None:
    store.add_many([new(f"how {number}") for number in range(501)])
    store.add(new("how refund"))
    assert _questions(store, "how") == []
    assert _questions(store, "how", "refund") == ["how refund"]
    assert set(_questions(store, "how", "17", "18")) == {"how 17", "how 18"}


def test_of_many_words_the_eight_rarest_count(store: Store) -> None:
    rare, usual = [f"r{number}" for number in range(8)], [f"u{number}" for number in range(8)]
    store.add_many([new(word) for word in rare])
    store.add_many([new(f"{word} {number}") for word in usual for number in range(3)])
    assert set(_questions(store, *usual, *rare)) == set(rare)


@pytest.mark.parametrize(
    "word",
    ['"', "'; DROP TABLE samewise_entries; --", "NEAR(", "AND", "*", "a\x00b", "🙂", "\ud800", "ß", "", "x" * 100_000, "%"],
)  # fmt: skip
def test_any_text_is_safe_as_a_word(store: Store, word: str) -> None:
    store.add(new("reset card"))
    assert store.lexical("s", (word,), _QUERY, 4, "e") == ()
    assert [one.entry.question for one in store.lexical("s", (word, "card"), _QUERY, 4, "e")] == ["reset card"]
    assert store.count() == 1


def test_no_words_an_empty_scope_and_an_unknown_word_find_nothing(store: Store) -> None:
    assert store.lexical("s", ("card",), _QUERY, 4, "e") == ()
    store.add(new("card"))
    assert store.lexical("s", (), _QUERY, 4, "e") == ()
    assert store.lexical("s", ("unknown",), _QUERY, 4, "e") == ()


def test_no_count_and_no_unit_are_refused(store: Store) -> None:
    with pytest.raises(StoreValueError, match="k=0"):
        store.lexical("s", ("card",), _QUERY, 0, "e")
    with pytest.raises(StoreValueError, match="length 2"):
        store.lexical("s", ("card",), 2 * _QUERY, 1, "e")


def test_terms_that_are_missing_strange_or_of_nothing_are_found(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        first, second, gone = (store.add(new(question)) for question in ("reset my card", "refund", "order"))
        other = sqlite3.connect(path)  # foreign keys are off here, as in another program
        other.execute("DELETE FROM samewise_postings WHERE entry_id = ?", (first.id,))
        other.execute("INSERT INTO samewise_postings VALUES (7, ?, 1)", (second.id,))
        other.execute("DELETE FROM samewise_entries WHERE id = ?", (gone.id,))
        other.commit()
        other.close()
        assert set(store.check()) >= {
            f"entry {gone.id}: it is gone, and a row of samewise_postings is there",
            f"entry {first.id}: of its 3 terms are missing: 3",
            f"entry {second.id}: terms that are not of its question: 1",
        }
        assert _questions(store, "order") == []
