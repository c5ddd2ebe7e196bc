"""The maintenance of a store: what is done at open and again and again, and what a failing store does to it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from fakes import Bench, MakeBench

from semantic_cache import Lifetime, Settings
from semantic_cache.build import maintenance_of
from semantic_cache.documents import Document
from semantic_cache.maintenance import Maintenance
from storage import StorageError


class Work:
    """Counts its calls, says how many it removed, and fails when told to."""

    def __init__(self, *, removes: int = 0, failures: int = 0) -> None:
        self.calls = 0
        self.removes = removes
        self.failures = failures
        self.called = threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        self.called.set()
        if self.calls <= self.failures:
            raise StorageError("the server is gone")
        return self.removes


def maintain(bench: Bench) -> None:
    """Do now what the cache's thread does in its own time."""
    maintenance = maintenance_of(bench.cache.settings, bench.store, bench.bot)
    assert maintenance is not None
    maintenance.round()


def test_former_editions_are_retired_once_and_expired_entries_swept_again_and_again() -> None:
    retire, sweep = Work(), Work()
    maintenance = Maintenance(retire, sweep, 60.0)
    for _ in range(3):
        maintenance.round()
    assert (retire.calls, sweep.calls) == (1, 3)


def test_a_store_that_fails_is_tried_again_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    retire, sweep = Work(failures=2), Work(failures=1)
    maintenance = Maintenance(retire, sweep, 60.0)
    for _ in range(5):
        maintenance.round()
    assert (retire.calls, sweep.calls) == (3, 3)
    assert [record.message for record in caplog.records] == [
        "The store could not be maintained, and is tried again: the server is gone"
    ]


def test_what_was_removed_is_told_by_its_number_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Maintenance(Work(removes=3), Work(removes=0), 60.0).round()
    assert [record.message for record in caplog.records] == [
        "3 answers from former editions of a document were removed."
    ]


def test_it_works_in_a_thread_of_its_own_until_it_is_closed() -> None:
    sweep = Work()
    maintenance = Maintenance(Work(), sweep, 3600.0)
    maintenance.start()
    maintenance.start()
    assert sweep.called.wait(20)
    maintenance.close()
    maintenance.close()
    assert sweep.calls == 1
    assert not any(thread.name == "samewise-maintenance" for thread in threading.enumerate())


def test_a_cache_retires_what_was_generated_from_a_former_edition_and_nothing_else(
    make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    old, new = (Document("handbook.md", text, digest) for text, digest in (("Old.", "1"), ("New.", "2")))
    first = make_bench(url, documents=(old,))
    first.cache.ask("Where is the pool?")
    first.cache.ask("Where is the pool?", tenant="acme")
    kept = [first.cache.add("Who may swim?", "Guests.").id]
    kept.append(
        make_bench(url, documents=(Document("menu.md", "Soup.", "3"),)).cache.ask("What is there?").entry_id or 0
    )
    kept.append(make_bench(url).cache.ask("What is there?").entry_id or 0)
    kept.append(
        make_bench(settings=Settings(store=url, system="Be rude.", show_progress=False), documents=(old,))
        .cache.ask("What is there?").entry_id or 0
    )  # fmt: skip
    second = make_bench(url, documents=(new,))
    maintain(second)
    # Another server may have that edition still, and serve them.
    assert second.cache.usage().entries == len(kept) + 2
    monkeypatch.setattr("semantic_cache.build.UNUSED_SECONDS", 0.0)
    second = make_bench(url, documents=(new,))
    maintain(second)
    assert second.cache.usage().entries == len(kept)
    assert all(second.store.get(entry_id) is not None for entry_id in kept)


def test_a_cache_sweeps_what_has_expired(make_bench: MakeBench) -> None:
    settings = Settings(store="sqlite://", lifetime=Lifetime(1e-6), show_progress=False)
    bench = make_bench(settings=settings)
    bench.cache.ask("Where is the pool?")
    bench.cache.add("Who may swim?", "Guests.")
    maintain(bench)
    assert bench.cache.usage().entries == 1


def test_without_a_time_between_sweeps_there_is_no_thread(make_bench: MakeBench) -> None:
    before = {thread.name for thread in threading.enumerate()}
    make_bench(settings=Settings(store="sqlite://", sweep_seconds=0, show_progress=False))
    assert "samewise-maintenance" not in {thread.name for thread in threading.enumerate()} - before
