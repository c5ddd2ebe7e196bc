"""Feedback changes what is served next: at once, for that question, in every process on the store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes import Bench, MakeBench

from semantic_cache import Answer, Settings
from semantic_cache.errors import FeedbackError, QuestionError, StoreError
from storage import Evidence, StorageError

_STORED = "how is the green winter jacket washed"
_NEAR = "cleaning tips for winter jacket wanted"


def _lenient(make_bench: MakeBench, store: str = "sqlite://", **given: object) -> Bench:
    """A cache that serves everything near, so that only feedback can stop it."""
    return make_bench(settings=Settings(store=store, threshold=0.0, show_progress=False, **given))  # type: ignore[arg-type]


class TestWrong:
    def test_a_wrong_answer_by_meaning_is_not_served_for_that_question_again(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add(_STORED, "By hand.")
        answer = bench.cache.ask(_NEAR)
        assert (answer.source, answer.entry_id) == ("semantic", entry.id)
        report = bench.cache.feedback(answer, correct=False)
        assert (report.asked, report.entry_question, report.blocked) == (_NEAR, _STORED, True)
        verdict = bench.cache.lookup(_NEAR)
        assert (verdict.hit, verdict.trace.candidates[0].veto) == (False, "blocked by feedback")
        again = bench.cache.ask(_NEAR)
        assert again.source == "model"
        assert bench.cache.ask(_NEAR).entry_id == again.entry_id
        assert bench.cache.ask(_STORED).entry_id == entry.id

    def test_it_holds_for_other_wordings_with_the_same_key(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        bench.cache.add(_STORED, "By hand.")
        bench.cache.feedback(bench.cache.ask(_NEAR), correct=False)
        assert not bench.cache.lookup(_NEAR.upper() + "!").hit

    @pytest.mark.parametrize("asked", ["Where is the pool?", "where is the POOL", "Please, where is the pool?"])
    def test_a_wrong_exact_or_normalized_answer_is_served_on_no_tier(self, make_bench: MakeBench, asked: str) -> None:
        bench = _lenient(make_bench)
        bench.cache.add("Where is the pool?", "On the roof.")
        bench.cache.feedback(bench.cache.ask(asked), correct=False)
        for text in ("Where is the pool?", "where is the POOL", "Please, where is the pool?"):
            assert not bench.cache.lookup(text).hit

    def test_a_corrected_answer_is_served_again_and_its_evidence_begins_anew(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add("Where is the pool?", "On the roof.")
        bench.cache.feedback(entry.id, correct=False)
        bench.cache.add("Where is the pool?", "On the roof.")
        assert not bench.cache.lookup("Where is the pool?").hit
        bench.cache.add("Where is the pool?", "In the cellar.")
        assert bench.cache.ask("Where is the pool?").text == "In the cellar."
        assert bench.store.evidence([entry.id]) == {}

    def test_a_judgement_of_an_answer_that_was_corrected_meanwhile_does_not_stop_the_new_one(
        self, make_bench: MakeBench
    ) -> None:
        bench = make_bench()
        entry = bench.cache.add("Where is the pool?", "On the roof.")
        former = bench.cache.ask("Where is the pool?")
        bench.cache.add("Where is the pool?", "In the cellar.")
        report = bench.cache.feedback(former, correct=False)
        assert (report.former, report.blocked, report.evidence) == (True, False, Evidence())
        assert bench.cache.feedback(former, correct=True).not_an_alias == "the entry has another answer by now"
        assert bench.cache.ask("Where is the pool?").text == "In the cellar."
        assert bench.cache.feedback(entry.id, correct=False).blocked

    def test_a_wrong_generated_answer_is_generated_again(self, make_bench: MakeBench) -> None:
        bench = make_bench()
        first = bench.cache.ask("Where is the pool?")
        bench.cache.feedback(first, correct=False)
        assert bench.cache.ask("Where is the pool?").source == "model"

    def test_another_entry_of_the_same_key_is_served_instead(self, make_bench: MakeBench) -> None:
        bench = make_bench()
        wrong = bench.cache.add("where is the POOL", "In the sea.")
        answer = bench.cache.ask("Where is the pool?")
        assert answer.entry_id == wrong.id
        bench.cache.feedback(answer, correct=False)
        right = bench.cache.add("Where is the pool", "On the roof.")
        assert bench.cache.ask("where is the pool!").entry_id == right.id

    def test_the_report_names_what_else_was_served_from_the_entry(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench, log_questions=True)
        bench.cache.add(_STORED, "By hand.")
        other = "winter jacket washed in which machine program"
        for text in (other, _STORED, other, _NEAR):
            answer = bench.cache.ask(text)
        report = bench.cache.feedback(answer, correct=False)
        assert [(one.question, one.source, one.count) for one in report.also_served] == [(other, "semantic", 2)]

    def test_a_question_in_a_conversation_is_blocked_by_its_answer(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        history = [{"role": "user", "content": "Tell me about the hotel."}, {"role": "assistant", "content": "Gladly."}]
        bench.cache.add("Where is the pool?", "On the roof.", history=history)
        answer = bench.cache.ask("Where is the pool?", history=history)
        assert answer.source == "exact"
        bench.cache.feedback(answer, correct=False)
        assert not bench.cache.lookup("Where is the pool?", history=history).hit


class TestRight:
    def test_a_confirmed_question_is_served_by_key_and_not_embedded(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add(_STORED, "By hand.")
        report = bench.cache.feedback(bench.cache.ask(_NEAR), correct=True)
        assert (report.alias_added, report.evidence) == (True, Evidence(1, 0))
        embedded = len(bench.embedder.calls)
        for text in (_NEAR, _NEAR.upper()):
            answer = bench.cache.ask(text)
            assert (answer.source, answer.entry_id, answer.matched) == ("normalized", entry.id, _STORED)
        assert len(bench.embedder.calls) == embedded

    def test_a_question_with_an_entry_of_its_own_is_answered_by_that(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        bench.cache.add(_STORED, "By hand.")
        bench.cache.feedback(bench.cache.ask(_NEAR), correct=True)
        own = bench.cache.add(_NEAR, "Ask the shop.")
        assert bench.cache.ask(_NEAR + "!").entry_id == own.id

    def test_a_judgement_can_be_taken_back(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add(_STORED, "By hand.")
        answer = bench.cache.ask(_NEAR)
        assert bench.cache.feedback(answer, correct=True).alias_added
        report = bench.cache.feedback(answer, correct=False)
        assert (report.alias_removed, report.evidence) == (True, Evidence(0, 1))
        assert not bench.cache.lookup(_NEAR).hit
        assert bench.cache.feedback(entry.id, correct=True, question=_NEAR).evidence == Evidence(1, 0)
        assert bench.cache.ask(_NEAR).source == "normalized"

    def test_a_question_about_a_moment_leaves_no_alias(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add("Is the pool open?", "Yes.")
        report = bench.cache.feedback(entry.id, correct=True, question="Is the pool open today?")
        assert not report.alias_added
        assert "moment" in (report.not_an_alias or "")

    def test_an_own_question_counts_and_leaves_no_alias(self, make_bench: MakeBench) -> None:
        bench = make_bench()
        bench.cache.ask("Where is the pool?")
        report = bench.cache.feedback(bench.cache.ask("where is the POOL"), correct=True)
        assert (report.alias_added, report.evidence) == (False, Evidence(1, 0))

    def test_an_alias_and_a_block_go_with_their_entry(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        entry = bench.cache.add(_STORED, "By hand.")
        bench.cache.feedback(entry.id, correct=True, question=_NEAR)
        bench.cache.feedback(entry.id, correct=False, question="what about coats")
        assert bench.cache.delete(entry.id)
        assert not bench.cache.lookup(_NEAR).hit
        assert bench.store.check() == ()


def test_what_was_judged_is_kept_with_how_it_was_served(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    entry = bench.cache.add(_STORED, "By hand.")
    answer = bench.cache.ask(_NEAR)
    bench.cache.feedback(answer, correct=False, note="It is about tips.")
    bench.cache.feedback(entry.id, correct=True, question=_NEAR)
    by_id, by_answer = bench.store.feedback.recent(2)
    for one in (by_id, by_answer):
        assert (one.question, one.served, one.source, one.tenant) == (_NEAR, "semantic", "user", "public")
        assert one.similarity == pytest.approx(answer.trace.candidates[0].similarity)
        assert one.probability == pytest.approx(answer.probability)
    assert (by_answer.correct, by_answer.note) == (False, "It is about tips.")


def test_another_process_on_the_store_sees_it_at_the_next_ask(make_bench: MakeBench, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'faq.db'}"
    bench = _lenient(make_bench, url)
    wrong, right = bench.cache.add(_STORED, "By hand."), bench.cache.add("Where is the pool?", "On the roof.")
    assert bench.cache.ask(_NEAR).entry_id == wrong.id
    script = f"""
from semantic_cache import SemanticCache, Settings
with SemanticCache.open(Settings(store={url!r}, show_progress=False)) as cache:
    cache.feedback({wrong.id}, False, question={_NEAR!r})
    cache.feedback({right.id}, True, question="any place to swim")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    assert bench.cache.lookup(_NEAR).trace.candidates[0].veto == "blocked by feedback"
    found = bench.cache.ask("any place to swim")
    assert (found.source, found.entry_id) == ("normalized", right.id)
    assert bench.store.evidence([wrong.id, right.id]) == {wrong.id: Evidence(0, 1), right.id: Evidence(1, 0)}


def test_tenants_judge_their_own_entries_only(make_bench: MakeBench) -> None:
    bench = _lenient(make_bench)
    entry = bench.cache.add(_STORED, "By hand.", tenant="acme")
    with pytest.raises(FeedbackError, match=f"'globex' has no entry {entry.id}"):
        bench.cache.feedback(entry.id, correct=False, tenant="globex")
    bench.cache.add(_STORED, "By hand.", tenant="globex")
    bench.cache.feedback(bench.cache.ask(_NEAR, tenant="acme"), correct=False, tenant="acme")
    assert not bench.cache.lookup(_NEAR, tenant="acme").hit
    assert bench.cache.lookup(_NEAR, tenant="globex").hit


class TestThreshold:
    """A rule that goes by the cosine alone."""

    def test_blocked_pairs_are_stopped_and_confirmed_questions_served(self, make_bench: MakeBench) -> None:
        bench = make_bench(settings=Settings(store="sqlite://", threshold=0.3, show_progress=False))
        entry = bench.cache.add(_STORED, "By hand.")
        assert not bench.cache._parts.judge().policy.verifies
        bench.cache.feedback(bench.cache.ask(_NEAR), correct=False)
        assert not bench.cache.lookup(_NEAR).hit
        assert bench.cache.feedback(entry.id, correct=True, question="any place to swim").alias_added
        assert bench.cache.ask("any place to swim").source == "normalized"

    def test_the_status_says_that_the_alarm_moves_nothing(self, make_bench: MakeBench) -> None:
        bench = _lenient(make_bench)
        bench.cache.add(_STORED, "By hand.")
        for words in (_NEAR, "where are green jackets sold", "winter cleaning prices"):
            bench.cache.feedback(bench.cache.ask(words), correct=False)
        status = bench.cache.status()
        assert status.tightening.offset > 0.0
        assert not status.tightens
        assert "a threshold takes no part in it" in str(status)


class TestRefused:
    @pytest.mark.parametrize("given", [7, -1, True, "7", None, 2**70])
    def test_what_is_no_entry_is_refused_by_name(self, make_bench: MakeBench, given: object) -> None:
        with pytest.raises((FeedbackError, StoreError), match=str(given)):
            make_bench().cache.feedback(given, correct=False)  # type: ignore[arg-type]

    def test_an_answer_that_was_not_stored_is_refused_with_the_reason(self, make_bench: MakeBench) -> None:
        cache = make_bench().cache
        with pytest.raises(FeedbackError, match="about a moment"):
            cache.feedback(cache.ask("Is the pool open today?"), correct=False)

    @pytest.mark.parametrize("note", ["x" * 2001, "a\0b", "\ud800", 3])
    def test_a_note_that_cannot_be_kept_is_refused(self, make_bench: MakeBench, note: object) -> None:
        cache = make_bench().cache
        entry = cache.add("Where is the pool?", "On the roof.")
        with pytest.raises(FeedbackError, match="note"):
            cache.feedback(entry.id, correct=False, note=note)  # type: ignore[arg-type]
        assert cache.lookup("Where is the pool?").hit

    def test_a_history_without_its_question_is_refused(self, make_bench: MakeBench) -> None:
        cache = make_bench().cache
        entry = cache.add("Where is the pool?", "On the roof.")
        with pytest.raises(FeedbackError, match="question that came after"):
            cache.feedback(entry.id, correct=False, history=[{"role": "user", "content": "Hello."}])
        assert cache.lookup("Where is the pool?").hit

    @pytest.mark.parametrize("history", [5, "abc", {"role": "user"}, b"abc", True])
    def test_a_history_that_is_no_list_is_refused_by_name(self, make_bench: MakeBench, history: object) -> None:
        cache = make_bench().cache
        entry = cache.add("Where is the pool?", "On the roof.")
        with pytest.raises(QuestionError, match="is no list of messages") as raised:
            cache.feedback(entry.id, correct=False, question="Where is it?", history=history)  # type: ignore[arg-type]
        assert f"history={history!r}" in str(raised.value)
        assert cache.feedback(entry.id, correct=False, history=None).blocked

    def test_a_question_that_is_none_is_refused(self, make_bench: MakeBench) -> None:
        cache = make_bench().cache
        entry = cache.add("Where is the pool?", "On the roof.")
        with pytest.raises(QuestionError):
            cache.feedback(entry.id, correct=False, question="?!")

    def test_a_store_that_fails_is_an_error_of_feedback_and_not_of_ask(
        self, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = _lenient(make_bench)
        bench.cache.add(_STORED, "By hand.")
        answer = bench.cache.ask(_NEAR)

        def fail(*_: object, **__: object) -> None:
            raise StorageError("the disk is gone")

        for name in ("record", "by_alias", "blocked", "evidence"):
            monkeypatch.setattr(bench.store.feedback, name, fail)
        with pytest.raises(StoreError, match="the disk is gone"):
            bench.cache.feedback(answer, correct=False)
        asked: Answer = bench.cache.ask("another question about coats")
        assert asked.source == "model"
        assert any("the disk is gone" in problem for problem in asked.trace.degraded)
