"""Neighbours become candidates; the likeliest that no guard refuses and the policy serves is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from normalize import Normalizer
from semantic_cache.answer import Candidate
from semantic_cache.entries import Source, new_entry
from semantic_cache.matching import Compared, Judge, Threshold, Verified
from semantic_cache.matching.cut_table import Budget, CutTable, LabelledSet
from semantic_cache.matching.policy import BudgetRule
from storage import Entry, Evidence, Neighbour

_NORMALIZE = Normalizer()
_TABLE = CutTable((0.5, 0.8), (LabelledSet("all", "en", (2000, 1000), (500, 0)),))
_RULE = BudgetRule(Budget(0.01), _TABLE)  # serves from 0.8 on


@dataclass
class _Says:
    """A verifier that says what it is told, by the stored question."""

    probabilities: dict[str, float]
    name: str = "told"
    asked: list[str] = field(default_factory=list)

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        self.asked += [one.text for one in stored]
        return [
            Verified(self.probabilities[one.text], self.name, {"cosine": cosine})
            for one, cosine in zip(stored, cosines, strict=True)
        ]


def _neighbour(
    number: int, question: str, similarity: float, tenant: str = "public", tags: tuple[str, ...] = ()
) -> Neighbour:
    seen = _NORMALIZE(question)
    row = new_entry(
        seen, "answer", tenant=tenant, scope="s", exact_hash=str(number), key_version="1", source=Source("curated"),
        embedder=None, vector=None, tags=tags,
    )  # fmt: skip
    values = {name: getattr(row, name) for name in row.__slots__ if name not in ("vector", "lifetime")}
    values["facts"] = {name: tuple(items) for name, items in row.facts.items()}
    return Neighbour(Entry(id=number, created=0.0, last_used=0.0, hits=0, **values), similarity)


def _candidate(
    similarity: float, veto: str | None = None, probability: float | None = None, *, serves: bool = True
) -> Candidate:
    return Candidate(1, "?", similarity, probability, veto, serves=serves)


def test_a_refused_candidate_leaves_the_next_one_its_chance() -> None:
    judge = Judge(Threshold(0.9))
    near, next_one = _candidate(0.99, "numbers differ"), _candidate(0.95)
    assert judge.chosen([near, next_one]) is next_one
    assert judge.chosen([near, _candidate(0.89, serves=False)]) is None
    assert judge.chosen([]) is None


def test_the_likeliest_is_chosen_and_not_the_nearest() -> None:
    near, likely = _candidate(0.97, probability=0.95), _candidate(0.93, probability=0.99)
    assert Judge(_RULE).chosen([near, likely]) is likely


def test_a_threshold_decides_by_the_cosine_and_asks_no_verifier() -> None:
    says = _Says({})
    judge = Judge(Threshold(0.9), verifier=says)
    near, far = judge.candidates(
        _NORMALIZE("Where is the pool?"),
        [_neighbour(1, "Which way is the swimming pool?", 0.93), _neighbour(2, "Any tips about gardens?", 0.89)],
    )
    assert (near.serves, far.serves) == (True, False)
    assert near.probability is None
    assert says.asked == []


def test_without_a_threshold_nothing_is_served() -> None:
    (one,) = Judge(Threshold(None)).candidates(
        _NORMALIZE("Where is the pool?"), [_neighbour(1, "Which way is the swimming pool?", 1.0)]
    )
    assert not one.serves
    assert str(Threshold(None)) == "nothing by similarity"


def test_only_what_the_guards_let_pass_is_verified() -> None:
    right = "Which way are the 2 swimming pools?"
    says = _Says({right: 0.9})
    neighbours = [_neighbour(1, "Where are the 3 pools?", 0.99), _neighbour(2, right, 0.93)]
    refused, passed = Judge(_RULE, verifier=says).candidates(_NORMALIZE("Where are the 2 pools?"), neighbours)
    assert refused.veto is not None
    assert refused.probability is None
    assert says.asked == [right]
    assert passed.serves
    assert (passed.probability, passed.verified_by) == (0.9, "told")
    assert passed.features == {"cosine": 0.93}


def test_a_confirmed_wording_lifts_no_hard_guard_of_the_entrys_own_question() -> None:
    own, confirmed = "When does the train from Busan to Seoul leave?", "When do trains between Busan and Seoul leave?"
    says = _Says({own: 0.9, confirmed: 0.99})
    stored, shown = _neighbour(1, own, 0.9), _neighbour(1, confirmed, 0.95)
    judge = Judge(_RULE, verifier=says)
    wrong = judge.candidates(_NORMALIZE("trains from Seoul to Busan"), [shown, stored], {1: stored.entry})
    assert [one.veto for one in wrong] == ["directions differ: from seoul asked, from busan stored"] * 2
    assert says.asked == []
    right = judge.candidates(_NORMALIZE("trains from Busan to Seoul"), [shown, stored], {1: stored.entry})
    assert judge.chosen(right) is right[0]


@pytest.mark.parametrize(("right", "wrong", "serves"), [(0, 0, True), (9, 0, True), (0, 1, False), (100, 1, False)])
def test_an_entry_that_was_wrong_is_harder_to_hit(right: int, wrong: int, serves: bool) -> None:
    neighbour = _neighbour(7, "Which way is the swimming pool?", 0.93)
    judge = Judge(
        _RULE,
        verifier=_Says({neighbour.entry.question: 0.85}),
        evidence=lambda ids: {7: Evidence(right, wrong)} if 7 in ids else {},
    )
    (one,) = judge.candidates(_NORMALIZE("Where is the pool?"), [neighbour])
    assert one.serves is serves
    assert bool(one.adjustments) is bool(right or wrong)


def test_an_often_confirmed_entry_is_easier_to_hit_but_not_by_much() -> None:
    neighbour = _neighbour(7, "Which way is the swimming pool?", 0.93)
    for probability, serves in ((0.78, True), (0.5, False)):
        judge = Judge(
            _RULE,
            verifier=_Says({neighbour.entry.question: probability}),
            evidence=lambda ids: {7: Evidence(10_000, 0)},
        )
        (one,) = judge.candidates(_NORMALIZE("Where is the pool?"), [neighbour])
        assert one.serves is serves


def test_drift_tightens_for_the_tenant_it_is_seen_at() -> None:
    judge = Judge(
        _RULE,
        verifier=_Says({"Which way is the swimming pool?": 0.85}),
        tightening=lambda tenant: 1.0 if tenant == "acme" else 0.0,
    )
    for tenant, serves in (("acme", False), ("public", True)):
        (one,) = judge.candidates(
            _NORMALIZE("Where is the pool?"), [_neighbour(1, "Which way is the swimming pool?", 0.93, tenant)]
        )
        assert one.serves is serves


def test_a_language_that_is_not_known_is_not_matched() -> None:
    judge = Judge(Threshold(0.9), frozenset({"en"}))
    assert judge.covers(_NORMALIZE("Where is the pool?"))
    assert not judge.covers(_NORMALIZE("수영장은 어디예요?"))
    assert Judge(Threshold(0.9)).covers(_NORMALIZE("수영장은 어디예요?"))
