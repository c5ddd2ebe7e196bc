"""A snapshot is the store of one moment, and holds up nobody."""

from __future__ import annotations

import pytest
from rows import new
from sqlalchemy import func, select

from storage import Store
from storage.tables import entries
from storage.upkeep.snapshot import BATCH, in_batches, snapshot

_COUNT = select(func.count()).select_from(entries)


def test_what_is_written_after_it_began_is_not_in_it_and_is_there_afterwards(shared_store: Store) -> None:
    shared_store.add(new("before"))
    with snapshot(shared_store._database) as connection:
        later = shared_store.add(new("after"))
        assert connection.execute(_COUNT).scalar_one() == 1
        shared_store.delete(1)
        assert connection.execute(_COUNT).scalar_one() == 1
    with shared_store._database.read() as connection:
        assert connection.execute(_COUNT).scalar_one() == 1
    assert shared_store.get(later.id) == later
    assert shared_store.get(1) is None


def test_after_an_error_the_connection_is_as_good_as_new(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), snapshot(store._database):
            raise ZeroDivisionError
        store.add(new("a"))
    assert store.check() == ()


@pytest.mark.parametrize("rows", [0, 1, BATCH, BATCH + 1])
def test_batches_are_all_rows_in_their_order_whatever_is_missing_between(store: Store, rows: int) -> None:
    store.add_many([new(f"q{number}", vector=None) for number in range(rows + 2)])
    for gone in (1, rows // 2 + 2):
        store.delete(gone)
    with snapshot(store._database) as connection:
        batches = list(in_batches(connection, select(entries.c.id), entries.c.id))
    ids = [row.id for batch in batches for row in batch]
    assert ids == [one for one in range(1, rows + 3) if one not in (1, rows // 2 + 2)]
    assert all(0 < len(batch) <= BATCH for batch in batches)
