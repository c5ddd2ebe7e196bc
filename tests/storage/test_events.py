"""Decisions are buffered, written a few at a time and bounded; none that was kept comes back as another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from other_writer import rows_of, writing
from rows import exact_hash, key_hash, new

from storage import Entry, Event, Feedback, Served, Store, StoreConfig


def _event(entry: Entry, asked: str, source: str = "semantic", **given: object) -> Event:
    values: dict[str, object] = {
        "at": 5.0,
        "tenant": entry.tenant,
        "scope": entry.scope,
        "exact_hash": exact_hash(asked),
        "key_hash": key_hash(asked),
        "entry_id": entry.id,
        "source": source,
        "milliseconds": 0.25,
        **given,
    }
    return Event(**values)  # type: ignore[arg-type]


def test_they_come_back_newest_first_and_of_a_tenant(store: Store) -> None:
    entry = store.add(new("q"))
    full = _event(entry, "a", question="a", similarity=0.5, probability=0.6, veto="numbers differ")
    other = _event(entry, "b", tenant="u", entry_id=None, source="miss")
    for event in (full, other):
        store.feedback.events.record(event)
    assert store.feedback.events.recent(5) == (other, full)
    assert store.feedback.events.recent(1, tenant="t") == (full,)


def test_they_are_written_a_batch_at_a_time_and_when_the_store_closes(shared_url: str) -> None:
    written = partial(rows_of, shared_url, "SELECT count(*) FROM samewise_events")
    with Store.open(shared_url) as store:
        entry, counts = store.add(new("q")), set[object]()
        for _ in range(600):
            store.feedback.events.record(_event(entry, "a"))
            counts.update(written())
        assert counts == {(0,), (256,), (512,)}
    assert written() == [(600,)]


def test_the_oldest_are_dropped(store: Store) -> None:
    entry = store.add(new("q"))
    store.feedback.events.keep = 10
    for number in range(700):
        store.feedback.events.record(_event(entry, "a", at=float(number)))
    assert [event.at for event in store.feedback.events.recent(100)] == [float(699 - back) for back in range(10)]


def test_what_cannot_be_written_waits_in_order_and_is_bounded(shared_url: str) -> None:
    with Store.open(shared_url, StoreConfig(busy_timeout_seconds=0.05)) as store:
        entry = store.add(new("q"))
        with writing(shared_url):
            for number in range(8500):
                store.feedback.events.record(_event(entry, "a", at=float(number)))
            assert len(store.feedback.events._pending) <= 8192
        times = [event.at for event in store.feedback.events.recent(9000)]
        # Those on their way while the others came may have found the store free again, and are not among the pending.
        assert len(times) >= 8192
        assert times == [float(8499 - back) for back in range(len(times))]


def test_many_threads_lose_none(store: Store) -> None:
    entry = store.add(new("q"))

    def work(thread: int) -> None:
        for number in range(300):
            store.feedback.events.record(_event(entry, "a", at=float(thread * 300 + number)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert {event.at for event in store.feedback.events.recent(5000)} == set(map(float, range(2400)))


def test_the_questions_an_entry_was_served_for_are_counted(store: Store) -> None:
    entry, other = store.add(new("q")), store.add(new("r"))
    confirmed = Feedback(
        tenant="t", scope="s", entry_id=entry.id, exact_hash=exact_hash("alias"), key_hash="k", question="alias",
        correct=True, source="user",
    )  # fmt: skip
    store.feedback.record(confirmed, "alias")
    for at, event in enumerate((
        _event(entry, "a"), _event(entry, "a", question="a"), _event(entry, "a"), _event(entry, "alias", "normalized"),
        _event(entry, "alias", "normalized"), _event(entry, "c"), _event(entry, "q", "exact"), _event(entry, "d", "miss"),
        _event(other, "a"),
    )):  # fmt: skip
        store.feedback.events.record(replace(event, at=float(at)))
    served = store.feedback.events.served_from(entry.id, 5)
    assert served == (
        Served(exact_hash("a"), "a", "semantic", 3, 2.0),
        Served(exact_hash("alias"), "alias", "normalized", 2, 4.0),
        Served(exact_hash("c"), None, "semantic", 1, 5.0),
    )
    assert store.feedback.events.served_from(entry.id, 1) == served[:1]


def test_the_last_time_it_was_served_for_these_words_is_known(store: Store) -> None:
    entry = store.add(new("q"))
    for event in (_event(entry, "a", at=1.0), _event(entry, "a", at=2.0), _event(entry, "a", "miss", at=3.0)):
        store.feedback.events.record(event)
    last = store.feedback.events.last(entry.id, exact_hash("a"))
    assert last is not None
    assert (last.at, last.source) == (2.0, "semantic")
    assert store.feedback.events.last(entry.id, exact_hash("b")) is None


class TestHits:
    def test_they_are_those_by_meaning_of_the_tenant_and_since_when(self, store: Store) -> None:
        entry = store.add(new("q"))
        for number in range(7):
            source = "exact" if number % 2 else "semantic"
            store.feedback.events.record(_event(entry, "a", source, at=float(number + 3)))
        store.feedback.events.flush()
        assert store.feedback.events.hits("t") == (4, 3.0)
        assert store.feedback.events.hits("u") == (0, 0.0)

    @pytest.mark.parametrize("keep", [0, 10])
    def test_they_are_counted_however_few_decisions_are_kept(self, store: Store, keep: int) -> None:
        entry = store.add(new("q"))
        store.feedback.events.keep = keep
        for number in range(700):
            store.feedback.events.record(_event(entry, "a", at=float(number)))
        assert len(store.feedback.events.recent(1000)) == keep
        assert store.feedback.events.hits("t") == (700, 0.0)

    def test_a_process_that_keeps_no_decisions_takes_none_from_another(self, shared_url: str) -> None:
        with Store.open(shared_url) as store, Store.open(shared_url) as other:
            entry = store.add(new("q"))
            other.feedback.events.keep = 0
            for events in (store.feedback.events, other.feedback.events):
                for _ in range(20):
                    events.record(_event(entry, "a"))
                events.flush()
            assert len(store.feedback.events.recent(1000)) == 20
            assert store.feedback.events.hits("t")[0] == 40

    def test_a_busy_tenant_takes_none_from_another(self, store: Store) -> None:
        entry = store.add(new("q"))
        store.feedback.events.keep = 10
        for number in range(300):
            store.feedback.events.record(_event(entry, "a", at=float(number), tenant="t" if number < 20 else "busy"))
        store.feedback.events.flush()
        assert store.feedback.events.hits("t") == (20, 0.0)

    def test_the_newest_five_thousand_count_and_the_rows_stay_few(self, store: Store) -> None:
        entry, at = store.add(new("q")), 0
        for _ in range(120):
            for _ in range(100):
                store.feedback.events.record(_event(entry, "a", at=float(at)))
                at += 1
            store.feedback.events.flush()
        hits, since = store.feedback.events.hits("t")
        assert 5000 <= hits <= 5250
        assert since == 12_000.0 - hits
        with store._database.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM samewise_tallies").scalar_one() <= 41

    def test_many_threads_lose_none(self, store: Store) -> None:
        entry = store.add(new("q"))

        def work(_: int) -> None:
            for number in range(100):
                store.feedback.events.record(_event(entry, "a"))
                if number % 10 == 0:
                    store.feedback.events.flush()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(4)))
        store.feedback.events.flush()
        assert store.feedback.events.hits("t")[0] == 400


def test_half_a_character_in_a_question_is_spelt_out_and_keeps_no_other_from_being_written(store: Store) -> None:
    entry = store.add(new("q"))
    for question in ("a\ud800", "b"):
        store.feedback.events.record(_event(entry, "a", question=question))
    assert [event.question for event in store.feedback.events.recent(5)] == ["b", "a\\ud800"]
