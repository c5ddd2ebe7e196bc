"""Contrast pairs: what holds for every pair that the templates make."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from training.contrast import ContrastPair, contrast_pairs
from training.contrast.grammar import LANGUAGES, grammar_of, slot_keys
from training.contrast.korean import settle_particles, with_particle
from training.contrast.render import Question, Voice, render
from training.contrast.romance import EDGE, article_form, contract

_COUNT = 4000
_KINDS = {
    *("number", "unit", "date", "version", "entity", "product", "place", "person", "scope"),
    *("antonym", "negation", "direction", "swap_arguments", "quantifier", "modality", "question_type"),
    *("paraphrase_template", "paraphrase_synonym", "paraphrase_number", "paraphrase_order", "paraphrase_politeness"),
    *("typo", "filler"),
}


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pairs(language: str) -> list[ContrastPair]:
    return contrast_pairs(language, _COUNT, seed=5)


def test_the_same_seed_gives_the_same_pairs_and_another_seed_gives_others(language: str) -> None:
    assert contrast_pairs(language, 100, seed=1) == contrast_pairs(language, 100, seed=1)
    assert contrast_pairs(language, 100, seed=1) != contrast_pairs(language, 100, seed=2)


def test_half_of_the_pairs_have_one_answer(pairs: list[ContrastPair]) -> None:
    assert len(pairs) == _COUNT
    assert sum(pair.same for pair in pairs) == _COUNT // 2


def test_an_odd_count_is_met() -> None:
    assert Counter(pair.same for pair in contrast_pairs("en", 7, seed=0)) == {True: 4, False: 3}


def test_no_pair_comes_twice(pairs: list[ContrastPair]) -> None:
    assert len({(pair.one.lower(), pair.other.lower()) for pair in pairs}) == _COUNT


def test_the_sides_of_a_near_miss_differ_in_more_than_case_and_marks(pairs: list[ContrastPair]) -> None:
    for pair in pairs:
        if not pair.same:
            assert re.findall(r"\w+|[%#+]", pair.one.lower()) != re.findall(r"\w+|[%#+]", pair.other.lower()), pair


def test_every_kind_of_change_is_made(pairs: list[ContrastPair]) -> None:
    assert {pair.kind for pair in pairs} == _KINDS


def test_the_label_follows_from_the_kind(pairs: list[ContrastPair]) -> None:
    for pair in pairs:
        assert pair.same == (pair.kind.startswith("paraphrase_") or pair.kind in ("typo", "filler"))


def test_groups_are_the_templates_whatever_the_seed(language: str, pairs: list[ContrastPair]) -> None:
    names = {group.name for group in grammar_of(language).groups}
    assert {pair.group for pair in pairs} == names
    assert {pair.group for pair in contrast_pairs(language, 500, seed=9)} <= names


def test_there_are_enough_meanings_and_domains(language: str) -> None:
    groups = grammar_of(language).groups
    assert sum(group.meanings for group in groups) >= {"en": 120, "ko": 100}.get(language, 60)
    assert len({group.name.split(".")[1] for group in groups}) >= 20


def test_nothing_of_the_notation_is_left_in_a_sentence(pairs: list[ContrastPair]) -> None:
    for pair in pairs:
        for text in (pair.one, pair.other):
            assert not re.search(r"[{}<>\[\]|\x01]|//|  |을/를|이/가|은/는", text), text
            assert text == text.strip()


def test_every_wording_of_every_meaning_can_be_said_with_every_filler(language: str) -> None:
    grammar = grammar_of(language)
    for group in grammar.groups:
        most = max((len(grammar.slots[key.rstrip("12")].fillers) for key in group.slots), default=1)
        for at in range(most):
            fillers = tuple(
                (key, (chosen := grammar.slots[key.rstrip("12")].fillers)[(at + index) % len(chosen)])
                for index, key in enumerate(group.slots)
            )
            for meaning in range(group.meanings):
                for wording in group.wordings:
                    assert render(grammar, Question(meaning, fillers), Voice(wording, seed=at))


def test_the_meanings_of_a_wording_read_differently(language: str) -> None:
    grammar = grammar_of(language)
    for group in grammar.groups:
        fillers = tuple((key, grammar.slots[key.rstrip("12")].fillers[int(key[-1] == "2")]) for key in group.slots)
        for wording in group.wordings:
            texts = [
                render(grammar, Question(meaning, fillers), Voice(wording, 1)) for meaning in range(group.meanings)
            ]
            assert len(set(texts)) == group.meanings, (group.name, texts)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no contrast templates for 'xx'"):
        contrast_pairs("xx", 2, seed=0)


def test_a_count_beyond_the_templates_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.contrast.generate._ATTEMPTS_PER_PAIR", 0)
    with pytest.raises(ValueError, match="only 0 of 2"):
        contrast_pairs("en", 4, seed=0)


def test_slots_are_named_once_with_their_digits() -> None:
    assert slot_keys("{city1} {city2.g} {city1.a} <{card}|x>") == ("card", "city1", "city2")


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("카드", "을/를", "카드를"),
        ("통장", "을/를", "통장을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("파이썬", "은/는", "파이썬은"),
        ("자바", "이/가", "자바가"),
        ("엑셀", "과/와", "엑셀과"),
        ("3", "이/가", "3이"),
        ("2", "이/가", "2가"),
        ("PDF", "을/를", "PDF를"),
        ("MySQL", "을/를", "MySQL을"),
        ("Git", "은/는", "Git은"),
        ("학생", "이에요/예요", "학생이에요"),
        ("온스", "이에요/예요", "온스예요"),
        ("친구", "이랑/랑", "친구랑"),
    ],
)
def test_a_korean_particle_fits_the_sound_before_it(word: str, particle: str, expected: str) -> None:
    assert with_particle(word, particle) == expected


def test_every_particle_in_a_sentence_is_settled() -> None:
    assert (
        settle_particles("서울은/는 부산보다 집이/가 커, 1으로/로 2을/를 나눠")
        == "서울은 부산보다 집이 커, 1로 2를 나눠"
    )


def test_spanish_and_portuguese_articles_join_the_preposition() -> None:
    assert contract("es", f"de {EDGE}el libro a {EDGE}el banco de {EDGE}la casa") == "del libro al banco de la casa"
    assert contract("pt", f"de {EDGE}os tomates em {EDGE}a mesa a {EDGE}a mãe") == "dos tomates na mesa à mãe"
    assert [article_form("pt", "as rosas", form) for form in ("bare", "un", "mi")] == [
        "rosas",
        "umas rosas",
        "minhas rosas",
    ]
