"""Uses are counted without making a hit wait, and none is lost but by a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from other_writer import writing
from sqlalchemy import Connection

from storage import NewEntry, Store, StoreBusyError, StoreConfig

New = Callable[..., NewEntry]


def test_uses_are_written_when_the_store_closes(shared_url: str, new_entry: New) -> None:
    with Store.open(shared_url) as store:
        entry = store.add(new_entry("a"))
        store.touch(entry.id)
    with Store.open(shared_url) as store:
        assert store.stats().hits == 1


def test_a_use_does_not_wait_for_another_process_and_is_written_later(
    shared_url: str, new_entry: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(shared_url, StoreConfig(touch_flush=2, busy_timeout_seconds=5)) as store:
        entry = store.add(new_entry("a"))
        write, waits = store._database.write, list[bool]()

        def recorded(*, wait: bool = True) -> AbstractContextManager[Connection]:
            waits.append(wait)
            return write(wait=wait)

        monkeypatch.setattr(store._database, "write", recorded)
        with writing(shared_url):
            for _ in range(5):
                store.touch(entry.id)
            assert waits == [False, False]
        assert store.stats().hits == 5


def test_a_store_that_cannot_write_its_counts_is_closed_all_the_same(shared_url: str, new_entry: New) -> None:
    store = Store.open(shared_url, StoreConfig(busy_timeout_seconds=0.05))
    store.touch(store.add(new_entry("a")).id)
    with writing(shared_url), pytest.raises(StoreBusyError, match="lock"):
        store.close()
    store.close()
    with Store.open(shared_url) as again:
        assert again.count() == 1


def test_uses_of_a_deleted_entry_are_dropped(store: Store, new_entry: New) -> None:
    gone, kept = store.add(new_entry("a")), store.add(new_entry("b"))
    store.touch(gone.id)
    store.touch(kept.id)
    store.delete(gone.id)
    assert store.stats().hits == 1


def test_the_later_of_two_processes_uses_is_the_last_one(shared_url: str, new_entry: New) -> None:
    with (
        Store.open(shared_url, clock=lambda: 50.0) as early,
        Store.open(shared_url, clock=lambda: 90.0) as late,
    ):
        entry = early.add(new_entry("a"))
        late.touch(entry.id)
        early.touch(entry.id)
        assert (late.stats().hits, early.stats().hits) == (1, 2)
        found = early.get(entry.id)
        assert found is not None
        assert (found.hits, found.last_used) == (2, 90.0)
