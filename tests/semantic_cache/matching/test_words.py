"""What is read of a question's words, once for all its comparisons."""

from __future__ import annotations

import pytest

from normalize import Normalizer
from semantic_cache.matching import Compared
from semantic_cache.matching.wording import content_words
from semantic_cache.matching.words import words_of

_NORMALIZE = Normalizer()


def test_words_that_say_little_and_korean_particles_are_no_content() -> None:
    assert words_of("is the café's menu there for you?", "", "en").content == {"café's", "menu"}
    assert words_of("환불을 서울에서 받는 방법은", "", "ko").content == {"환불", "서울", "받", "방법"}


def test_the_order_of_the_text_is_kept_with_repeats_and_without_case_or_marks() -> None:
    seen = words_of("to busan: from seoul, to busan?", "", "en")
    assert seen.text == ("to", "busan", "from", "seoul", "to", "busan")
    assert seen.order == seen.text
    assert seen.sorted_order == ("busan", "busan", "from", "seoul", "to", "to")


def test_a_word_that_says_little_is_left_out_of_the_order_before_its_particle_goes() -> None:
    seen = words_of("the 한국어에서 에서 영어로", "the 한국어에서 에서 영어로", "ko")
    assert seen.order == seen.key_order == ("한국어", "영어")
    assert seen.key == ("한국어에서", "영어로")


def test_what_a_russian_key_joins_is_read_as_words_and_a_time_of_day_is_not() -> None:
    assert words_of("", "билет в+москва not:возврат 15:00", "ru").key == (
        "билет",
        "в",
        "москва",
        "not",
        "возврат",
        "15:00",
    )


def test_letters_that_follow_one_another_are_read_of_korean_keys_alone() -> None:
    assert words_of("", "쿠폰 사용", "ko").letters == {"쿠폰", "폰사", "사용"}
    assert words_of("", "쿠폰 사용", "en").letters == frozenset()


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("can i call you", ("speaker", "other")),
        ("can you call me", ("other", "speaker")),
        ("can i call them", ()),
        ("can we pay for us", ()),
    ],
)
def test_persons_count_only_where_speaker_and_other_both_act(text: str, persons: tuple[str, ...]) -> None:
    assert words_of(text, "", "en").persons == persons


def test_a_compared_question_reads_its_key_where_it_has_no_text() -> None:
    seen = _NORMALIZE("How do I cancel the Order?")
    spoken = Compared(seen.facts, seen.key, "en", seen.text)
    assert spoken.words == ("how", "do", "i", "cancel", "the", "order")
    assert content_words(spoken) == {"how", "cancel", "order"}
    assert Compared(seen.facts, "cancel Order", "en").words == ("cancel", "order")


def test_two_compared_questions_are_equal_by_what_they_were_made_of() -> None:
    seen = _NORMALIZE("Wie storniere ich?")
    assert Compared(seen.facts, "a b", "de", "B a") == Compared(seen.facts, "a b", "de", "B a")
    assert Compared(seen.facts, "a b", "de", "B a") != Compared(seen.facts, "a b", "de", "A b")
