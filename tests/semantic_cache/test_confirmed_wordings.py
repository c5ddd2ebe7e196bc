"""A confirmed question counts as a question of its entry where meaning is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pytest
from fakes import Bench, MakeBench, WordEmbedder
from rows import new, unit

from normalize import Normalizer
from semantic_cache import Hit
from semantic_cache.answer import Verdict
from semantic_cache.confirmed_wordings import ConfirmedWordings
from semantic_cache.embedding import EmbedderInUse
from semantic_cache.entries import Source, new_entry
from semantic_cache.lookup import Breadth, Lookup
from semantic_cache.matching import Compared, Judge, Verified
from semantic_cache.matching.cut_table import Budget, CutTable, LabelledSet
from semantic_cache.matching.policy import BudgetRule
from semantic_cache.request import SamplingOptions, make_request
from semantic_cache.scope import Scope
from storage import Feedback, StorageError, Store

_STORED = "how is the green winter jacket washed"
_CONFIRMED = "cleaning tips for winter coats wanted"
_ASKED = "cleaning tips for winter coats are wanted"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench()
    entry = bench.cache.add(_STORED, "By hand.")
    assert bench.cache.feedback(entry.id, correct=True, question=_CONFIRMED).alias_added
    return bench


def test_what_is_near_it_is_answered_by_meaning_with_the_entry_as_it_is(bench: Bench) -> None:
    verdict = bench.cache.lookup(_ASKED)
    assert isinstance(verdict, Hit)
    assert (verdict.source, verdict.entry.question, verdict.entry) == ("semantic", _STORED, bench.store.get(1))
    assert [(one.question, one.entry_id, one.serves) for one in verdict.trace.candidates] == [
        (_CONFIRMED, 1, True),
        (_STORED, 1, False),
    ]
    answer = bench.cache.ask(_ASKED)
    assert (answer.text, answer.matched, answer.entry_id) == ("By hand.", _STORED, 1)
    assert bench.cache.ask(_CONFIRMED).source == "normalized"


def test_an_entry_is_judged_by_its_own_question_and_by_the_nearest_that_was_confirmed(bench: Bench) -> None:
    bench.cache.feedback(1, correct=True, question="may one tumble dry coats in winter")
    assert [one.question for one in bench.cache.lookup(_ASKED).trace.candidates] == [_CONFIRMED, _STORED]
    near, other = bench.cache.lookup(_STORED + " now").trace.candidates
    assert near.question == _STORED
    assert other.question != _STORED


def test_without_it_the_same_question_is_not_answered(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.cache.add(_STORED, "By hand.")
    assert not bench.cache.lookup(_ASKED).hit


def test_the_guards_compare_its_facts_and_not_those_of_the_entrys_own_question(make_bench: MakeBench) -> None:
    bench = make_bench()
    entry = bench.cache.add("how are 3 green winter jackets washed", "By hand.")
    assert bench.cache.feedback(entry.id, correct=True, question="cleaning tips for 3 winter coats wanted").alias_added
    verdict = bench.cache.lookup("cleaning tips for 3 winter coats are wanted")
    assert isinstance(verdict, Hit)
    assert verdict.entry == entry
    assert "numbers differ" in (bench.cache.lookup(_ASKED + " 4").trace.candidates[0].veto or "")


def test_a_wrong_hit_by_it_is_stopped_and_the_others_stay(bench: Bench) -> None:
    other = "cleaning tips for winter coats is wanted"
    assert bench.cache.lookup(other).hit
    bench.cache.feedback(bench.cache.ask(_ASKED), correct=False)
    assert bench.cache.lookup(_ASKED).trace.candidates[0].veto == "blocked by feedback"
    assert bench.cache.lookup(other).hit
    bench.cache.feedback(1, correct=False, question=_CONFIRMED)
    assert not bench.cache.lookup(other).hit


def _sure(store: Store, normalizer: Normalizer, breadth: Breadth) -> Lookup:
    """A lookup that serves whatever no hard guard refuses."""

    class Sure:
        name = "sure"

        def verify(self, _: Compared, stored: Sequence[Compared], __: Sequence[float]) -> list[Verified]:
            return [Verified(0.99, "sure", {}) for _ in stored]

    table = CutTable((0.5, 0.8), (LabelledSet("all", "en", (2000, 1000), (500, 0)),))
    judge = Judge(BudgetRule(Budget(0.01), table), verifier=Sure())
    return Lookup(store, normalizer, EmbedderInUse(WordEmbedder), lambda: judge, breadth)


def _look(own: str, confirmed: Sequence[str], asked: str, breadth: Breadth) -> Verdict:
    normalizer, scope = Normalizer(), Scope("s", "u")
    with Store.open("sqlite://") as store:
        lookup = _sure(store, normalizer, breadth)
        question = normalizer(own)
        row = new_entry(
            question, "At 8.", tenant="t", scope="s", exact_hash="x", key_version=lookup.key_version,
            source=Source("curated"), embedder=None, vector=None,
        )  # fmt: skip
        entry = store.add(row)
        for one in confirmed:
            judged = Feedback(
                tenant="t", scope="s", entry_id=entry.id, exact_hash=one, key_hash=normalizer(one).key_hash,
                correct=True, source="user", question=one,
            )  # fmt: skip
            store.feedback.record(judged, "alias")
        request = make_request(asked, tenant="t", sampling=SamplingOptions(1, 0.0))
        return lookup.find(request, scope).verdict


@pytest.mark.parametrize("nearest", [1, 8])
def test_it_does_not_lift_what_a_hard_guard_sees_in_the_entrys_own_question(nearest: int) -> None:
    own, confirmed = "When does the train from Busan to Seoul leave?", "When do trains between Busan and Seoul leave?"
    verdict = _look(own, [confirmed], "When do trains from Seoul to Busan leave?", Breadth(nearest, 0))
    assert not verdict.hit
    assert {one.question for one in verdict.trace.candidates} == {own, confirmed}
    assert {one.veto for one in verdict.trace.candidates} == {"directions differ: from seoul asked, from busan stored"}
    assert _look(own, [confirmed], "When do trains from Busan to Seoul leave?", Breadth(nearest, 0)).hit


def test_it_does_not_hide_the_entrys_own_question() -> None:
    own, confirmed = "Where may guests park a car at the hotel?", "Where may guests park a car at the hotel on day 3?"
    asked = "Where may guests park a car at the hotel on which day?"
    assert _look(own, [], asked, Breadth(8, 0)).hit
    verdict = _look(own, [confirmed], asked, Breadth(8, 0))
    assert [one.veto is None for one in verdict.trace.candidates] == [False, True]
    assert isinstance(verdict, Hit)
    assert verdict.entry.question == own


def test_of_another_tenant_none_is_found(bench: Bench) -> None:
    bench.cache.add(_STORED, "By machine.", tenant="globex")
    verdict = bench.cache.lookup(_ASKED, tenant="globex")
    assert not verdict.hit
    assert [one.question for one in verdict.trace.candidates] == [_STORED]


def test_where_they_cannot_be_read_the_answer_comes_without_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("the disk is gone")

    assert bench.cache.lookup(_ASKED).hit
    monkeypatch.setattr(bench.store.feedback.confirmed, "nearest", fail)
    answer = bench.cache.ask(_ASKED)
    assert answer.source == "model"
    assert any("the disk is gone" in problem for problem in answer.trace.degraded)


def test_it_is_compared_as_if_it_were_the_entrys_own_question() -> None:
    normalizer, texts = Normalizer(), ("How is it washed?", "May my child wash 3 of Patagonia's coats?")
    own, confirmed = (normalizer(text) for text in texts)
    with Store.open("sqlite://") as store:
        entry = store.add(new(texts[0], key=own.key, key_hash=own.key_hash, facts=asdict(own.facts)))
        judged = Feedback(
            tenant="t", scope="s", entry_id=entry.id, exact_hash="x", key_hash=confirmed.key_hash, correct=True,
            source="user", question=texts[1],
        )  # fmt: skip
        store.feedback.record(judged, "alias")
        store.feedback.confirmed.set_vectors(
            [(one, unit(7)) for one in store.feedback.confirmed.without_vector("s", "e", 9)], "e"
        )
        ((near, found),) = ConfirmedWordings(store, normalizer, "9").nearest("s", unit(7), 3, "e")
    assert found == entry
    worded = near.entry
    assert (worded.id, worded.answer, worded.tags) == (entry.id, entry.answer, entry.tags)
    assert (worded.question, worded.key, worded.language) == (texts[1], confirmed.key, "en")
    assert worded.facts == asdict(confirmed.facts) != entry.facts
