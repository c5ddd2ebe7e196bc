"""Labelled pairs of one's own become the table that budgets are turned into rules on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import WordEmbedder

from normalize import Normalizer
from semantic_cache.matching import Budget, Compared, Verified
from semantic_cache.tuning import (
    CUTS,
    EvidenceError,
    Halves,
    Judged,
    LabelledPair,
    cut_table_of,
    judge_pairs,
    served_later,
)

_NORMALIZER = Normalizer()


class _Cosine:
    """A verifier whose probability is the cosine it is given."""

    name = "cosine"

    def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Verified]:
        return [Verified(max(0.0, min(1.0, cosine)), self.name, {}) for cosine in cosines]


def _pair(question: str, other: str, same: bool, line: int = 2) -> LabelledPair:
    return LabelledPair(question, other, same, "", "", line)


def _judged(pairs: Sequence[LabelledPair]) -> tuple[Judged, ...]:
    return judge_pairs(pairs, verifier=_Cosine(), embedder=WordEmbedder(), normalizer=_NORMALIZER)


def test_pairs_are_counted_by_language_and_probability() -> None:
    pairs = [
        _pair("Where can I park my car?", "Is there parking for guests with a car?", True),
        _pair("Where can I park my car?", "Which wines go with roast chicken?", False),
        _pair("수영장은 몇 시에 열어요?", "풀장 개장 시각을 알고 싶어요", True),
    ]
    table = cut_table_of(_judged(pairs), "mine")
    assert table.cuts == CUTS
    assert [(one.name, one.language) for one in table.sets] == [("mine (en)", "en"), ("mine (ko)", "ko")]
    assert all(one.served[0] <= 2 for one in table.sets)
    table.check()


def test_what_never_comes_to_the_verifier_is_not_counted() -> None:
    one_key = _pair("Where is the pool?", "where is the pool", True)
    refused = _pair("Is it open at 3 pm?", "Is it open at 7 pm?", False)
    with pytest.raises(EvidenceError, match="None of the 2 pairs comes to the verifier"):
        _judged([one_key, refused])


def test_few_pairs_say_how_many_labels_are_missing() -> None:
    pairs = [_pair("Where can I park my car?", "Is there parking for guests with a car?", True)]
    table = cut_table_of(_judged(pairs), "mine")
    assert table.cut(Budget(0.01)).missing_labels > 250


def test_pairs_of_one_topic_or_of_one_question_are_worth_less_than_as_many_apart() -> None:
    words = ["park a car", "bring a dog", "rent a bike", "book a room", "leave a bag", "play a game", "wash a shirt"]
    apart = [_pair(f"Where can I {one} here?", f"Is there a place to {one}?", True) for one in words]
    together = [replace(pair, group="hotel") for pair in apart]
    tables = [cut_table_of(_judged(pairs), "mine") for pairs in (apart, together)]
    loose, close = (table.cut(Budget(0.3)).missing_labels for table in tables)
    assert 0 < loose < close


def test_a_cut_of_the_first_half_is_counted_on_the_second_alone() -> None:
    first = [Judged(place, 0.9, True, place, "en") for place in range(400)]
    second = [Judged(place, 0.9, place % 4 > 0, place, "en") for place in range(400, 480)]
    halves = Halves(tuple(range(400)), tuple(range(400, 480)), 480, since=0.0)
    assert served_later([*first, *second], halves, Budget(0.01)) == (80, 20)
    assert served_later([*first[:20], *second], halves, Budget(0.01)) == (0, 0)
    assert served_later(second, halves, Budget(0.01)) == (0, 0)
