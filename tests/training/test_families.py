"""Families of close questions: what their files may hold, and which pairs they give."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from training.clusters import spoken
from training.examples import part_of
from training.families import Family, family_pairs, read_families

_FAMILY = Family("en_x/lamp", "en", (("turn on the lamp", "lamp on"), ("turn off the lamp", "lamp off", "darken it")))


def _written(folder: Path, text: str) -> Path:
    (folder / "en_x.txt").write_text(text, "utf-8")
    return folder


def test_a_family_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = "## lamp\n1 turn on the lamp\n1 lamp on\n2 turn off the lamp\n2 lamp off\n\n2 darken it\n"
    assert read_families(_written(tmp_path, text)) == [_FAMILY]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("## lamp\nturn on the lamp\n", "line 2: 'turn on the lamp' is neither"),
        ("## lamp\n1 on\n## lamp\n1 off\n", "line 3: the topic 'en_x/lamp' is there already"),
        ("1 on\n## lamp\n1 off\n", "line 1: '1 on' is neither"),
        ("## lamp\n1 on\n1 on\n2 off\n", "line 3: 'on' is there already"),
        ("## lamp\n1 on\n2 off\n2 on\n", "line 4: 'on' is there already"),
    ],
)
def test_what_is_no_family_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_families(_written(tmp_path, text))


def test_wordings_of_one_meaning_are_the_same_and_those_of_two_are_not() -> None:
    pairs = list(family_pairs([_FAMILY], 10.0, random.Random(0)))
    meaning = {text: place for place, wordings in enumerate(_FAMILY.meanings) for text in wordings}
    assert all(one.same == (meaning[one.one] == meaning[one.other]) for one in pairs)
    assert [sum(one.same for one in pairs), sum(not one.same for one in pairs)] == [4, 6]  # all there are
    assert {(one.source, one.group, one.language) for one in pairs} == {("families_en", "en_x/lamp", "en")}


def test_as_many_differing_pairs_are_taken_as_are_asked_for() -> None:
    pairs = list(family_pairs([_FAMILY], 1.0, random.Random(0)))
    assert [sum(one.same for one in pairs), sum(not one.same for one in pairs)] == [4, 4]


def test_those_that_ship_have_several_meanings_each_and_no_question_stands_in_two_topics() -> None:
    families = read_families()
    assert {one.language for one in families} == {"en", "ko", "es", "pt", "ru"}
    assert all(len(one.meanings) > 1 for one in families)
    topics: dict[str, str] = {}
    for family in families:
        for text in (text for wordings in family.meanings for text in wordings if len(spoken(text)) > 3):
            assert topics.setdefault(spoken(text), family.topic) == family.topic


def test_a_topic_is_wholly_in_one_part_and_most_are_learned_from() -> None:
    parts = [part_of(f"families_{one.language}", one.topic) for one in read_families()]
    assert 0.75 < parts.count("train") / len(parts) < 0.85
    assert min(parts.count("fit"), parts.count("test")) / len(parts) > 0.07
