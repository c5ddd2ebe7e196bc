"""What is judged: the nearest entries by cosine, and those that share rare words with the question."""

from __future__ import annotations

import pytest
from fakes import Bench, MakeBench

from semantic_cache import Settings
from semantic_cache.answer import Candidate
from storage import StorageError, Store

_ASKED = "cancel a zweitwohnsitz"
_SHARES_A_WORD = "zweitwohnsitz fees for retired people"
_GENERATED = "zweitwohnsitz rules during the winter holidays"
_NEAR = ["cancel a ticket", "cancel a card", "cancel a room"]


def _filled(make_bench: MakeBench, lexical: int, neighbours: int = 2) -> Bench:
    settings = Settings(store="sqlite://", threshold=1.0, neighbours=neighbours, lexical_candidates=lexical)
    bench = make_bench(settings=settings)
    for question in (*_NEAR, _SHARES_A_WORD):
        bench.cache.add(question, f"About {question}")
    return bench


def _candidates(bench: Bench, asked: str = _ASKED, **who: str) -> tuple[Candidate, ...]:
    return bench.cache.lookup(asked, **who).trace.candidates  # type: ignore[arg-type]


def test_an_entry_that_shares_a_rare_word_is_judged_though_others_are_nearer(make_bench: MakeBench) -> None:
    found = _candidates(_filled(make_bench, lexical=1))
    assert len(found) == 3
    assert found[-1].question == _SHARES_A_WORD


def test_without_lexical_candidates_only_the_nearest_are(make_bench: MakeBench) -> None:
    bench = _filled(make_bench, lexical=0)
    assert {one.question for one in _candidates(bench)} < set(_NEAR)
    assert "lexical" not in {one.step for one in bench.cache.lookup(_ASKED).trace.timings}


def test_each_is_judged_once_the_nearest_first(make_bench: MakeBench) -> None:
    found = _candidates(_filled(make_bench, lexical=100, neighbours=3))
    assert len(found) == 4
    assert len({one.entry_id for one in found}) == 4
    similarities = [one.similarity for one in found]
    assert similarities == sorted(similarities, reverse=True)


def test_curated_and_generated_entries_take_turns(make_bench: MakeBench) -> None:
    bench = make_bench(settings=Settings(store="sqlite://", threshold=1.0, neighbours=1, lexical_candidates=2))
    bench.cache.ask(_GENERATED)
    for question in (_SHARES_A_WORD, *_NEAR):
        bench.cache.add(question, "An answer.")
    questions = {one.question for one in _candidates(bench)}
    assert len(questions) == 3
    assert questions > {_SHARES_A_WORD, _GENERATED}


def test_no_tenant_sees_anothers(make_bench: MakeBench) -> None:
    bench = _filled(make_bench, lexical=100, neighbours=100)
    assert _candidates(bench, tenant="globex") == ()
    bench.cache.add("zweitwohnsitz in rome", "Yes.", tenant="globex")
    assert [one.question for one in _candidates(bench, tenant="globex")] == ["zweitwohnsitz in rome"]


def test_the_time_of_the_step_is_said(make_bench: MakeBench) -> None:
    steps = [one.step for one in _filled(make_bench, lexical=1).cache.lookup(_ASKED).trace.timings]
    assert steps.index("nearest") < steps.index("lexical") < steps.index("judge")


@pytest.mark.parametrize(("broken", "left"), [("lexical", set(_NEAR)), ("nearest", {_SHARES_A_WORD})])
def test_when_one_search_fails_the_other_is_judged_and_the_trace_says_so(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, broken: str, left: set[str]
) -> None:
    bench = _filled(make_bench, lexical=1)

    def fail(*_: object, **__: object) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(Store, broken, fail)
    verdict = bench.cache.lookup(_ASKED)
    assert verdict.trace.degraded == ("store: the disk is gone",)
    found = {one.question for one in verdict.trace.candidates}
    assert found
    assert found <= left
