from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from normalize import Question
from semantic_cache.tuning import EvidenceError, LabelledPair, score_pairs
from semantic_cache.tuning.guarded import vetoed_by_guards

Normalizing = Callable[[str], Question]
PAIRS = (
    LabelledPair("open an account", "close an account", False),
    LabelledPair("open an account", "Open an account?", True),
    LabelledPair("return within 3 days", "return within 7 days", False),
    LabelledPair("shop hours", "when do you open", True),
)


def test_a_similarity_is_the_cosine_of_the_two_texts(embedder: Any, normalizer: Normalizing) -> None:
    scores = score_pairs(PAIRS, embedder, normalizer)
    for position in (0, 2, 3):
        pair = PAIRS[position]
        left, right = embedder.encode([pair.question, pair.other])
        assert scores.similarities[position] == pytest.approx(float(left @ right), abs=1e-6)


def test_texts_with_one_key_score_exactly_one_and_no_guard_is_asked(embedder: Any, normalizer: Normalizing) -> None:
    scores = score_pairs(PAIRS, embedder, normalizer, vetoes=lambda asked, stored: True)
    assert scores.similarities[1] == 1.0
    assert scores.vetoed.tolist() == [True, False, True, True]


def test_a_text_that_stands_in_two_pairs_is_embedded_once(embedder: Any, normalizer: Normalizing) -> None:
    score_pairs(PAIRS, embedder, normalizer)
    assert sorted(embedder.asked) == sorted({text for pair in PAIRS for text in (pair.question, pair.other)})


def test_what_is_embedded_is_the_normalized_text(embedder: Any, normalizer: Normalizing) -> None:
    score_pairs([LabelledPair("  two   spaces ", "other", True)], embedder, normalizer)
    assert embedder.asked == ["two spaces", "other"]


def test_similarities_never_leave_the_scale_through_rounding(
    embedder: Any, normalizer: Normalizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_little_long = np.full((2, 1), 1.0000001, dtype=np.float32)
    monkeypatch.setattr(embedder, "encode", lambda texts: a_little_long)
    pair = LabelledPair("one", "two", True)
    assert score_pairs([pair], embedder, normalizer).similarities.tolist() == [1.0]


def test_a_vetoed_pair_is_served_as_minus_infinity_until_vetoes_are_dropped(
    embedder: Any, normalizer: Normalizing
) -> None:
    scores = score_pairs(PAIRS, embedder, normalizer, vetoed_by_guards)
    assert scores.vetoed[2]
    assert scores.served_as[2] == -np.inf
    assert scores.without_vetoes().served_as.tolist() == scores.similarities.tolist()


def test_near_misses_and_far_paraphrases_are_the_extremes_of_either_label(
    embedder: Any, normalizer: Normalizing
) -> None:
    scores = score_pairs(PAIRS, embedder, normalizer)
    other = sorted((float(scores.similarities[i]) for i in (0, 2)), reverse=True)
    assert [scored.similarity for scored in scores.near_misses(5)] == other
    assert [scored.pair for scored in scores.far_paraphrases(1)] == [PAIRS[3]]


def test_scores_cannot_be_changed_and_can_be_taken_in_part(embedder: Any, normalizer: Normalizing) -> None:
    part = score_pairs(PAIRS, embedder, normalizer).take([3, 1])
    assert part.pairs == (PAIRS[3], PAIRS[1])
    assert part.same.tolist() == [True, True]
    with pytest.raises(ValueError, match="read-only"):
        part.similarities[0] = 0.0


def test_no_pairs_are_refused(embedder: Any, normalizer: Normalizing) -> None:
    with pytest.raises(EvidenceError, match="no pairs"):
        score_pairs([], embedder, normalizer)
