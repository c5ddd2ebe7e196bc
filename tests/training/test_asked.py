"""Pairs as they are asked in use: what their files may hold, and that nothing else knows them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from normalize import Normalizer
from training.asked import asked_pairs
from training.clusters import spoken
from training.evaluate_sets import shipped_pairs
from training.examples import Example, family_of, part_of
from training.families import read_families

_ROOT = Path(__file__).parents[2]


def test_a_line_is_a_pair(tmp_path: Path) -> None:
    (tmp_path / "pt_x.tsv").write_text("1\tOnde fica?\tonde é\tlugar\n0\tOnde fica?\tQuando?\tlugar\n", "utf-8")
    assert asked_pairs(tmp_path) == [
        Example("Onde fica?", "onde é", True, "asked_pt", "pt_x/lugar", "pt"),
        Example("Onde fica?", "Quando?", False, "asked_pt", "pt_x/lugar", "pt"),
    ]


@pytest.mark.parametrize("line", ["2\ta\tb\tc", "1\ta\tb", "1\ta\t \tc", "a\tb\tc\td", "1\ta\tb\tc\td", ""])
def test_what_is_no_pair_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "en_x.tsv").write_text(f"1\tWhere?\twhere is it\tplace\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=r"en_x.tsv, line 2: not 'label TAB"):
        asked_pairs(tmp_path)


def test_half_of_them_are_right_in_every_language() -> None:
    counts = Counter((one.language, one.same) for one in asked_pairs())
    assert {language for language, _ in counts} == {"en", "es", "ko", "pt", "ru"}
    for language in ("en", "es", "ko", "pt", "ru"):
        right, wrong = counts[language, True], counts[language, False]
        assert right >= 60
        assert abs(right - wrong) <= 0.2 * (right + wrong)


def test_seven_tenths_of_the_topics_fit_and_none_is_learned_from() -> None:
    parts = Counter(part_of(one.source, one.group) for one in asked_pairs())
    assert set(parts) == {"fit", "test"}
    assert parts["fit"] / parts.total() == pytest.approx(0.7, abs=0.05)
    assert {family_of(one.source) for one in asked_pairs()} == {"asked"}


def test_no_question_is_among_those_that_are_learned_from_or_measured_elsewhere() -> None:
    elsewhere = {spoken(text) for family in read_families() for meaning in family.meanings for text in meaning}
    elsewhere |= {spoken(text) for one in shipped_pairs(_ROOT) for text in (one.one, one.other)}
    assert not {text for one in asked_pairs() for text in (one.one, one.other) if spoken(text) in elsewhere}


def test_no_two_questions_that_want_different_answers_share_a_key() -> None:
    normalize = Normalizer()
    assert not [one for one in asked_pairs() if not one.same and normalize(one.one).key == normalize(one.other).key]
