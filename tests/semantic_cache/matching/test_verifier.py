"""Features first; the pair model only where they leave the matter open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from normalize import Normalizer
from semantic_cache.encoder import Encoder, WordVectors, open_encoder
from semantic_cache.matching import Budget, Compared
from semantic_cache.matching.shipped import OwnCosines, open_verifier, shipped_cut_table
from semantic_cache.matching.verifier import Cascade, FeatureVerifier, PairVerifier, SmallModel, align

_NORMALIZE = Normalizer()
_ASKED = "How do I reset my password?"


def _compared(text: str) -> Compared:
    seen = _NORMALIZE(text)
    return Compared(seen.facts, seen.key, seen.language, seen.text)


class _Pairs:
    """A pair model that says +3 of everything, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        self.asked += pairs
        return np.full(len(pairs), 3.0, dtype=np.float32)

    def fits(self, text: str) -> bool:
        return len(text) < 100


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(show_progress=False)


def _cascade(encoder: Encoder, pairs: _Pairs, most: int = 3) -> Cascade:
    # The cosine alone decides: 0.5 → P 0.5, 0.9 → P 0.98, 0.1 → P 0.02.
    first = FeatureVerifier(SmallModel({"cosine": 10.0}, -5.0), WordVectors(encoder.packed, encoder.pieces))
    second = PairVerifier(SmallModel({"pair_for": 1.0, "pair_against": 2.0}, 0.0), pairs, first)
    return Cascade(first, second, 0.05, 0.95, most)


def test_only_the_uncertain_band_pays_for_the_pair_model(encoder: Encoder) -> None:
    pairs = _Pairs()
    stored = [_compared(text) for text in ("I forgot my password", "What is a password?", "Where is the pool?")]
    near, middle, far = _cascade(encoder, pairs).verify(_compared(_ASKED), stored, [0.9, 0.5, 0.1])
    assert pairs.asked == [(_ASKED, "What is a password?")]
    assert (near.by, middle.by, far.by) == ("features", "pair model", "features")
    assert near.probability == pytest.approx(0.982, abs=1e-3)
    assert middle.probability == pytest.approx(0.9526, abs=1e-3)
    assert middle.pair_logit == 3.0
    assert near.pair_logit is None
    assert near.features["cosine"] == pytest.approx(0.9)


def test_the_likeliest_of_many_are_given_to_the_pair_model(encoder: Encoder) -> None:
    pairs = _Pairs()
    stored = [_compared(f"question number {number}") for number in range(5)]
    _cascade(encoder, pairs, most=2).verify(_compared(_ASKED), stored, [0.4, 0.6, 0.5, 0.3, 0.55])
    assert [other for _, other in pairs.asked] == ["question number 1", "question number 4"]


def test_a_text_longer_than_it_was_trained_on_is_not_given_to_it(encoder: Encoder) -> None:
    pairs = _Pairs()
    long = _compared("why " + "very " * 40 + "long?")
    (one,) = _cascade(encoder, pairs).verify(_compared(_ASKED), [long], [0.5])
    (other,) = _cascade(encoder, pairs).verify(long, [_compared(_ASKED)], [0.5])
    assert pairs.asked == []
    assert one.by == other.by == "features"
    assert max(one.probability, other.probability) <= 0.5  # what nobody said yes to is not served


def test_nothing_stored_is_nothing_to_verify(encoder: Encoder) -> None:
    pairs = _Pairs()
    assert _cascade(encoder, pairs).verify(_compared(_ASKED), [], []) == []
    assert _cascade(encoder, pairs).second.verify(_compared(_ASKED), [], []) == []


def test_words_find_their_like_on_the_other_side(encoder: Encoder) -> None:
    words = WordVectors(encoder.packed, encoder.pieces)
    synonyms = align(words, _compared("Where can I buy a car?"), _compared("Where can I purchase a car?"))
    others = align(words, _compared("Where can I buy a car?"), _compared("Where can I wash a car?"))
    same = align(words, _compared("Where can I buy a car?"), _compared("Where can I buy a car?"))
    assert same.mean == pytest.approx(1.0, abs=1e-5)
    assert synonyms.least > others.least
    assert align(words, _compared("the?"), _compared("Where?")).mean <= 1.0


def test_another_embedder_s_cosines_are_replaced_by_its_own(encoder: Encoder) -> None:
    seen: list[float] = []

    class _Watch:
        name = "watch"

        def verify(self, asked: Compared, stored: Sequence[Compared], cosines: Sequence[float]) -> list[Any]:
            seen.extend(cosines)
            return []

    texts = (_ASKED, "I forgot my password", "Where is the pool?")
    asked, *stored = map(_compared, texts)
    OwnCosines(_Watch(), encoder).verify(asked, stored, [0.0, 0.0])
    vectors = encoder.vectors([_compared(text).text for text in texts])
    assert seen == pytest.approx([float(vectors[0] @ row) for row in vectors[1:]], abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "right", "wrong"),
    [
        ("How do I reset my password?", "I forgot my password, how can I set a new one?", "How do I reset my PIN?"),
        ("배송비가 얼마예요?", "택배비 얼마나 들어요?", "배송이 얼마나 걸려요?"),
        ("Can I return shoes that I have worn?", "Is it possible to send back used shoes?", "Can I wear shoes?"),
    ],
)
def test_what_is_shipped_puts_paraphrases_before_near_misses(asked: str, right: str, wrong: str) -> None:
    encoder, verifier = open_encoder(show_progress=False), open_verifier(own_cosines=False, show_progress=False)
    sides = [_compared(text) for text in (asked, right, wrong)]
    vectors = encoder.vectors([side.text for side in sides])
    cosines = [float(vectors[0] @ row) for row in vectors[1:]]
    good, bad = verifier.verify(sides[0], sides[1:], cosines)
    assert good.probability > bad.probability


def test_the_shipped_table_carries_what_it_promises() -> None:
    cut = shipped_cut_table().cut(Budget(0.05))
    assert cut.probability is not None
    assert cut.refusal == ""
    assert cut.upper <= 0.05
    default = shipped_cut_table().cut(Budget())
    assert default.probability is not None
    assert default.probability >= cut.probability
    assert default.wrong <= 0.01 * default.served
