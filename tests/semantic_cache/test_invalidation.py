"""What is invalidated is not served any more on any tier, by any process, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import Bench, EchoGenerator, MakeBench

from semantic_cache import Settings, SizeBudget
from semantic_cache.documents import Document
from semantic_cache.errors import SelectionError, StoreError
from storage import StorageError


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Curated and generated entries of two tenants."""
    bench = make_bench(documents=(Document("handbook.md", "Text.", "d"),))
    bench.cache.add("where is the blue pool", "On the roof.", tags={"house"})
    bench.cache.add("what does the soup cost", "Nothing.", tags={"food", "prices"}, documents={"menu.md"})
    bench.cache.ask("how do i get to the airport", tags={"travel"})
    bench.cache.add("where is the blue pool", "In the cellar.", tenant="acme", tags={"house"})
    return bench


def left(bench: Bench) -> set[tuple[str, str]]:
    everything = bench.cache.invalidate(everything=True, dry_run=True)
    return {(one.tenant, one.question) for one in everything.entries}


_POOL, _SOUP, _AIRPORT = "where is the blue pool", "what does the soup cost", "how do i get to the airport"
_ALL = {("public", _POOL), ("public", _SOUP), ("public", _AIRPORT), ("acme", _POOL)}


@pytest.mark.parametrize(
    ("conditions", "removed"),
    [
        ({"tags": ["house"]}, {("public", _POOL), ("acme", _POOL)}),
        ({"tags": ["house"], "tenant": "acme"}, {("acme", _POOL)}),
        ({"tags": ["house", "food"]}, {("public", _POOL), ("public", _SOUP), ("acme", _POOL)}),
        ({"tags": []}, set()),
        ({"ids": [1, 3, 999]}, {("public", _POOL), ("public", _AIRPORT)}),
        ({"ids": []}, set()),
        ({"ids": [], "tenant": "acme"}, set()),
        ({"tenant": "acme", "everything": True}, {("acme", _POOL)}),
        ({"tenant": "nobody", "everything": True}, set()),
        ({"document": "menu.md"}, {("public", _SOUP)}),
        ({"document": "handbook.md", "tenant": "public"}, {("public", _POOL), ("public", _AIRPORT)}),
        ({"model": "echo"}, {("public", _AIRPORT)}),
        ({"older_than_seconds": 3600}, set()),
        ({"older_than_seconds": 0}, _ALL),
        ({"similar_to": "Where is the blue pool?"}, {("public", _POOL), ("acme", _POOL)}),
        ({"similar_to": ["where is the blue sauna"], "min_similarity": 0.5, "tenant": "acme"}, {("acme", _POOL)}),
        ({"similar_to": ["where is the blue sauna"], "min_similarity": 0.99}, set()),
        ({"everything": True}, _ALL),
    ],
)
def test_what_the_conditions_select_is_removed_and_nothing_else(
    bench: Bench, conditions: dict[str, Any], removed: set[tuple[str, str]]
) -> None:
    assert left(bench) == _ALL
    would = bench.cache.invalidate(**conditions, dry_run=True)
    assert {(one.tenant, one.question) for one in would.entries} == removed
    assert left(bench) == _ALL
    done = bench.cache.invalidate(**conditions)
    assert (done.count, done.dry_run) == (len(removed), False)
    assert left(bench) == _ALL - removed


def test_what_was_removed_is_served_on_no_tier_by_no_process(make_bench: MakeBench, tmp_path: Path) -> None:
    settings = Settings(store=f"sqlite:///{tmp_path / 'faq.db'}", threshold=-1.0, show_progress=False)
    one, other = make_bench(settings=settings), make_bench(settings=settings)
    one.cache.add(_POOL, "On the roof.", tags={"house"})
    wordings = (_POOL, "Where is the BLUE pool?", "any place to swim")
    assert all(bench.cache.lookup(text).hit for bench in (one, other) for text in wordings)
    assert other.cache.invalidate(tags=["house"]).count == 1
    assert not any(bench.cache.lookup(text).hit for bench in (one, other) for text in wordings)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({}, "give a condition besides the tenant, or everything=True"),
        ({"tenant": "acme"}, "give a condition besides the tenant, or everything=True"),
        ({"min_similarity": 0.5}, "give a condition"),
        ({"ids": ["1"]}, "ids="),
        ({"ids": [True]}, "ids="),
        ({"tags": "house"}, "tags='house'"),
        ({"older_than_seconds": -1}, "older_than_seconds=-1"),
        ({"older_than_seconds": float("nan")}, "older_than_seconds=nan"),
        ({"similar_to": []}, "names no question"),
        ({"similar_to": ""}, "similar_to"),
        ({"similar_to": "a\0b"}, "similar_to"),
        ({"similar_to": "word " * 300}, "longer than the 200 tokens"),
        ({"similar_to": _POOL, "min_similarity": 1.5}, "min_similarity=1.5"),
    ],
)
def test_a_selection_that_cannot_be_taken_is_refused_and_nothing_removed(
    bench: Bench, conditions: dict[str, Any], said: str
) -> None:
    with pytest.raises(SelectionError, match=said):
        bench.cache.invalidate(**conditions)
    assert left(bench) == _ALL


def test_a_store_that_fails_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("read-only")

    monkeypatch.setattr(bench.store.life, "invalidate", fail)
    with pytest.raises(StoreError, match="Nothing was removed: read-only"):
        bench.cache.invalidate(everything=True)


def test_a_budget_evicts_what_was_generated_and_never_what_people_wrote(make_bench: MakeBench) -> None:
    settings = Settings(store="sqlite://", tenant_budget=SizeBudget(max_entries=3), show_progress=False)
    bench = make_bench(settings=settings, generator=EchoGenerator())
    written = [bench.cache.add(text, "Yes.").id for text in ("is there a pool", "may guests swim here")]
    for animal in ("cats", "dogs", "birds", "snakes"):
        bench.cache.ask(f"are {animal} allowed in the rooms")
    assert bench.cache.usage("public").entries == 3
    assert all(bench.store.get(entry_id) is not None for entry_id in written)
    bench.cache.add("is breakfast served", "Yes.")
    with pytest.raises(StoreError, match="3"):
        bench.cache.add("is lunch served at noon", "Yes.")
    assert bench.cache.usage("public").entries == 3
