"""`samewise lexicon`: what is printed, what is written, and what bad input is told."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from normalize import Normalizer
from normalize.lexicon_file import read
from semantic_cache.cli.app import app
from semantic_cache.cli.lexicon import SuggestOptions, accepted_numbers, read_judged, run_check, run_suggest
from semantic_cache.errors import SamewiseError, SettingsError
from semantic_cache.tuning import SHIPPED_PAIRS, LabelledPair, PairsFileError

FRAMES = ("how do I {} the car", "can I {} it by phone", "where do I {} my coat", "who may {} the shoes")
ROWS = [{"q1": frame.format("zorble"), "q2": frame.format("gribble"), "same": True} for frame in FRAMES]
ROWS += [{"q1": frame.format("zorble"), "q2": frame.format("wibbly zorble"), "same": True} for frame in FRAMES]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(tmp_path, *ROWS)


def written(folder: Path, *rows: object, name: str = "log.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(row + "\n" if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def suggested(pairs: Path, options: SuggestOptions | None = None) -> str:
    console = Console(file=io.StringIO(), width=200)
    run_suggest(pairs, options or SuggestOptions(), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def checked(file: Path, pairs: Path | None = None) -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=200)
    good = run_check(file, pairs, (), console)
    assert isinstance(console.file, io.StringIO)
    return good, console.file.getvalue()


def test_suggestions_are_shown_with_their_counts_and_nothing_is_written(log: Path) -> None:
    before = sorted(log.parent.iterdir())
    shown = suggested(log)
    assert "en.synonyms: gribble → zorble" in shown
    assert "en.fillers: wibbly" in shown
    assert "how do I zorble the car | how do I gribble the car" in shown
    assert sorted(log.parent.iterdir()) == before


def test_the_file_holds_comments_only_until_a_number_is_accepted(log: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    assert "0 accepted, 2 as comments" in suggested(log, SuggestOptions(mine))
    assert Normalizer([mine])("can I gribble it").key == Normalizer()("can I gribble it").key
    assert "# 1: 4 pairs for, 0 against; e.g. " in mine.read_text("utf-8")
    suggested(log, SuggestOptions(mine, frozenset({1, 2})))
    assert (
        len(
            {Normalizer([mine])(text).key for text in ("can I gribble it", "can I zorble it", "can I wibbly zorble it")}
        )
        == 1
    )


def test_one_accepted_number_leaves_the_others_as_comments(log: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    suggested(log, SuggestOptions(mine, frozenset({1})))
    content = read(mine)
    assert sum(map(len, content.lists.values())) + sum(map(len, content.tables.values())) == 1


def test_a_file_with_accepted_lines_is_not_overwritten_unasked(log: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    suggested(log, SuggestOptions(mine, frozenset({1})))
    with pytest.raises(SettingsError, match="--overwrite"):
        suggested(log, SuggestOptions(mine))
    suggested(log, SuggestOptions(mine, overwrite=True))
    assert read(mine).tables == {}


def test_a_file_that_is_no_lexicon_is_not_overwritten(log: Path, tmp_path: Path) -> None:
    mine = written(tmp_path, "dear diary", name="mine.yaml")
    with pytest.raises(SettingsError, match="--overwrite"):
        suggested(log, SuggestOptions(mine))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (SuggestOptions(accept=frozenset({1})), "--output"),
        (SuggestOptions(Path("never.yaml"), frozenset({9})), "--accept 9: there is no such suggestion"),
        (SuggestOptions(Path("/no/such/folder/my.yaml")), "cannot be written"),
        (SuggestOptions(Path("never.yaml"), language="ko"), "there are none"),
        (SuggestOptions(lexicons=(Path("nowhere.yaml"),)), "nowhere.yaml"),
    ],
)
def test_options_that_cannot_be_followed_are_errors(
    log: Path, options: SuggestOptions, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(log.parent)
    with pytest.raises(SettingsError, match=said):
        suggested(log, options)
    assert not Path("never.yaml").exists()


def test_numbers_to_accept_are_read() -> None:
    assert accepted_numbers("1, 3,") == {1, 3}
    with pytest.raises(SettingsError, match="'x' is no number"):
        accepted_numbers("1,x")


def test_json_lines_and_the_tables_of_tune_are_read(tmp_path: Path) -> None:
    rows = [
        {"q1": "a b", "q2": "c d", "same": True, "language": "en"},
        "",
        {"question": "e", "other": "f", "same": False},
    ]
    assert read_judged(written(tmp_path, *rows)) == (
        LabelledPair("a b", "c d", True, "en", line=1),
        LabelledPair("e", "f", False, line=3),
    )
    assert len(read_judged(SHIPPED_PAIRS)) > 100


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nonsense", "line 2: not JSON"),
        ("[1]", "line 2: write an object"),
        ({"q1": "a", "same": True}, "line 2: no text in 'q2'"),
        ({"q1": "a", "q2": " ", "same": True}, "line 2: no text in 'q2'"),
        ({"q1": "a", "q2": 5, "same": True}, "line 2: no text in 'q2'"),
        ({"q1": "a", "q2": "b"}, "line 2: 'same' is None"),
        ({"q1": "a", "q2": "b", "same": "yes"}, "line 2: 'same' is 'yes'"),
        ({"q1": "a", "q2": "b", "same": True, "note": 1}, "line 2: 'note'"),
        ({"q1": "a", "q2": "b", "same": True, "language": 1}, "line 2: language"),
        ({"q1": "x", "q2": "y", "same": False}, "line 2: the same pair has the other label on line 1"),
    ],
)
def test_a_bad_line_is_named_with_its_file(row: object, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, {"q1": "y", "q2": "x", "same": True}, row)
    with pytest.raises(PairsFileError) as error:
        read_judged(path)
    assert str(error.value).startswith(f"{path}, {said}")


def test_files_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
    for name, said in (("none.jsonl", "cannot be read"), ("bytes.jsonl", "not UTF-8"), ("a.txt", "ending")):
        with pytest.raises(PairsFileError, match=said):
            read_judged(tmp_path / name)
    with pytest.raises(PairsFileError, match="holds no pair"):
        read_judged(written(tmp_path, ""))


def test_a_checked_file_says_what_it_holds_and_replaces(tmp_path: Path) -> None:
    mine = written(
        tmp_path, "language: en\nsynonyms:\n  electronic mail: [e-mail]\n  zorble: [gribble]", name="mine.yaml"
    )
    good, said = checked(mine)
    assert good
    assert "2 synonyms" in said
    assert "mine.yaml:3: e-mail → electronic mail replaces e-mail → email (en.yaml:" in said


def test_a_checked_file_names_the_pairs_that_it_would_join(tmp_path: Path) -> None:
    mine = written(tmp_path, "language: en\nsynonyms:\n  zorble: [gribble]", name="mine.yaml")
    good, said = checked(mine, written(tmp_path, *ROWS))
    assert good
    assert "4 pairs judged the same would share a key:" in said
    apart = written(tmp_path, {"q1": "may I zorble men", "q2": "may I gribble men", "same": False})
    good, said = checked(mine, apart)
    assert not good
    assert "1 pairs judged different would share a key:\n  may I zorble men | may I gribble men" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("synonyms: {a: [b]}", "mine.yaml:1: `language` is missing"),
        ("language: en\nsynonims: {a: [b]}", "mine.yaml:2: unknown section 'synonims'"),
        ("language: en\nsynonyms: {a: [b], b: [c]}", "mine.yaml:2: chain 'c' → 'b' → 'a'"),
        ("language: [", "no valid YAML"),
    ],
)
def test_a_file_that_is_no_lexicon_is_an_error_with_file_line_and_entry(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        checked(written(tmp_path, text, name="mine.yaml"))
    assert said in str(error.value)


def test_the_commands_are_there(log: Path, tmp_path: Path) -> None:
    mine = str(tmp_path / "mine.yaml")
    run = CliRunner().invoke(app, ["lexicon", "suggest", str(log), "--output", mine, "--accept", "1,2"])
    assert run.exit_code == 0, run.output
    assert CliRunner().invoke(app, ["lexicon", "check", mine, "--pairs", str(log)]).exit_code == 0
    apart = written(tmp_path, {"q1": "may I zorble men", "q2": "may I gribble men", "same": False}, name="apart.jsonl")
    assert CliRunner().invoke(app, ["lexicon", "check", mine, "--pairs", str(apart)]).exit_code == 1
    assert isinstance(CliRunner().invoke(app, ["lexicon", "suggest", "nowhere.jsonl"]).exception, SamewiseError)
