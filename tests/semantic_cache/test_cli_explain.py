"""`samewise explain`: every rewriting leads to its lexicon line; two texts are told what joins them or keeps them apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normalize import Normalizer
from semantic_cache.cli.app import app
from semantic_cache.cli.explain import Comparison, Places, compare, explain_text
from semantic_cache.errors import QuestionError, SettingsError

ROOT = Path(__file__).parents[2]
LONG = "Hi! Could you please tell me what's the e-mail address?"


def explained(*arguments: str) -> str:
    run = CliRunner().invoke(app, ["explain", *arguments], env={"SAMEWISE_STORE": None})
    assert run.exit_code == 0, run.output
    return run.stdout


def compared(one: str, other: str) -> Comparison:
    normalizer, places = Normalizer(), Places()
    return compare(explain_text(one, normalizer, places), explain_text(other, normalizer, places))


@pytest.mark.parametrize(
    "text", [LONG, "와이파이 비번 알려줘", "Por favor, como faço para pagar?", "подскажите, как оплатить"]
)
def test_each_lexicon_rule_leads_to_the_line_that_holds_its_words(text: str) -> None:
    one = explain_text(text, Normalizer(), Places())
    found = 0
    for step, place in zip(one.question.steps, one.places, strict=True):
        if place:
            file, _, line = place.rpartition(":")
            words = step.rule.partition(": ")[2].rpartition(" → ")[0] or step.rule.partition(": ")[2]
            assert words in (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]
            found += 1
    assert found


def test_an_entry_of_a_file_of_yours_is_found_there(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("language: en\n\nsynonyms:\n  rent: [hire]\n  electronic mail: [e-mail]\n", "utf-8")
    one = explain_text("can I hire an e-mail", Normalizer([mine]), Places([mine]))
    assert one.places[:2] == (f"{mine}:4", f"{mine}:5")


def test_rules_in_code_have_no_line() -> None:
    assert Places().of("text.clean") == ""
    assert Places().of("en.comma") == ""
    assert Places().of("en.synonym: no such entry → nothing") == ""


def test_text_language_key_hash_facts_and_steps_are_shown() -> None:
    shown = explained("How do I enable 3 alarms, please?")
    question = Normalizer()("How do I enable 3 alarms, please?")
    for expected in (question.text, "language    en", question.key, question.key_hash, "numbers     3", "enable"):
        assert expected in shown
    assert "en.filler: please" in shown
    assert "normalize/lexicons/en.yaml:" in shown


def test_a_text_that_no_rule_touches_says_so() -> None:
    assert "No rule rewrote it." in explained("zebra")


def test_two_texts_with_one_key_name_the_rules_of_one_only() -> None:
    found = compared("please, the e-mail address", "the email address please")
    assert found.same
    assert [step.rule for step, _ in found.rules] == ["en.synonym: e-mail address → email address"]
    assert "One key" in explained("please, the e-mail address", "the email address please")


def test_two_texts_that_differ_in_case_only_need_no_rule() -> None:
    assert compared("Where is Rome", "where is ROME?").rules == ()
    assert "No rule was needed" in explained("Where is Rome", "where is ROME?")


def test_two_texts_with_two_keys_name_the_first_difference_and_the_facts() -> None:
    assert compared("enable 3 alarms now", "enable 4 alarms now").difference == (
        "the keys differ from word 2 on: '3', '4'; so do these facts: numbers"
    )
    assert "'nothing'" in compared("enable alarms", "enable").difference
    assert compared("where is the car", "где машина").difference == "the languages differ: en, ru"


def test_json_holds_all_of_it() -> None:
    one = json.loads(explained(LONG, "--json"))
    assert (one["language"], one["key"]) == ("en", Normalizer()(LONG).key)
    assert {"rule", "before", "after", "where"} == set(one["steps"][0])
    two = json.loads(explained("enable 3 alarms", "enable 4 alarms", "--json"))
    assert two["same_key"] is False
    assert [question["facts"]["numbers"] for question in two["questions"]] == [["3"], ["4"]]


def test_bad_input_is_an_error() -> None:
    run = CliRunner().invoke(app, ["explain", "  "], env={"SAMEWISE_STORE": None})
    assert isinstance(run.exception, QuestionError)
    run = CliRunner().invoke(app, ["explain", "hello there", "--lexicon", "nowhere.yaml"], env={"SAMEWISE_STORE": None})
    assert isinstance(run.exception, SettingsError)


def test_with_a_store_what_it_decides_is_shown_too(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'faq.db'}"
    assert "decision   miss" in explained("where is the pool", "--store", store)
    one = json.loads(explained("where is the pool", "--store", store, "--json"))
    assert one["decisions"][0]["hit"] is False


def test_without_a_store_no_model_library_is_loaded_and_no_store_is_made(tmp_path: Path) -> None:
    script = (
        "import sys; from semantic_cache.cli.app import app; app(['explain', 'where is it'], standalone_mode=False);"
        "print([name for name in ('torch', 'transformers', 'kvcache', 'scipy') if name in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "SAMEWISE_STORE"}
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False,
        env={**environment, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}, cwd=ROOT,
    )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "[]", result.stdout + result.stderr
    assert list(tmp_path.iterdir()) == []
