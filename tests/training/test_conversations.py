"""Conversations that are learned from: what their files may hold, and that none is measured on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from normalize import Message
from training.clusters import spoken
from training.conversations import NextTurn, read_conversations

_MEASURED = Path(__file__).parents[2] / "bench" / "conversations.jsonl"
_SHORT = 6  # `why?` and `shorter` are everybody's


def _written(folder: Path, text: str) -> Path:
    (folder / "en_x.txt").write_text(text, "utf-8")
    return folder


def test_a_block_gives_each_next_turn_with_all_that_was_said_before(tmp_path: Path) -> None:
    text = "## oslo\nc: I live in Oslo.\na: Nice!\nu: hi\nS Who wrote Faust?\nC When is it dark?\n## two\ni: In French.\nF why\n"
    said = (Message("user", "I live in Oslo."), Message("assistant", "Nice!"), Message("user", "hi"))
    assert read_conversations(_written(tmp_path, text)) == [
        NextTurn(said, (True, False), "Who wrote Faust?", "S", "en_x/oslo", "en"),
        NextTurn(said, (True, False), "When is it dark?", "C", "en_x/oslo", "en"),
        NextTurn((Message("user", "In French."),), (True,), "why", "F", "en_x/two", "en"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u: hi\nS Who?\n", "line 1: 'u: hi' is no"),
        ("## a\nS Who?\n", "line 2: 'S Who\\?' is no"),
        ("## a\na: Welcome!\nS Who?\n", "line 3: 'S Who\\?' is no"),
        ("## a\nu: hi\nX Who?\n", "line 3: 'X Who\\?' is no"),
        ("## a\nu: hi\nS Who?\nu: and then\n", "line 4: 'u: and then' is no"),
        ("## a\nu: hi\nS Who?\n## a\nu: hi\n", "line 4: the block 'a' is there already"),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_conversations(_written(tmp_path, text))


def test_those_that_are_learned_from_hold_every_kind_in_five_languages() -> None:
    kinds = Counter((one.language, one.kind) for one in read_conversations())
    assert {language for language, _ in kinds} == {"en", "ko", "es", "pt", "ru"}
    assert all(kinds[language, kind] >= 40 for language in ("en", "ko", "es", "pt", "ru") for kind in "SFTC")


def test_nothing_that_is_measured_is_learned() -> None:
    cases = [json.loads(line) for line in _MEASURED.read_text("utf-8").splitlines()]
    measured = {spoken(case[side]["question"]) for case in cases for side in ("stored", "asked")}
    learned = {spoken(one.text) for one in read_conversations()}
    assert not {text for text in measured & learned if len(text) > _SHORT}
