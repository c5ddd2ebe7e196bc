"""The conversations that are measured: whole, balanced, and labelled in a way that can be read."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from conversations import KINDS

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "bench" / "conversations.jsonl").read_text("utf-8").splitlines()
]
_SAME, _DIFFERENT = set("bcd"), set("aefhij")


def test_every_case_has_two_conversations_in_turns() -> None:
    assert len({case["id"] for case in _CASES}) == len(_CASES) > 250
    for case in _CASES:
        for side in (case["stored"], case["asked"]):
            roles = [turn["role"] for turn in side["history"]]
            assert roles == ["user", "assistant"] * (len(roles) // 2)
            assert all(text.strip() for text in (side["question"], *(turn["content"] for turn in side["history"])))
        assert case["stored"]["history"] or case["asked"]["history"]


def test_a_kind_says_what_is_right_but_for_corrections() -> None:
    for case in _CASES:
        assert case["kind"] in KINDS
        assert case["same"] or case["kind"] not in _SAME
        assert not (case["same"] and case["kind"] in _DIFFERENT)


def test_five_languages_and_every_kind_are_there_often_enough() -> None:
    languages, kinds = (Counter(case[name] for case in _CASES) for name in ("lang", "kind"))
    assert {"en", "ko", "es", "pt", "ru"} == set(languages)
    assert min(languages.values()) >= 30
    assert min(kinds[kind] for kind in KINDS) >= 25
