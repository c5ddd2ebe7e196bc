"""How long an answer lives: the shortest lifetime that holds for it, and whose hold for what people wrote."""

from __future__ import annotations

from typing import Literal

import pytest
from fakes import MakeBench

from semantic_cache import Lifetime, Settings
from semantic_cache.lifetimes import Lifetimes

_HOUR, _DAY, _WEEK = (Lifetime(seconds) for seconds in (3600, 86_400, 604_800))
_LIFETIMES = Lifetimes(_WEEK, {"tag:freshness=daily": _DAY, "tag:news": _HOUR, "tenant:acme": _DAY})


@pytest.mark.parametrize(
    ("origin", "tenant", "tags", "own", "expected"),
    [
        ("generated", "globex", (), None, _WEEK),
        ("generated", "acme", (), None, _DAY),
        ("generated", "globex", ("freshness=daily", "other"), None, _DAY),
        ("generated", "acme", ("news", "freshness=daily"), None, _HOUR),
        ("generated", "globex", (), _HOUR, _HOUR),
        ("generated", "globex", ("news",), _WEEK, _HOUR),
        ("curated", "acme", (), None, None),
        ("curated", "acme", ("freshness=daily",), None, _DAY),
        ("curated", "globex", (), _WEEK, _WEEK),
    ],
)
def test_the_shortest_that_holds_for_an_entry_counts(
    origin: Literal["curated", "generated"],
    tenant: str,
    tags: tuple[str, ...],
    own: Lifetime | None,
    expected: Lifetime | None,
) -> None:
    assert _LIFETIMES.of(origin, tenant=tenant, tags=tags, own=own) == expected


def test_of_two_equally_long_the_one_that_is_not_prolonged_counts() -> None:
    sliding = Lifetime(3600, sliding=True)
    for one, other in ((sliding, _HOUR), (_HOUR, sliding)):
        assert Lifetimes(one, {"tenant:acme": other}).of("generated", tenant="acme", tags=()) == _HOUR


def test_entries_get_the_lifetimes_of_the_settings(make_bench: MakeBench) -> None:
    named = {"tag:freshness=daily": _DAY}
    bench = make_bench(settings=Settings(store="sqlite://", lifetime=_WEEK, lifetimes=named, show_progress=False))

    def life(entry_id: int | None) -> float | None:
        entry = bench.store.get(entry_id or 0)
        assert entry is not None
        return entry.ttl_seconds

    assert life(bench.cache.ask("Where is the pool?").entry_id) == _WEEK.ttl_seconds
    assert life(bench.cache.ask("Who may swim there?", tags={"freshness=daily"}).entry_id) == _DAY.ttl_seconds
    assert life(bench.cache.add("How deep is it?", "Two metres.").id) is None
    assert life(bench.cache.add("How warm is it?", "Quite.", tags={"freshness=daily"}).id) == _DAY.ttl_seconds
    assert life(bench.cache.add("How wide is it?", "Ten metres.", lifetime=_HOUR).id) == _HOUR.ttl_seconds
