"""Whoever follows the changes of a store holds what the store holds, whatever happens at the same time."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rows import new, unit

from storage import Change, Store, StoreClosedError, StoreValueError, feed

_WRITER = """
import random, sys
sys.path.insert(0, {support!r})
from rows import new
from storage import Store
chance = random.Random({seed})
with Store.open({url!r}) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range({count}):
        what = chance.random()
        if what < 0.6:
            store.add(new(f"q{{chance.randrange(30)}}", f"answer {seed} {{number}}", vector=number))
        elif what < 0.8:
            store.add_many([new(f"q{{chance.randrange(30)}}", f"many {seed} {{number}}", vector=one) for one in range(4)])
        else:
            store.delete(chance.randrange(1, 120))
"""


def _writer(url: str, seed: int, count: int) -> subprocess.Popen[str]:
    support = str(Path(__file__).parents[1] / "support")
    script = _WRITER.format(support=support, url=url, seed=seed, count=count)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, text=True)


class Follower:
    """Ids and scopes as the changes say."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.revision = 0
        self.there: dict[int, str] = {}
        self.kinds: list[str] = []

    def follow(self, limit: int = 7) -> None:
        """Take in everything that was changed so far."""
        while found := self.store.changes(self.revision, limit):
            for change in found:
                assert change.revision > self.revision
                assert change.entry_id is not None
                self.revision = change.revision
                self.kinds.append(change.kind)
                if change.kind == "deleted":
                    self.there.pop(change.entry_id, None)
                else:
                    self.there[change.entry_id] = change.scope


def test_each_change_says_what_happened_since(store: Store) -> None:
    first, second = store.add(new("a")), store.add(new("b", scope="t"))
    assert store.changes(0, 9) == (Change(1, "added", first.id, "s"), Change(2, "added", second.id, "t"))
    store.add(new("a", "another"))
    store.set_vectors([second.id], unit(5)[None], "e")
    assert store.changes(2, 9) == (Change(3, "changed", first.id, "s"), Change(4, "changed", second.id, "t"))
    assert store.changes(1, 9) == (Change(3, "changed", first.id, "s"), Change(4, "added", second.id, "t"))
    store.delete(first.id)
    assert store.changes(2, 9) == (Change(4, "changed", second.id, "t"), Change(5, "deleted", first.id, "s"))
    assert store.changes(5, 9) == ()


def test_an_entry_that_is_asked_again_after_it_was_deleted_is_another_one(store: Store) -> None:
    old = store.add(new("a"))
    store.delete(old.id)
    again = store.add(new("a"))
    assert store.changes(0, 9) == (Change(2, "deleted", old.id, "s"), Change(3, "added", again.id, "s"))


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_any_size_come_to_the_same(store: Store, limit: int) -> None:
    chance, follower = random.Random(limit), Follower(store)
    for number in range(60):
        store.add_many([new(f"q{chance.randrange(12)}", vector=None) for _ in range(chance.randrange(4))])
        if number % 3 == 0:
            store.delete(chance.randrange(1, 40))
        if number % 7 == 0:
            follower.follow(limit)
    follower.follow(limit)
    there = {one.id: one.scope for one in map(store.get, range(1, 400)) if one is not None}
    assert follower.there == there
    assert set(follower.kinds) == {"added", "changed", "deleted"}


def test_deletions_that_are_not_known_any_more_are_said_to_be_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_many([new(f"q{number}", vector=None) for number in range(10)])
    for one in range(1, 6):
        store.delete(one)
    with store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM samewise_deleted WHERE revision <= 13")
    monkeypatch.setattr(feed, "DELETED_KEPT", 2)
    assert store.changes(10, 9) == (
        Change(13, "forgotten", None, ""),
        Change(14, "deleted", 4, "s"),
        Change(15, "deleted", 5, "s"),
    )
    assert store.changes(13, 9) == store.changes(10, 9)[1:]
    monkeypatch.setattr(feed, "DELETED_KEPT", 3)  # with fewer than are kept, none was ever forgotten
    assert [change.kind for change in store.changes(10, 9)] == ["deleted", "deleted"]


def test_a_limit_below_one_is_refused(store: Store) -> None:
    with pytest.raises(StoreValueError, match="limit=0"):
        store.changes(0, 0)


def test_processes_that_write_at_once_leave_no_gap_to_those_who_follow(shared_url: str) -> None:
    with Store.open(shared_url) as store:
        writers = [_writer(shared_url, seed, 120) for seed in range(3)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        # These read in the middle of the writing: who misses a change now misses it for ever.
        followers = [Follower(store) for _ in range(2)]
        while any(writer.poll() is None for writer in writers):
            for follower in followers:
                follower.follow()
            store.nearest("s", unit(1), 3, "e")
        assert [writer.wait() for writer in writers] == [0, 0, 0]
        there = {one.id: one.scope for one in map(store.get, range(1, 2000)) if one is not None}
        for follower in followers:
            follower.follow()
            assert follower.there == there
        assert {one.entry.id for one in store.nearest("s", unit(1), 500, "e")} == set(there)
        assert store.check() == ()
        for writer in writers:
            writer.communicate()


class TestWaiting:
    def test_another_processes_change_ends_it(self, shared_url: str) -> None:
        with Store.open(shared_url) as store, ThreadPoolExecutor(1) as thread:
            writer = _writer(shared_url, 1, 1)
            assert writer.stdout is not None
            writer.stdout.readline()
            waiting = thread.submit(store.wait_for_change, 0, 60.0)
            assert not waiting.done()
            writer.communicate("go\n")
            assert waiting.result(60) >= 1

    def test_one_that_is_there_already_is_not_waited_for(self, store: Store) -> None:
        store.add(new("a"))
        assert store.wait_for_change(0, 600.0) == 1

    @pytest.mark.parametrize("seconds", [0.0, -1.0, 0.05])
    def test_it_ends_with_the_time(self, store: Store, seconds: float) -> None:
        store.add(new("a"))
        assert store.wait_for_change(1, seconds) == 1
        assert store.wait_for_change(7, seconds) == 1

    def test_many_wait_at_once_and_none_is_forgotten(self, shared_url: str) -> None:
        with Store.open(shared_url) as store, Store.open(shared_url) as other, ThreadPoolExecutor(20) as threads:
            for revision in range(3):
                waiting = [threads.submit(store.wait_for_change, revision, 60.0) for _ in range(20)]
                other.add(new(f"q{revision}"))
                assert {one.result(60) for one in waiting} == {revision + 1}

    def test_uses_and_judgements_are_no_changes(self, store: Store) -> None:
        entry = store.add(new("a"))
        for _ in range(3):
            store.touch(entry.id)
        store.feedback.events.flush()
        assert store.wait_for_change(1, 0.1) == 1

    def test_closing_the_store_ends_it(self, shared_url: str) -> None:
        store, begun = Store.open(shared_url), threading.Event()

        def wait() -> int:
            begun.set()
            return store.wait_for_change(0, 600.0)

        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(wait)
            begun.wait(60)
            time.sleep(0.1)  # closing before it waits says the same, and tests less
            store.close()
            with pytest.raises(StoreClosedError):
                waiting.result(60)
