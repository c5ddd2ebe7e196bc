"""A budget holds after every addition, at the cost of what is worth least; what people wrote stays."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import exact_hash, new

from storage import Entry, Lifetime, NewEntry, Store, StoreConfig, StoreFullError
from storage.life import Eviction, Selection, SizeBudget

OpenStore = Callable[..., Store]


class Clock(Protocol):
    now: float

    def __call__(self) -> float: ...


def _made(question: str, cost: float = 100.0, **given: object) -> NewEntry:
    return new(question, origin="generated", generation_ms=cost, **{"vector": None, **given})  # type: ignore[arg-type]


def _there(store: Store, questions: str, scope: str = "s") -> str:
    return "".join(one for one in questions if store.exact(scope, exact_hash(one)) is not None)


class TestATenantsBudget:
    def test_the_answers_that_save_least_make_room(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=3))
        for question, cost in (("a", 900.0), ("b", 100.0), ("c", 500.0), ("d", 300.0)):
            store.add(_made(question, cost))
        assert _there(store, "abcd") == "acd"
        store.add(_made("e", 1.0))
        assert _there(store, "abcde") == "ace"  # what is added now does not make room for itself
        store.add(_made("f", 2.0))
        assert _there(store, "abcdef") == "acf"
        assert store.life.usage("t").entries == 3
        assert store.check() == ()

    @pytest.mark.parametrize(("policy", "left"), [(Eviction.LRU, "bcd"), (Eviction.LFU, "acd"), ("value", "abd")])
    def test_the_policy_says_who_goes(self, open_store: OpenStore, clock: Clock, policy: Eviction, left: str) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=3), eviction=policy)
        added = [store.add(_made(question, cost)) for question, cost in (("a", 50.0), ("b", 90.0), ("c", 1.0))]
        for place, uses in ((0, 2), (2, 3), (1, 1)):  # the last that was used is b, the least used too
            clock.now += 60.0
            for _ in range(uses):
                store.touch(added[place])
        store.add(_made("d"))
        assert _there(store, "abcd") == left

    def test_uses_that_are_not_written_yet_count(self, open_store: OpenStore, clock: Clock) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=2), touch_flush=1000)
        used = store.add(_made("a"))
        store.add(_made("b"))
        store.touch(used)
        store.add(_made("c"))
        assert _there(store, "abc") == "ac"

    def test_bytes_are_a_limit_too(self, open_store: OpenStore) -> None:
        small = open_store().add(_made("s")).bytes
        store = open_store(tenant_budget=SizeBudget(max_bytes=6 * small))
        store.life.invalidate(Selection(everything=True))
        for question in "abcdef":
            store.add(_made(question))
        assert _there(store, "abcdef") == "abcdef"
        store.add(_made("g", answer="x" * (3 * small)))
        # Down to a fiftieth below the limit: two of the small ones have room beside it, not three.
        assert _there(store, "abcdefg") == "efg"
        assert store.life.usage("t").bytes <= 6 * small

    def test_the_same_question_again_takes_no_room(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=2))
        for question in ("a", "b", "b", "a", "b"):
            store.add(_made(question))
        assert _there(store, "ab") == "ab"

    def test_a_longer_answer_in_the_place_of_a_short_one_takes_room(self, open_store: OpenStore) -> None:
        size = open_store().add(_made("a")).bytes
        store = open_store(tenant_budget=SizeBudget(max_bytes=4 * size))
        store.add(_made("b"))
        store.add(_made("a", answer="x" * (3 * size)))
        assert _there(store, "ab") == "a"

    def test_a_full_store_makes_room_for_some_more_at_once(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=200))
        store.add_many([_made(f"q{number}") for number in range(200)])
        assert store.count() == 200
        store.add(_made("one more"))
        assert store.count() == 196

    def test_what_has_expired_goes_first(self, open_store: OpenStore, clock: Clock) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=3))
        store.add(_made("a", 9e9, lifetime=Lifetime(10.0)))
        store.add(_made("b", 1.0))
        clock.now += 10.0
        store.add(_made("c"))
        assert store.count() == 3
        store.add(_made("d"))
        assert _there(store, "abcd") == "bcd"

    def test_one_tenants_budget_is_no_others(self, open_store: OpenStore) -> None:
        named = {"big": SizeBudget(max_entries=4), "free": SizeBudget()}
        store = open_store(tenant_budget=SizeBudget(max_entries=2), tenant_budgets=named)
        for number in range(6):
            for tenant in ("t", "u", "big", "free"):
                store.add(_made(f"q{number}", tenant=tenant, scope=tenant))
        assert [store.count(tenant=tenant) for tenant in ("t", "u", "big", "free")] == [2, 2, 4, 6]
        removed = store.life.enforce("t")
        assert (removed.count, store.count()) == (0, 14)


class TestWhatPeopleWrote:
    def test_it_is_never_evicted_but_counts(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=3))
        store.add(new("a", vector=None))
        store.add(new("b", vector=None))
        for question in "cde":
            store.add(_made(question, 1e9))
        assert _there(store, "abcde") == "abe"

    def test_more_of_it_than_the_budget_is_refused_and_nothing_changes(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=2))
        for question in "ab":
            store.add(new(question, vector=None))
        revision = store._database.revision()
        with pytest.raises(StoreFullError, match=r"Tenant 't' would hold 3 entries .* max_entries=2.*raise the budget"):
            store.add(new("c", vector=None))
        with pytest.raises(StoreFullError, match="Tenant 't'"):
            store.add(_made("c"))
        assert _there(store, "abc") == "ab"
        assert store._database.revision() == revision

    def test_generated_answers_make_room_for_it(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_entries=2))
        store.add_many([_made("a"), _made("b")])
        store.add_many([new("c", vector=None), new("d", vector=None)])
        assert _there(store, "abcd") == "cd"

    def test_more_at_once_than_the_budget_is_refused_whole(self, open_store: OpenStore) -> None:
        store = open_store(tenant_budget=SizeBudget(max_bytes=4000), budget=SizeBudget(max_entries=4))
        store.add(_made("a"))
        with pytest.raises(StoreFullError, match=r"The store would hold 5 entries"):
            store.add_many([_made(question) for question in "bcdef"])
        with pytest.raises(StoreFullError, match=r"Tenant 't' .*max_bytes=4000"):
            store.add(_made("b", answer="x" * 4000))
        assert _there(store, "abcdef") == "a"


class TestTheWholeStoresBudget:
    def test_who_holds_the_most_gives_first(self, open_store: OpenStore) -> None:
        store = open_store(budget=SizeBudget(max_entries=12))
        for number in range(3):
            store.add(_made(f"q{number}", 0.1, tenant="small", scope="small"))
        for number in range(40):
            store.add(_made(f"q{number}", 1e6, tenant="flood", scope="flood"))
        assert (store.count(tenant="small"), store.count(tenant="flood")) == (3, 9)
        for number in range(3, 10):
            store.add(_made(f"q{number}", 0.1, tenant="small", scope="small"))
        assert (store.count(tenant="small"), store.count(tenant="flood")) == (6, 6)

    def test_the_tenants_own_budget_is_held_first(self, open_store: OpenStore) -> None:
        store = open_store(budget=SizeBudget(max_entries=4), tenant_budgets={"t": SizeBudget(max_entries=2)})
        for question in "ab":
            store.add(_made(question))
            store.add(_made(question, tenant="u", scope="u"))
        store.add(_made("c"))
        assert (store.count(tenant="t"), store.count(tenant="u")) == (2, 2)

    def test_what_may_not_go_is_given_by_the_others(self, open_store: OpenStore) -> None:
        store = open_store(budget=SizeBudget(max_entries=10))
        store.add_many([new(f"q{number}", vector=None, tenant="people", scope="people") for number in range(8)])
        for number in range(6):
            store.add(_made(f"q{number}"))
        assert (store.count(tenant="people"), store.count(tenant="t")) == (8, 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from("tuv"), st.integers(0, 15), st.booleans(), st.integers(1, 400)), max_size=40),
    st.none() | st.integers(1, 12),
    st.none() | st.integers(300, 6000),
    st.sampled_from(Eviction),
)
def test_whatever_is_added_every_budget_holds_afterwards(
    added: list[tuple[str, int, bool, int]], most: int | None, size: int | None, policy: Eviction
) -> None:
    budget = SizeBudget(max_entries=most, max_bytes=size)
    config = StoreConfig(budget=budget, tenant_budget=SizeBudget(max_entries=6), eviction=policy)
    curated: set[tuple[str, str]] = set()
    with Store.open("sqlite://", config) as store:
        for tenant, number, by_a_person, length in added:
            origin = "curated" if by_a_person else "generated"
            question = f"{origin[0]}{number}"
            try:
                store.add(new(question, "x" * length, vector=None, tenant=tenant, scope=tenant, origin=origin))
            except StoreFullError:
                pass
            else:
                assert store.exact(tenant, exact_hash(question)) is not None
                curated |= {(tenant, question)} if by_a_person else set()
            used = store.life.usage()
            assert most is None or used.entries <= most
            assert size is None or used.bytes <= size
            assert all(store.life.usage(one).entries <= 6 for one in "tuv")
            assert all(store.exact(one, exact_hash(asked)) is not None for one, asked in curated)
        assert store.check() == ()


def test_threads_that_add_at_once_leave_the_budget_held(shared_url: str) -> None:
    config = StoreConfig(tenant_budget=SizeBudget(max_entries=10), budget=SizeBudget(max_entries=18))
    failed: list[BaseException] = []
    with Store.open(shared_url, config) as store, Store.open(shared_url, config) as other:

        def add(worker: int) -> None:
            try:
                for number in range(15):
                    tenant = "tu"[number % 2]
                    one = (store, other)[worker % 2].add(_made(f"{worker}.{number}", tenant=tenant, scope=tenant))
                    assert one.question == f"{worker}.{number}"
            except BaseException as error:  # noqa: BLE001  (said below, in the test's own thread)
                failed.append(error)

        threads = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert 0 < store.life.usage("t").entries <= 10
        assert store.life.usage().entries <= 18
        # Two that evict at once never drop much more than must go.
        assert store.life.usage().entries >= 14
        assert store.check() == ()


def test_what_another_made_room_for_in_the_meantime_is_not_dropped_again(open_store: OpenStore) -> None:
    store = open_store(tenant_budget=SizeBudget(max_entries=100))
    store.add_many([_made(f"q{number}", 1000.0 - number) for number in range(100)])
    write, calls = store._database.write, list[bool]()

    def others_first(*, wait: bool = True) -> object:
        calls.append(wait)
        if len(calls) == 3:  # the first adds, the second looks for what has expired, the third evicts
            assert store.life.invalidate(Selection(ids=(1, 2))).count == 2
        return write(wait=wait)

    store._database.write = others_first  # type: ignore[method-assign, assignment]
    store.add(_made("one more"))
    assert len(calls) == 4
    assert store.count() == 98


def test_where_another_writes_an_entry_is_kept_and_the_next_one_makes_the_room(path: Path) -> None:
    config = StoreConfig(tenant_budget=SizeBudget(max_entries=2), busy_timeout_seconds=0.05)
    with Store.open(f"sqlite:///{path}", config) as store:
        store.add_many([_made("a"), _made("b")])
        write, other = store._database.write, sqlite3.connect(path, isolation_level=None)
        calls = list[bool]()

        def blocked_after_the_first(*, wait: bool = True) -> object:
            calls.append(wait)
            if len(calls) == 2:
                other.execute("BEGIN IMMEDIATE")
            return write(wait=wait)

        store._database.write = blocked_after_the_first  # type: ignore[method-assign, assignment]
        kept = store.add(_made("c"))
        assert isinstance(kept, Entry)
        other.execute("ROLLBACK")
        other.close()
        assert store.count() == 3
        store.add(_made("d"))
        assert store.count() == 2


def test_without_a_budget_nothing_is_asked_or_removed(open_store: OpenStore) -> None:
    store = open_store()
    store.add(_made("a"))
    store._database.read = None  # type: ignore[method-assign, assignment]
    assert store.life.enforce("t").count == 0


def test_what_people_wrote_and_has_expired_leaves_room(url: str, clock: Clock) -> None:
    with Store.open(url, StoreConfig(budget=SizeBudget(max_entries=3)), clock) as store:
        store.add_many([new(f"q{number}", vector=None, lifetime=Lifetime(10.0)) for number in range(3)])
        with pytest.raises(StoreFullError):
            store.add(new("one more", vector=None))
        clock.now += 20.0
        assert store.add(new("one more", vector=None)).question == "one more"
        assert store.count() <= 3
