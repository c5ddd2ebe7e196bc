"""What has expired is not found, whether it was swept away or not; a sliding life goes on with its uses."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import pytest
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import func, insert, select

from storage import Feedback, Lifetime, Store, StoreConfig, terms
from storage.life import DELETED_KEPT, Selection
from storage.tables import deleted, meta

_HOUR = Lifetime(3600.0)
_SLIDING = Lifetime(3600.0, sliding=True)


class Clock(Protocol):
    now: float

    def __call__(self) -> float: ...


def _found(store: Store, entry_id: int, question: str, vector: int) -> list[bool]:
    """By words, by key, by alias, by id, by vector and by rare words."""
    words = terms(question.lower(), question)
    return [
        store.exact("s", exact_hash(question)) is not None,
        store.by_key("s", key_hash(question)) is not None,
        store.feedback.by_alias(("s", "s2"), "asked otherwise") is not None,
        store.get(entry_id) is not None,
        bool(store.nearest("s", unit(vector), 3, "e")),
        bool(store.lexical("s", words, unit(vector), 3, "e")),
    ]


@pytest.mark.parametrize("life", [_HOUR, _SLIDING])
def test_from_its_end_on_an_entry_is_not_found(store: Store, clock: Clock, life: Lifetime) -> None:
    entry = store.add(new("where is it", vector=1, lifetime=life))
    judged = Feedback(
        tenant="t", scope="s", entry_id=entry.id, exact_hash="e", key_hash="asked otherwise", correct=True,
        source="user", question="asked otherwise",
    )  # fmt: skip
    store.feedback.record(judged, "alias")
    assert entry.expires == 4600.0
    clock.now = 4599.9
    assert _found(store, entry.id, "where is it", 1) == [True] * 6
    clock.now = 4600.0
    assert _found(store, entry.id, "where is it", 1) == [False] * 6
    assert store.count() == 1
    assert store.life.sweep() == 1
    assert store.count() == 0


def test_an_entry_without_a_lifetime_does_not_end(store: Store, clock: Clock) -> None:
    entry = store.add(new("q"))
    clock.now = 1e12
    assert store.life.sweep() == 0
    assert store.get(entry.id) == entry


def test_a_new_answer_starts_a_new_life(store: Store, clock: Clock) -> None:
    store.add(new("q", lifetime=_HOUR))
    clock.now = 9000.0
    entry = store.add(new("q", "Another answer.", lifetime=_HOUR))
    assert (entry.created, entry.answered, entry.expires) == (1000.0, 9000.0, 12600.0)
    assert store.exact("s", exact_hash("q")) == entry
    assert [one.entry for one in store.nearest("s", unit(0), 1, "e")] == [entry]


@pytest.mark.parametrize("number", [3, 40, 700])
def test_expired_entries_do_not_take_the_place_of_others_that_are_near(store: Store, clock: Clock, number: int) -> None:
    asked = unit(1)
    # Nearest to what is asked, all of them.
    store.add_many([new(f"gone{one}", vector=1, lifetime=_HOUR) for one in range(number)])
    store.add_many([new(f"kept{one}", vector=one) for one in range(100, 110)])
    clock.now = 5000.0
    found = store.nearest("s", asked, 5, "e")
    best = sorted(range(100, 110), key=lambda one: -float(unit(one) @ asked))[:5]
    assert [one.entry.question for one in found] == [f"kept{one}" for one in best]


def test_what_the_index_dropped_at_its_end_is_no_problem_of_the_store(store: Store, clock: Clock) -> None:
    store.add(new("gone", vector=1, lifetime=_HOUR))
    store.add(new("kept", vector=2))
    clock.now = 5000.0
    assert [one.entry.question for one in store.nearest("s", unit(1), 2, "e")] == ["kept"]
    assert store.check() == ()


def test_a_sweep_takes_all_that_has_expired_and_nothing_else(store: Store, clock: Clock) -> None:
    store.add_many([new(f"e{one}", vector=None, lifetime=Lifetime(10.0 + one % 7)) for one in range(2345)])
    store.add_many([new(f"k{one}", vector=None) for one in range(5)])
    clock.now = 1013.0
    assert store.life.sweep() == sum(10 + one % 7 <= 13 for one in range(2345))
    assert store.count() == 5 + sum(10 + one % 7 > 13 for one in range(2345))
    clock.now = 1e9
    store.life.sweep()
    assert store.count() == store.life.usage("t").entries == 5
    assert store.check() == ()


def test_a_sweep_bound_to_a_tenant_never_touches_another(store: Store, clock: Clock) -> None:
    store.add(new("mine", lifetime=_HOUR))
    store.add(new("theirs", tenant="other", scope="o", lifetime=_HOUR))
    clock.now = 9000.0
    assert store.life.sweep("t") == 1
    assert (store.count(tenant="t"), store.count(tenant="other")) == (0, 1)


def test_a_sweep_never_holds_the_store_for_long(path: Path, clock: Clock) -> None:
    with Store.open(f"sqlite:///{path}", StoreConfig(), clock) as store:
        store.add_many([new(f"e{one}", vector=None, lifetime=_HOUR) for one in range(500)])
        clock.now = 9000.0
        write, left = store._database.write, list[int]()

        def watched(*, wait: bool = True) -> object:
            left.append(store.count())
            return write(wait=wait)

        store._database.write = watched  # type: ignore[method-assign, assignment]
        store.life.sweep()
        assert left[:3] == [500, 300, 100]


class TestSlidingLives:
    def test_a_use_prolongs_it_by_its_whole_length(self, store: Store, clock: Clock) -> None:
        entry = store.add(new("q", lifetime=_SLIDING))
        for now in (4000.0, 7000.0, 10_000.0):
            clock.now = now
            there = store.get(entry.id)
            assert there is not None
            store.touch(there)
            again = store.get(entry.id)
            assert again is not None
            assert again.expires == now + 3600.0
        clock.now = 13_600.0
        assert store.get(entry.id) is None

    def test_a_fixed_life_is_never_prolonged(self, store: Store, clock: Clock) -> None:
        entry = store.add(new("q", lifetime=_HOUR))
        for now in range(1100, 4600, 500):
            clock.now = float(now)
            store.touch(entry)
        store.stats()  # writes what is pending
        there = store.get(entry.id)
        assert there is not None
        assert (there.hits, there.expires) == (7, 4600.0)

    def test_less_than_a_tenth_is_written_with_the_counts(self, url: str, clock: Clock) -> None:
        with Store.open(url, StoreConfig(touch_flush=3), clock) as store:
            entry, other = store.add(new("q", lifetime=_SLIDING)), store.add(new("other"))
            clock.now = 1359.0
            store.touch(entry)
            assert store.get(entry.id) == entry
            store.touch(other)
            store.touch(other)
            there = store.get(entry.id)
            assert there is not None
            assert (there.expires, there.hits) == (1359.0 + 3600.0, 1)

    def test_a_tenth_is_written_at_once(self, url: str, clock: Clock) -> None:
        with Store.open(url, StoreConfig(touch_flush=1000), clock) as store:
            entry = store.add(new("q", lifetime=_SLIDING))
            clock.now = 1360.0
            store.touch(entry)
            there = store.get(entry.id)
            assert there is not None
            assert there.expires == 1360.0 + 3600.0

    def test_the_use_of_an_id_prolongs_it_with_the_counts(self, store: Store, clock: Clock) -> None:
        entry = store.add(new("q", lifetime=_SLIDING))
        clock.now = 4000.0
        store.touch(entry.id)
        store.stats()
        there = store.get(entry.id)
        assert there is not None
        assert there.expires == 7600.0

    def test_where_another_writes_it_stays_pending_and_nobody_waits(self, path: Path, clock: Clock) -> None:
        with Store.open(f"sqlite:///{path}", StoreConfig(touch_flush=1000), clock) as store:
            entry = store.add(new("q", lifetime=_SLIDING))
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            clock.now = 4000.0
            store.touch(entry)
            assert store.get(entry.id) == entry
            other.execute("ROLLBACK")
            other.close()
            clock.now = 4001.0
            store.touch(entry)
            there = store.get(entry.id)
            assert there is not None
            assert (there.expires, there.hits) == (7601.0, 2)

    def test_a_use_that_is_written_after_the_end_does_not_bring_it_back(self, store: Store, clock: Clock) -> None:
        entry = store.add(new("q", lifetime=_SLIDING))
        clock.now = 1100.0
        store.touch(entry.id)
        clock.now = 4600.0
        assert store.nearest("s", unit(0), 1, "e") == ()  # the index has dropped it
        store.stats()
        assert store.get(entry.id) is None
        assert store.life.sweep() == 1

    def test_a_sweep_writes_pending_uses_first(self, store: Store, clock: Clock) -> None:
        entry = store.add(new("q", lifetime=_SLIDING))
        clock.now = 4500.0
        store.touch(entry.id)
        assert store.life.sweep() == 0
        clock.now = 8099.0
        assert store.life.sweep() == 0
        assert store.get(entry.id) is not None

    def test_an_earlier_use_of_another_process_does_not_shorten_it(self, path: Path) -> None:
        url = f"sqlite:///{path}"
        with Store.open(url, clock=lambda: 50.0) as early, Store.open(url, clock=lambda: 90.0) as late:
            entry = early.add(new("q", lifetime=Lifetime(100.0, sliding=True)))
            late.touch(entry)
            early.touch(entry)
            early.stats()
            there = early.get(entry.id)
            assert there is not None
            assert (there.expires, there.hits) == (190.0, 2)


def test_the_log_of_deletions_keeps_the_newest(store: Store) -> None:
    database = store._database
    with database.write() as connection:
        rows = [{"revision": one, "entry_id": one, "scope": "s"} for one in range(1, DELETED_KEPT + 501)]
        connection.execute(insert(deleted), rows)
        connection.execute(meta.update().where(meta.c.name == "revision").values(value=DELETED_KEPT + 500))
    store.life.sweep()
    with database.read() as connection:
        kept = connection.execute(
            select(func.count(), func.min(deleted.c.revision), func.max(deleted.c.revision))
        ).one()
    assert tuple(kept) == (DELETED_KEPT, 501, DELETED_KEPT + 500)


def test_the_log_is_kept_short_by_invalidations_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.life.removal.DELETED_KEPT", 100)
    store.add_many([new(f"q{one}", vector=None) for one in range(1200)])
    store.life.invalidate(Selection(scope="s"))
    with store._database.read() as connection:
        number, newest = connection.execute(select(func.count(), func.max(deleted.c.revision))).one()
    assert number <= 100 + 500
    assert newest == store._database.revision()
