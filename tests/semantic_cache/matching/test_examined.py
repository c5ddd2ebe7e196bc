"""Nearly the same words and a fact that one side leaves out: served only where a pair model has read both and is sure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sides import side

from normalize import Normalizer
from semantic_cache.encoder import Encoder, open_encoder
from semantic_cache.entries import Source, new_entry
from semantic_cache.matching import Compared, Judge, Verified, examine, veto
from semantic_cache.matching.cut_table import Budget, CutTable, LabelledSet
from semantic_cache.matching.examined import SURE
from semantic_cache.matching.policy import BudgetRule
from semantic_cache.matching.shipped import open_verifier
from storage import Entry, Neighbour

_RULE = BudgetRule(Budget(0.01), CutTable((0.5, 0.8), (LabelledSet("all", "en", (2000, 1000), (500, 0)),)))

DOUBTFUL = [
    ("Where is my order?", "Where is my order now?"),
    ("Can I borrow books?", "Can I borrow 3 books?"),
    ("카드만 되나요?", "카드도 되나요?"),
    ("요즘 조심할 게 많아", "조심할 게 많아"),
    ("Только картой?", "Картой?"),
    ("How do I open a .csv file?", "How do I open a file?"),
]
NEVER = [
    ("Quiero cancelar el pedido", "No quiero cancelar el pedido"),
    ("Which sauces contain nuts?", "Which sauces don't contain nuts?"),
    ("환불 되나요?", "환불 안 되나요?"),
    ("Можно вернуть товар?", "Нельзя вернуть товар?"),
    ("How do I reset my password?", "How do I reset his password?"),
    ("내 비밀번호 알려줘", "네 비밀번호 알려줘"),
    ("¿Viajar con perro?", "¿Viajar sin perro?"),
    ("When does it arrive?", "Where does it arrive?"),
    ("3개 이상 사면 할인되나요?", "3개 이하 사면 할인되나요?"),
    ("Is the store open at 7 am?", "Is the store open at 7 pm?"),
    ("토요일에 영업하나요?", "주말에 영업하나요?"),
    ("How do I install Java?", "How do I install JavaScript?"),
    ("Is Alexis Harris mad?", "Is Austin Harris mad?"),
]


@dataclass
class _Reads:
    """A verifier that is likely to serve, and says what its pair model did."""

    pair_logit: float | None
    name: str = "reads"
    stored: list[str] = field(default_factory=list)

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        assert len(stored) == len(cosines)
        self.stored += [one.text for one in stored]
        return [Verified(0.97, self.name, {"cosine": cosine}, self.pair_logit) for cosine in cosines]


@pytest.mark.parametrize(("one", "other"), DOUBTFUL)
def test_what_one_side_leaves_out_is_refused_unless_a_pair_model_is_sure(one: str, other: str) -> None:
    for asked, stored in ((side(one), side(other)), (side(other), side(one))):
        for unsure in (None, -3.0, SURE - 0.01):
            (found,) = examine(_Reads(unsure), asked, [stored], [0.97])
            assert found.verified is not None
            reason, unsure_of = (found.veto or "").rsplit("; ", 1)
            assert reason == veto(asked, stored, verified=True)
            assert ("no pair model" in unsure_of) is (unsure is None)
        (found,) = examine(_Reads(SURE), asked, [stored], [0.97])
        assert found.veto is None


@pytest.mark.parametrize(("one", "other"), NEVER)
def test_a_negation_a_person_or_another_name_is_refused_however_sure_it_is(one: str, other: str) -> None:
    for asked, stored in ((side(one), side(other)), (side(other), side(one))):
        reads = _Reads(9.0)
        (found,) = examine(reads, asked, [stored], [0.97])
        assert found.veto is not None
        assert found.verified is None
        assert reads.stored == []


def test_each_stored_question_keeps_its_own_judgement() -> None:
    stored = [side(text) for text in ("Where is his order?", "Where is my order now?", "Has my parcel left yet?")]
    reads = _Reads(0.5)
    refused, doubtful, other = examine(reads, side("Where is my order?"), stored, [0.9, 0.95, 0.6])
    assert (refused.veto is None, refused.verified) == (False, None)
    assert doubtful.veto is not None
    assert doubtful.verified is not None
    assert doubtful.verified.features == {"cosine": 0.95}
    assert other.veto is None
    assert reads.stored == ["Where is my order now?", "Has my parcel left yet?"]


@pytest.mark.parametrize(("pair_logit", "serves"), [(None, False), (1.0, False), (3.0, True)])
def test_the_candidate_says_what_the_pair_model_thought_of_it(pair_logit: float | None, *, serves: bool) -> None:
    (one,) = Judge(_RULE, verifier=_Reads(pair_logit)).candidates(
        Normalizer()("Where is my order?"), [_neighbour("Where is my order now?")]
    )
    assert one.serves is serves
    assert (one.veto is None) is serves
    assert one.pair_logit == pair_logit
    assert one.verified_by == "reads"
    assert (one.probability is not None) is serves


def _neighbour(question: str) -> Neighbour:
    row = new_entry(
        Normalizer()(question), "answer", tenant="public", scope="s", exact_hash="1", key_version="1",
        source=Source("curated"), embedder=None, vector=None,
    )  # fmt: skip
    values = {
        one.name: getattr(row, one.name) for one in dataclasses.fields(row) if one.name not in ("vector", "lifetime")
    }
    values["facts"] = {name: tuple(items) for name, items in row.facts.items()}
    return Neighbour(Entry(id=1, created=0.0, last_used=0.0, hits=0, **values), 0.97)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Can I publish parts of my thesis before I submit it?",
            "Is it possible to publish parts of my thesis before submitting it?",
        ),
        (
            "Can I see only the last change to a Wikipedia article?",
            "Is it possible to see just the last change to a Wikipedia article?",
        ),
    ],
)
def test_the_shipped_verifier_knows_what_is_only_worded_otherwise(encoder: Encoder, one: str, other: str) -> None:
    asked, stored = side(one), side(other)
    assert veto(asked, stored, verified=True) is not None
    cosine = float(encoder.vectors([one])[0] @ encoder.vectors([other])[0])
    (found,) = examine(open_verifier(own_cosines=False, show_progress=False), asked, [stored], [cosine])
    assert found.veto is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is there a discount of 40%?", "Is there a discount of 40?"),
        ("Is the fee $5?", "Is the fee 5?"),
        ("Who might suffer a severe illness from COVID-19?", "Who might suffer a severe illness from measles?"),
        ("How do I cancel Netflix?", "how do i cancel spotify"),
        ("Can I borrow 3 books?", "Can I borrow books?"),
        ("Can I pay only by card?", "Can I pay by card?"),
        ("카드만 되나요?", "카드도 되나요?"),
        ("How do I open a .csv file?", "How do I open a file?"),
    ],
)
def test_the_shipped_verifier_is_not_sure_of_what_wants_another_answer(encoder: Encoder, one: str, other: str) -> None:
    asked, stored = side(one), side(other)
    cosine = float(encoder.vectors([one])[0] @ encoder.vectors([other])[0])
    (found,) = examine(open_verifier(own_cosines=False, show_progress=False), asked, [stored], [cosine])
    assert found.veto is not None
    assert found.verified is not None
