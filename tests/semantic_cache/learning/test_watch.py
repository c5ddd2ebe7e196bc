"""The alarm of a tenant: it sees what was checked and what users said, of that tenant, and is asked cheaply."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fakes import Bench, MakeBench

from semantic_cache import Settings
from semantic_cache.learning import Drift, DriftWatch, Judged
from storage import Event, Feedback, StorageError, Store


def _judged(store: Store, number: int, correct: bool, source: str, tenant: str = "public", at: float = 1.0) -> None:
    store.feedback.record(
        Feedback(
            tenant=tenant, scope="s", entry_id=number, exact_hash=f"e{number}", key_hash=f"k{number}",
            correct=correct, source=source, served="semantic", at=at,  # type: ignore[arg-type]
        )
    )  # fmt: skip


def _served(store: Store, count: int, tenant: str = "public") -> None:
    for number in range(count):
        store.feedback.events.record(
            Event(
                at=float(number), tenant=tenant, scope="s", exact_hash=f"e{number}", key_hash="k", source="semantic",
                milliseconds=1.0, entry_id=number,
            )
        )  # fmt: skip
    store.feedback.events.flush()


def test_checks_that_find_too_many_wrong_tighten_that_tenant_alone() -> None:
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store)
        for number in range(60):
            _judged(store, number, number % 5 > 0, "shadow", "acme")
        assert watch.tightening("acme") > 1.0
        assert watch.tightening("globex") == 0.0
        assert "12 of 60 checked hits were wrong" in (watch.look("acme").tightening.reason or "")


def test_a_few_complaints_about_many_hits_are_no_alarm_and_many_are() -> None:
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store)
        _served(store, 1000)
        for number in range(8):
            _judged(store, number, False, "user")
        assert watch.look("public").tightening.offset == 0.0
        for number in range(8, 40):
            _judged(store, number, False, "user")
        seen = watch.look("public")
        assert (seen.served.wrong, seen.served.of) == (40, 1000)
        assert seen.tightening.offset > 0.0


def test_complaints_from_before_the_decisions_that_are_kept_do_not_count() -> None:
    with Store.open("sqlite://") as store:
        for number in range(50):
            _judged(store, number, False, "user", at=-5.0)
        _served(store, 100)
        assert DriftWatch(store).look("public").served.wrong == 0


@pytest.mark.parametrize("keep", [0, 20])
def test_neither_few_decisions_nor_a_busy_neighbour_make_its_window_shorter(keep: int) -> None:
    with Store.open("sqlite://") as store:
        store.feedback.events.keep = keep
        _served(store, 1000)
        _served(store, 1000, "busy")
        for number in range(8):
            _judged(store, number, False, "user")
        seen = DriftWatch(store).look("public")
        assert (seen.served.wrong, seen.served.of) == (8, 1000)
        assert seen.tightening.offset == 0.0


def test_a_flood_of_judgements_takes_no_check_out_of_sight() -> None:
    with Store.open("sqlite://") as store:
        store.feedback.keep = 1000
        for number in range(60):
            _judged(store, number, number % 5 > 0, "shadow")
        for number in range(2500):
            _judged(store, number, True, "user")
        assert DriftWatch(store).look("public").checked == Judged(12, 60)
        assert len(store.feedback.recent(10_000)) <= 1000 + 256 + 60


def test_it_loosens_when_newer_checks_are_right() -> None:
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store)
        for number in range(50):
            _judged(store, number, False, "shadow")
        assert watch.look("public").tightening.offset == Drift().most
        for number in range(50, 550):
            _judged(store, number, True, "shadow")
        assert watch.look("public").tightening.offset == 0.0


def test_it_looks_again_within_a_second_and_keeps_what_it_knows_when_the_store_fails() -> None:
    now = [0.0]
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store, clock=lambda: now[0])
        assert watch.tightening("public") == 0.0
        for number in range(50):
            _judged(store, number, False, "shadow")
        assert watch.tightening("public") == 0.0
        now[0] = 1.0
        assert watch.tightening("public") > 0.0
    now[0] = 90.0
    assert watch.tightening("public") > 0.0
    assert watch.tightened("public")[0] == watch.tightening("public")
    assert watch.tightened("public")[1].startswith("tightened by")


def test_users_complaints_reach_the_status_in_words(make_bench: MakeBench) -> None:
    bench: Bench = make_bench(settings=Settings(store="sqlite://", threshold=0.0, show_progress=False))
    bench.cache.add("how is the green winter jacket washed", "By hand.")
    assert "nothing is tightened" in str(bench.cache.status())
    for words in ("cleaning tips for winter jacket wanted", "where are green jackets sold", "winter cleaning prices"):
        answer = bench.cache.ask(words)
        assert answer.source == "semantic"
        bench.cache.feedback(answer, correct=False)
    status = bench.cache.status()
    assert (status.served.wrong, status.served.of) == (3, 3)
    assert status.tightening.offset == bench.cache._parts.learning.tightening("public") > 0.0
    assert "3 of 3 served hits were wrong" in str(status)


def test_a_failing_store_does_not_make_the_alarm_fail() -> None:
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store)
    with pytest.raises(StorageError):
        watch.look("public")
    assert watch.tightened("public") == (0.0, "")


def test_while_one_looks_again_the_others_go_on_with_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    now, looking, answered = [0.0], threading.Event(), threading.Event()
    with Store.open("sqlite://") as store:
        watch = DriftWatch(store, clock=lambda: now[0])
        assert watch.tightening("public") == 0.0
        original = store.feedback.labels

        def slow(*given: Any) -> Any:
            looking.set()
            assert answered.wait(20)
            return original(*given)

        monkeypatch.setattr(store.feedback, "labels", slow)
        now[0] = 1.0
        one = threading.Thread(target=watch.tightening, args=("public",))
        one.start()
        assert looking.wait(20)
        assert watch.tightening("public") == 0.0
        answered.set()
        one.join(20)
