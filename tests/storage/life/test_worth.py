"""SQL finds the same entries first as the definitions say."""

from __future__ import annotations

import numpy as np
import pytest
from rows import new
from sqlalchemy import update

from storage import Store
from storage.life import Candidate, Eviction
from storage.life.eviction import order_of
from storage.life.worth import Droppable, least
from storage.tables import entries

_NOW = 50_000_000.0


@pytest.fixture
def numbers(store: Store) -> list[Candidate]:
    """Entries with random numbers, ties among them, and some that may not go."""
    chance = np.random.default_rng(7)
    store.add_many([new(f"q{one}", vector=None, origin="generated") for one in range(400)])
    made = [
        Candidate(
            id=one,
            created=float(chance.integers(0, 60_000_000)),  # some from a clock that is ahead
            last_used=float(chance.choice([1.0, 3e7, 49_999_999.0, 6e7])),
            hits=int(chance.integers(0, 4)),
            cost_ms=float(chance.choice([0.0, 10.0, 2500.0])),
            bytes=int(chance.choice([0, 1, 700, 90_000])),
        )
        for one in range(1, 401)
    ]
    with store._database.write() as connection:
        for one in made:
            values = {"created": one.created, "last_used": one.last_used, "hits": one.hits, "bytes": one.bytes}
            change = update(entries).where(entries.c.id == one.id)
            connection.execute(change.values(values | {"generation_ms": one.cost_ms}))
    return made


@pytest.mark.parametrize("policy", Eviction)
@pytest.mark.parametrize("limit", [1, 50, 500])
def test_the_order_is_that_of_the_policy(store: Store, numbers: list[Candidate], policy: Eviction, limit: int) -> None:
    order = order_of(policy, _NOW)
    with store._database.read() as connection:
        found = least(connection, Droppable("t", store._database.revision()), policy, _NOW, limit)
    assert len(found) == min(limit, 400)
    assert all(one in numbers for one in found)
    # The last digits of a sum may differ; what is worth as much may change places.
    expected = sorted(numbers, key=order)[:limit]
    keys = [tuple(order(one)[:-1]) for one in found]
    assert [pytest.approx(order(one)[:-1]) for one in expected] == keys


def test_neither_what_people_wrote_nor_another_tenants_nor_what_came_later_is_found(store: Store) -> None:
    kept = store.add(new("q", origin="generated"))
    store.add(new("by a person"))
    store.add(new("theirs", tenant="other", scope="o", origin="generated"))
    until = store._database.revision()
    store.add(new("later", origin="generated"))
    with store._database.read() as connection:
        assert [one.id for one in least(connection, Droppable("t", until), Eviction.VALUE, _NOW, 10)] == [kept.id]
