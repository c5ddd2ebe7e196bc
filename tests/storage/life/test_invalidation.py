"""What a selection names is removed, all of it and nothing else."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import new, unit

from storage import DocumentRef, Entry, Feedback, Store, StoreBusyError, StoreConfig
from storage.life import Dropped, Near, Selection

_PRICES, _NEWER = DocumentRef("prices.txt", "1"), DocumentRef("prices.txt", "2")
_TERMS = DocumentRef("terms.txt", "7")


def _questions(removed: Iterable[Dropped | Entry]) -> set[str]:
    return {one.question for one in removed}


@pytest.fixture
def filled(store: Store, clock: Callable[[], float]) -> Store:
    """Entries that differ in one thing each."""
    clock.now = 100.0  # type: ignore[attr-defined]
    store.add(new("old"))
    clock.now = 200.0  # type: ignore[attr-defined]
    store.add_many(
        [
            new("plain", origin="generated"),
            new("tagged", tags=frozenset({"x", "b"})),
            new("elsewhere", scope="s2"),
            new("theirs", tenant="other", scope="o"),
            new("big model", model="large"),
            new("other vectors", embedder="e2"),
            new("korean", language="ko"),
            new("priced", origin="generated", bot="bot", documents=(_PRICES, _TERMS)),
            new("priced anew", origin="generated", bot="bot", documents=(_NEWER, _TERMS)),
            new("written", bot="bot", documents=(_PRICES,)),
            new("other bot", origin="generated", bot="bot2", documents=(_PRICES,)),
            new("without", vector=None),
        ]
    )
    return store


_CASES: list[tuple[dict[str, object], set[str]]] = [
    ({"ids": (1, 3, 999)}, {"old", "tagged"}),
    ({"tags": frozenset({"x", "nothing"})}, {"tagged"}),
    ({"tenant": "other"}, {"theirs"}),
    ({"scope": "s2"}, {"elsewhere"}),
    ({"document": "prices.txt"}, {"priced", "priced anew", "written", "other bot"}),
    ({"document": "terms.txt", "origin": "curated"}, set()),
    ({"model": "large"}, {"big model"}),
    ({"embedder": "e2"}, {"other vectors"}),
    ({"language": "ko"}, {"korean"}),
    ({"origin": "generated", "tenant": "t"}, {"plain", "priced", "priced anew", "other bot"}),
    ({"answered_before": 200.0}, {"old"}),
    ({"former_editions": ("bot", (_TERMS, _NEWER))}, {"priced"}),
    ({"former_editions": ("bot", ())}, {"priced", "priced anew"}),
    ({"ids": ()}, set()),
    ({"tags": frozenset(), "tenant": "t"}, set()),
    ({"everything": True, "tenant": "other"}, {"theirs"}),
]


@pytest.mark.parametrize(("given", "expected"), _CASES, ids=[" ".join(given) for given, _ in _CASES])
def test_it_removes_what_the_conditions_say(filled: Store, given: dict[str, object], expected: set[str]) -> None:
    before = filled.count()
    selection = Selection(**given)  # type: ignore[arg-type]
    tried = filled.life.invalidate(selection, dry_run=True)
    assert (_questions(tried.entries), tried.count, tried.dry_run) == (expected, len(expected), True)
    assert filled.count() == before
    removed = filled.life.invalidate(selection)
    assert (removed.entries, removed.count, removed.bytes) == (tried.entries, tried.count, tried.bytes)
    assert not removed.dry_run
    assert filled.count() == before - len(expected)
    assert filled.life.invalidate(selection).count == 0
    assert filled.check() == ()


def test_everything_is_removed_when_it_is_asked_for(filled: Store) -> None:
    assert filled.life.invalidate(Selection(everything=True)).count == 13
    assert filled.count() == 0
    assert filled.life.usage() == filled.life.usage("t") == type(filled.life.usage())(0, 0)


def test_it_says_what_was_removed(store: Store) -> None:
    entry = store.add(new("q", origin="generated"))
    (only,) = store.life.invalidate(Selection(ids=(entry.id,))).entries
    assert only == Dropped(entry.id, "t", "q", "generated", entry.answered, entry.bytes)
    assert only.bytes > 64


def test_what_hangs_on_an_entry_goes_with_it(store: Store) -> None:
    entry = store.add(new("q", vector=5))
    judged = Feedback(
        tenant="t",
        scope="s",
        entry_id=entry.id,
        exact_hash="e",
        key_hash="k",
        correct=True,
        source="user",
        question="w",
    )
    store.feedback.record(judged, "alias")
    store.life.invalidate(Selection(scope="s"))
    assert store.nearest("s", unit(5), 3, "e") == ()
    assert store.feedback.by_alias(("s", "s2"), "k") is None
    assert store.check() == ()


def test_of_many_the_first_thousand_are_named_and_all_are_counted(store: Store) -> None:
    store.add_many([new(f"q{number}", vector=None) for number in range(1203)])
    removed = store.life.invalidate(Selection(scope="s"))
    assert (len(removed.entries), removed.count, store.count()) == (1000, 1203, 0)


class TestByVector:
    def test_it_is_the_cosine_with_any_of_the_vectors(self, store: Store) -> None:
        store.add_many([new(f"q{number}", vector=number) for number in range(2100)])
        asked = np.stack([unit(3), unit(2000)])
        stored = np.stack([unit(number) for number in range(2100)])
        near = (stored @ asked.T).max(axis=1)
        expected = {f"q{number}" for number in np.flatnonzero(near >= 0.4)}
        assert 2 < len(expected) < 1000
        selection = Selection(near=Near(vectors=asked, embedder="e", min_similarity=0.4))
        assert _questions(store.life.invalidate(selection, dry_run=True).entries) == expected
        assert store.life.invalidate(selection).count == len(expected)
        assert store.count() == 2100 - len(expected)

    def test_the_same_vector_is_near_at_a_similarity_of_one(self, store: Store) -> None:
        for number in range(30):
            store.add(new(f"q{number}", vector=number))
        asked = np.stack([unit(number) for number in range(30)])
        assert store.life.invalidate(Selection(near=Near(vectors=asked, embedder="e", min_similarity=1.0))).count == 30

    def test_vectors_of_another_embedder_width_or_tenant_are_left(self, store: Store) -> None:
        store.add(new("a", vector=1, embedder="e2"))
        store.add(new("b", vector=None))
        store.add(replace(new("c"), vector=unit(1, 8)))
        store.add(new("d", vector=1, tenant="other", scope="o"))
        near = Near(vectors=unit(1)[None], embedder="e", min_similarity=-1.0)
        assert store.life.invalidate(Selection(near=near, tenant="t")).count == 0
        assert _questions(store.life.invalidate(Selection(near=near)).entries) == {"d"}


_THINGS = list(itertools.product(("a", "b"), ("curated", "generated"), ("m1", "m2"), ("x", "y")))


@settings(max_examples=40)  # each opens a store
@given(
    st.none() | st.sampled_from("ab"),
    st.none() | st.sampled_from(["curated", "generated"]),
    st.none() | st.sampled_from(["m1", "m2"]),
    st.none() | st.frozensets(st.sampled_from("xy")),
)
def test_conditions_are_joined_by_and(
    tenant: str | None, origin: str | None, model: str | None, tags: frozenset[str] | None
) -> None:
    with Store.open("sqlite://") as store:
        store.add_many(
            [
                new(f"q{number}", vector=None, tenant=its, scope=its, origin=by, model=of, tags=frozenset({tag}))
                for number, (its, by, of, tag) in enumerate(_THINGS)
            ]
        )
        expected = {
            f"q{number}"
            for number, (its, by, of, tag) in enumerate(_THINGS)
            if (
                tenant in (None, its) and origin in (None, by) and model in (None, of) and (tags is None or tag in tags)
            )
        }
        selection = Selection(tenant=tenant, origin=origin, model=model, tags=tags, everything=True)  # type: ignore[arg-type]
        assert _questions(store.life.invalidate(selection).entries) == expected
        assert store.count() == len(_THINGS) - len(expected)


def test_bound_to_a_tenant_it_never_touches_another(filled: Store) -> None:
    theirs = filled.exact("o", new("theirs").exact_hash)
    everywhere: list[dict[str, object]] = [given for given, _ in _CASES if "tenant" not in given]
    for given_to in everywhere:
        filled.life.invalidate(Selection(**{**given_to, "tenant": "t"}))  # type: ignore[arg-type]
    filled.life.invalidate(Selection(everything=True, tenant="t"))
    assert filled.count(tenant="t") == 0
    assert theirs is not None
    assert filled.exact("o", theirs.exact_hash) == theirs


def test_where_another_writes_nothing_is_removed(path: Path) -> None:
    with Store.open(f"sqlite:///{path}", StoreConfig(busy_timeout_seconds=0.05)) as store:
        store.add(new("q"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError):
            store.life.invalidate(Selection(scope="s"))
        other.execute("ROLLBACK")
        other.close()
        assert store.count() == 1


def test_what_no_longer_fulfils_the_conditions_when_it_is_removed_stays(store: Store) -> None:
    entry = store.add(new("q", tags=frozenset({"stale"})))
    write, calls = store._database.write, list[bool]()

    def changed_before(*, wait: bool = True) -> object:
        if not calls:
            calls.append(wait)
            store.add(new("q", "A newer answer.", tags=frozenset({"fresh"})))
        return write(wait=wait)

    store._database.write = changed_before  # type: ignore[method-assign, assignment]
    assert store.life.invalidate(Selection(tags=frozenset({"stale"}))).count == 0
    kept = store.get(entry.id)
    assert kept is not None
    assert kept.answer == "A newer answer."
