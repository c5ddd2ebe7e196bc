"""Files of questions and answers: three forms, read whole or refused with the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import MakeBench

from semantic_cache.errors import ImportFileError
from semantic_cache.faq_file import read_faq

_ROWS: list[tuple[str, str, set[str]]] = [
    ("Where is the pool?", "On the roof.", {"house"}),
    ("수영장은 어디예요?", "옥상에, 9층이에요.", set()),
]


def _write(folder: Path, ending: str) -> Path:
    path = folder / f"faq{ending}"
    if ending == ".jsonl":
        lines = [json.dumps({"question": q, "answer": a, "tags": sorted(t)}, ensure_ascii=False) for q, a, t in _ROWS]
    else:
        mark = "," if ending == ".csv" else "\t"
        lines = [f"question{mark}answer{mark}tags"]
        lines += [f'"{q}"{mark}"{a}"{mark}{";".join(t)}' for q, a, t in _ROWS]
    path.write_text("\ufeff" + "\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl"])
def test_each_form_gives_the_same_rows(tmp_path: Path, ending: str) -> None:
    rows = read_faq(_write(tmp_path, ending))
    assert [(row.question, row.answer, set(row.tags)) for row in rows] == _ROWS


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl"])
def test_an_import_answers_afterwards_and_can_be_repeated(make_bench: MakeBench, tmp_path: Path, ending: str) -> None:
    bench, path = make_bench(), _write(tmp_path, ending)
    report = bench.cache.import_faq(path, tags={"imported"})
    assert (report.added, report.replaced) == (2, 0)
    report = bench.cache.import_faq(path, tags={"imported"})
    assert (report.added, report.replaced) == (0, 2)
    verdict = bench.cache.lookup("수영장은 어디예요?")
    assert verdict.hit
    assert (verdict.entry.answer, set(verdict.entry.tags)) == ("옥상에, 9층이에요.", {"imported"})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("faq.xlsx", "question,answer\n", "not one of .csv, .tsv, .jsonl"),
        ("faq.csv", "question,reply\na?,b\n", "needs 'question' and 'answer'"),
        ("faq.csv", "question,answer,colour\na?,b,c\n", "colour"),
        ("faq.csv", "question,answer\na?\n", "line 2: no answer"),
        ("faq.csv", "question,answer\na?,b,c\n", "line 2: more values"),
        ("faq.csv", "question,answer\n ,b\n", "line 2: no question"),
        ("faq.csv", "question,answer\n", "no questions"),
        ("faq.csv", "", "needs 'question'"),
        ("faq.csv", 'question,answer\n"a?,b\n', "cannot be read|not a table"),
        ("faq.jsonl", '{"question": "a?", "answer": "b"}\n{oops\n', "line 2: not JSON"),
        ("faq.jsonl", '["a?", "b"]\n', "line 1: write an object"),
        ("faq.jsonl", '{"question": "a?", "answer": 3}\n', "line 1: no answer"),
        ("faq.jsonl", '{"question": "a?", "answer": "b", "tags": 3}\n', "tags=3"),
        ("faq.csv", "question,answer\na?,b\n???,c\n", "line 3"),
        ("faq.csv", "question,answer\nWhere is it?,here\nwhere is it,there\n", "line 3.*same question as line 2"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_whole(
    make_bench: MakeBench, tmp_path: Path, name: str, content: str, said: str
) -> None:
    bench = make_bench()
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(ImportFileError, match=said):
        bench.cache.import_faq(path)
    assert bench.cache.stats().entries == 0


def test_a_file_in_another_encoding_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    with pytest.raises(ImportFileError, match="cannot be read"):
        read_faq(path)
    path.write_bytes("question,answer\nwo?,über\n".encode("latin-1"))
    with pytest.raises(ImportFileError, match="not UTF-8"):
        read_faq(path)
