"""Decisions are kept as they were taken, without words unless they are wanted, and in nobody's way."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from fakes import MakeBench

from semantic_cache import Settings
from semantic_cache.answer import Candidate, Trace
from semantic_cache.errors import SettingsError
from semantic_cache.learning.events import similarity_of
from storage import Event, StorageError

_STORED = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


def _settings(store: str = "sqlite://", **given: object) -> Settings:
    return Settings(store=store, show_progress=False, **given)  # type: ignore[arg-type]


def test_every_decision_is_kept_with_how_it_was_taken(make_bench: MakeBench) -> None:
    bench = make_bench(settings=_settings(threshold=0.2))
    entry = bench.cache.add(_STORED, "By hand.")
    answers = [
        bench.cache.ask(text) for text in (_STORED, _STORED.upper(), _NEAR, "Any swimming nearby?", _STORED + " 3")
    ]
    events = bench.store.feedback.events.recent(10)[::-1]
    assert [event.source for event in events] == ["exact", "normalized", "semantic", "miss", "miss"]
    assert [answer.source for answer in answers] == ["exact", "normalized", "semantic", "model", "model"]
    assert [event.entry_id for event in events[:3]] == [entry.id] * 3
    exact, by_key, semantic, miss, vetoed = events
    assert exact.key_hash == by_key.key_hash == entry.key_hash != semantic.key_hash
    assert exact.exact_hash == entry.exact_hash != by_key.exact_hash
    assert semantic.similarity == answers[2].trace.candidates[0].similarity
    assert semantic.probability == answers[2].probability
    assert (miss.entry_id, miss.veto) == (entry.id, answers[3].trace.candidates[0].veto)
    assert "a number stands on one side alone" in (vetoed.veto or "")
    for event in events:
        assert (event.tenant, event.question) == ("public", None)
        assert event.milliseconds > 0.0
        assert event.scope == entry.scope


@pytest.mark.parametrize("logged", [False, True])
def test_the_words_are_in_the_store_only_where_they_are_wanted(
    make_bench: MakeBench, tmp_path: Path, logged: bool
) -> None:
    path = tmp_path / "faq.db"
    bench = make_bench(settings=_settings(f"sqlite:///{path}", log_questions=logged))
    bench.cache.ask("Is the pool open today?")  # never stored as an entry
    bench.cache.close()
    assert (b"pool open today" in path.read_bytes()) is logged


def test_looking_and_explaining_leave_no_decision(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.lookup(_STORED)
    bench.cache.explain(_STORED)
    assert bench.store.feedback.events.recent(10) == ()


def test_only_the_newest_are_kept(make_bench: MakeBench) -> None:
    bench = make_bench(settings=_settings(keep_events=3))
    bench.cache.add(_STORED, "By hand.")
    for tenant in "abcde":
        bench.cache.ask(_STORED, tenant=tenant)
    assert [event.tenant for event in bench.store.feedback.events.recent(10)] == ["e", "d", "c"]


def test_with_none_to_keep_nothing_is_written(make_bench: MakeBench) -> None:
    bench = make_bench(settings=_settings(keep_events=0))
    bench.cache.ask(_STORED)
    assert bench.store.feedback.events.recent(10) == ()


def test_a_store_that_cannot_write_them_takes_no_request_down(
    make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(f"sqlite:///{tmp_path / 'faq.db'}")
    bench.cache.add(_STORED, "By hand.")
    with monkeypatch.context() as patched:

        def fail(*_: object, **__: object) -> None:
            raise StorageError("the disk is gone")

        patched.setattr(bench.store._database, "write", fail)
        for _ in range(300):
            assert bench.cache.ask(_STORED).source == "exact"
    assert len(bench.store.feedback.events.recent(1000)) == 300


def test_a_request_does_not_wait_for_another_process_that_writes(make_bench: MakeBench, tmp_path: Path) -> None:
    path = tmp_path / "faq.db"
    bench = make_bench(f"sqlite:///{path}")
    bench.cache.add(_STORED, "By hand.")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(300):  # a single wait would take 30 s
        assert bench.cache.ask(_STORED).source == "exact"
    other.execute("ROLLBACK")
    other.close()
    found: tuple[Event, ...] = bench.store.feedback.events.recent(1000)
    assert len(found) == 300


@pytest.mark.parametrize(
    "given",
    [
        {"shadow_share": 1.5},
        {"shadow_share": -0.1},
        {"keep_events": -1},
        {"keep_events": "all"},
        {"keep_feedback": 999},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(given))):
        _settings(**given)  # type: ignore[arg-type]


def test_of_two_questions_of_an_entry_the_similarity_is_of_the_one_that_was_served() -> None:
    nearest = Candidate(7, "own", 0.95, None, "numbers differ")
    less = Candidate(7, "confirmed", 0.92, 0.91, None, serves=True)
    served = Candidate(7, "confirmed too", 0.9, 0.99, None, serves=True)
    other = Candidate(8, "other", 0.99, 0.999, None, serves=True)
    assert similarity_of(Trace(candidates=(other, nearest, less, served)), 7) == 0.9
    assert similarity_of(Trace(candidates=(other, nearest)), 7) == 0.95
    assert similarity_of(Trace(), 7) is None
