"""A tenant tries to reach what is another's, on every path that there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import Entry, Event, Feedback, NewEntry, Store, StoreValueError, terms
from storage.life import Near, Selection

New = Callable[..., NewEntry]
Unit = Callable[..., NDArray[np.float32]]
_QUESTION = "Where is my parcel?"


@pytest.fixture
def other(store: Store, new_entry: New) -> Entry:
    """The other tenant's entry: the same words, key, vector, tag and document as the tenant's own questions have."""
    return store.add(new_entry(_QUESTION, tenant="other", scope="other's", answer="A secret."))


def _judged(entry: Entry, scope: str, tenant: str) -> Feedback:
    return Feedback(
        tenant=tenant, scope=scope, entry_id=entry.id, exact_hash=entry.exact_hash, key_hash=entry.key_hash,
        correct=True, source="user", question=entry.question, served="semantic",
    )  # fmt: skip


def test_no_lookup_of_ones_own_scope_gives_anothers_answer(
    store: Store, other: Entry, new_entry: New, unit: Unit
) -> None:
    words, vector = terms(other.key, other.question), unit(_QUESTION)
    for own_entries in (0, 1):
        own = [store.add(new_entry("What else?", scope="own")) for _ in range(own_entries)]
        assert store.exact("own", other.exact_hash) is None
        assert store.by_key("own", other.key_hash) is None
        assert [one.entry for one in store.nearest("own", vector, 9, "e5")] == own
        assert [one.entry for one in store.lexical("own", words, vector, 9, "e5") if one.entry not in own] == []
        assert other.question not in [one.text for one in store.questions("own", 0, 9)]
        assert store.without_vector("own", "another embedder", 9) == tuple(own)


def test_a_confirmed_wording_leads_only_to_an_entry_of_the_same_scope(
    store: Store, other: Entry, new_entry: New
) -> None:
    asked = dataclasses.replace(_judged(other, "own", "shop"), exact_hash="x", key_hash="k", question="parcel, where")
    store.feedback.record(asked, "alias")
    assert store.feedback.by_alias(("own", "own too"), "k") is None
    assert store.feedback.by_alias(("other's", "own"), "k") is None


def test_a_scope_is_never_shared(store: Store, other: Entry, new_entry: New) -> None:
    before = (store.get(other.id), store.stats(), store.check())
    for intruding in (new_entry(_QUESTION, scope="other's"), new_entry("Another question", scope="other's")):
        with pytest.raises(StoreValueError, match="another tenant than 'shop'"):
            store.add(intruding)
        with pytest.raises(StoreValueError, match="another tenant than 'shop'"):
            store.add_many([new_entry("first", scope="own"), intruding])
    with pytest.raises(StoreValueError, match="another tenant"):
        store.add_many([new_entry("a", scope="new"), new_entry("b", scope="new", tenant="other")])
    assert (store.get(other.id), store.stats(), store.check()) == before


@pytest.mark.parametrize(
    "selection",
    [
        {"everything": True},
        {"tags": frozenset({"orders"})},
        {"document": "handbook.md"},
        {"model": "small"},
        {"answered_before": 1e12},
        {"origin": "generated"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_a_tenant_removes_is_its_own(
    store: Store, other: Entry, new_entry: New, selection: dict[str, object]
) -> None:
    removed = store.life.invalidate(Selection(tenant="shop", **selection))  # type: ignore[arg-type]
    assert (removed.count, store.get(other.id)) == (0, other)


def test_neither_an_id_nor_a_near_vector_reaches_across(store: Store, other: Entry, unit: Unit) -> None:
    near = Near(vectors=unit(_QUESTION)[None], embedder="e5", min_similarity=0.5)
    for selection in (Selection(tenant="shop", ids=(other.id,)), Selection(tenant="shop", near=near)):
        assert store.life.invalidate(selection).count == 0
        assert store.life.invalidate(selection, dry_run=True).entries == ()
    assert store.get(other.id) == other


def test_what_is_told_of_a_tenant_is_its_own(store: Store, other: Entry, tmp_path: Path) -> None:
    store.feedback.record(_judged(other, "other's", "other"), "none")
    store.feedback.events.record(
        Event(
            at=1.0, tenant="other", scope="other's", exact_hash="x", key_hash="k", source="semantic", milliseconds=1.0
        )
    )
    assert store.count(tenant="shop") == 0
    assert store.life.usage("shop").entries == 0
    assert store.feedback.labels("shop", "user", 9) == ()
    assert store.feedback.recent(9, tenant="shop") == ()
    assert store.feedback.events.recent(9, tenant="shop") == ()
    assert store.feedback.events.hits("shop") == (0, 0.0)
    store.upkeep.export(tmp_path / "own.jsonl", tenant="shop")
    assert "secret" not in (tmp_path / "own.jsonl").read_text()
