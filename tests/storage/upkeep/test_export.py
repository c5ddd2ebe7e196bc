"""What is exported is everything that people would miss, as of one moment, and comes back the same."""

from __future__ import annotations

import base64
import gzip
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from exports import lines_of
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import select, update

from storage import CorruptError, DocumentRef, Feedback, Lifetime, Store, StoreValueError, ToolCall, UnwritableError
from storage.tables import aliases, blocked, calibrations, entries, feedback
from storage.upkeep.exporting import ExportReport


def _judge(store: Store, entry_id: int, question: str, effect: str, **values: object) -> None:
    judged = Feedback(
        tenant="t", scope="s", entry_id=entry_id, exact_hash=exact_hash(question), key_hash=key_hash(question),
        correct=effect == "alias", source="user", question=question, **values,  # type: ignore[arg-type]
    )  # fmt: skip
    store.feedback.record(judged, effect)  # type: ignore[arg-type]


def fill(store: Store) -> None:
    """One of everything, for two tenants."""
    one = store.add(
        new(
            "a", vector=1, lifetime=Lifetime(1e10, sliding=True), documents=(DocumentRef("faq.md", "d1"),), bot="b",
            tool_calls=(ToolCall("1", "call", '{"x": 1}'),), generation_ms=12.5, origin="generated",
        )
    )  # fmt: skip
    store.add(new("b", vector=None))
    other = store.add(new("a", scope="other", tenant="other", vector=2))
    for entry, question in ((one, "x"), (other, "x")):
        scope, tenant = entry.scope, entry.tenant
        for asked, effect in ((question, "alias"), (f"not {question}", "block")):
            judged = Feedback(
                tenant=tenant, scope=scope, entry_id=entry.id, exact_hash=exact_hash(asked), key_hash=key_hash(asked),
                correct=effect == "alias", source="user", question=asked, similarity=0.5, note="월요일",
            )  # fmt: skip
            store.feedback.record(judged, effect)  # type: ignore[arg-type]
    store.calibrations.save("cuts", '{"cut": 0.9}', "first")
    store.calibrations.save("cuts", None)
    for _ in range(3):
        store.touch(one.id)


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that is exported, without the numbers that a store gives itself; entries by their words."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with store._database.read() as connection:
        named = {row.id: (row.scope, row.exact_hash) for row in connection.execute(select(entries))}
        for table in (entries, aliases, blocked, feedback, calibrations):
            columns = [column for column in table.c if column.name not in ("id", "revision", "added")]
            rows = [row._asdict() for row in connection.execute(select(*columns))]
            found[table.name] = sorted(
                tuple(str(named.get(value, "gone") if name == "entry_id" else value) for name, value in row.items())
                for row in rows
            )
    return found


def test_a_file_is_a_header_and_a_line_for_each_row(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "all.jsonl"
    report = store.upkeep.export(path)
    assert report == ExportReport(3, 2, 2, 4, 2, path.stat().st_size)
    header, *lines = lines_of(path)
    counts = {"entry": 3, "alias": 2, "blocked": 2, "feedback": 4, "calibration": 2}
    assert header == {
        "kind": "header", "format": "samewise", "version": 1, "schema_version": 4, "at": 1000.0, "tenant": None,
        "counts": counts,
    }  # fmt: skip
    assert {kind: sum(line["kind"] == kind for line in lines) for kind in counts} == counts
    first = lines[0]
    assert (first["question"], first["tags"], first["facts"]) == ("a", ["a", "b"], {"numbers": ["3 day"]})
    assert (first["tool_calls"], first["documents"]) == ([["1", "call", '{"x": 1}']], [["faq.md", "d1"]])
    assert np.array_equal(np.frombuffer(base64.b64decode(first["vector"]), "<f4"), unit(1))
    assert first["hits"] == 3


def test_of_one_tenant_no_row_of_another_is_written_and_no_calibration(store: Store, tmp_path: Path) -> None:
    fill(store)
    report = store.upkeep.export(tmp_path / "other.jsonl", tenant="other")
    assert (report.entries, report.aliases, report.blocked, report.feedback, report.calibrations) == (1, 1, 1, 2, 0)
    _, *lines = lines_of(tmp_path / "other.jsonl")
    assert {line.get("tenant", "other") for line in lines} == {"other"}
    mine = {line["id"] for line in lines if line["kind"] == "entry"}
    assert {line["entry_id"] for line in lines if line["kind"] != "entry"} == mine
    assert store.upkeep.export(tmp_path / "nobody.jsonl", tenant="nobody").entries == 0


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz"])
def test_what_comes_back_is_the_same_store(store: Store, tmp_path: Path, name: str) -> None:
    fill(store)
    store.upkeep.export(tmp_path / name)
    with Store.open(f"sqlite:///{tmp_path}/new.db") as copy:
        report = copy.upkeep.import_(tmp_path / name)
        assert (report.added, report.replaced, report.kept, report.already) == (3, 0, 0, 0)
        assert (report.aliases, report.blocked, report.feedback, report.calibrations) == (2, 2, 4, 2)
        assert contents(copy) == contents(store)
        assert copy.check() == ()
        # All that is made from the rows is there, too.
        assert copy.nearest("s", unit(1), 1, "e")[0].entry.question == "a"
        assert [one.entry.question for one in copy.lexical("s", ("a",), unit(1), 1, "e")] == ["a"]
        found = copy.feedback.by_alias(("s", "-"), key_hash("x"))
        assert found is not None
        assert found.answer == "An answer."


def test_a_name_that_ends_with_gz_is_compressed(store: Store, tmp_path: Path) -> None:
    store.add_many([new(f"question {number}", vector=None) for number in range(200)])
    plain = store.upkeep.export(tmp_path / "a.jsonl").bytes
    packed = store.upkeep.export(tmp_path / "a.jsonl.gz").bytes
    assert packed < plain / 4
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == (tmp_path / "a.jsonl").read_bytes()


def test_many_are_read_in_batches_and_all_of_them(store: Store, tmp_path: Path) -> None:
    store.add_many([new(f"question {number}", vector=number) for number in range(1203)])
    assert store.upkeep.export(tmp_path / "a.jsonl").entries == 1203
    with Store.open("sqlite://") as copy:
        assert copy.upkeep.import_(tmp_path / "a.jsonl").added == 1203
        assert contents(copy) == contents(store)


def test_what_is_written_while_it_runs_is_in_it_whole_or_not_at_all(shared_store: Store, tmp_path: Path) -> None:
    store, stop, started = shared_store, threading.Event(), threading.Event()
    store.add_many([new(f"before {number}", vector=number) for number in range(700)])

    def write() -> None:
        for number in range(10_000):
            store.add_many([new(f"{word} {number}", vector=number) for word in ("left", "right")])
            started.set()
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert started.wait(30)
        reports = [store.upkeep.export(tmp_path / f"{number}.jsonl") for number in range(4)]
    finally:
        stop.set()
        writer.join()
    for number, report in enumerate(reports):
        header, *lines = lines_of(tmp_path / f"{number}.jsonl")
        assert header["counts"]["entry"] == report.entries == len(lines)
        words = [line["question"] for line in lines]
        assert words[:700] == [f"before {number}" for number in range(700)]
        assert len(words) % 2 == 0
        assert sum(word.startswith("left") for word in words) == sum(word.startswith("right") for word in words)


@pytest.mark.parametrize("name", ["there.jsonl", "nowhere/a.jsonl"])
def test_a_file_that_is_there_and_a_folder_that_is_not_are_left(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.jsonl").write_text("mine")
    with pytest.raises(StoreValueError if name == "there.jsonl" else UnwritableError, match=name):
        store.upkeep.export(tmp_path / name)
    assert (tmp_path / "there.jsonl").read_text() == "mine"
    assert not [one for one in tmp_path.iterdir() if one.suffix not in (".db", ".jsonl", ".db-wal", ".db-shm")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"facts": "{"}, "entry 1 cannot be exported"),
        ({"vector": bytes(64)}, "length 0"),
        ({"created": 1e999}, "created"),
    ],
)
def test_an_entry_that_could_not_be_imported_is_named_and_no_file_left(
    store: Store, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    store.add(new("a"))
    with store._database.write() as connection:
        connection.execute(update(entries).values(change))
    with pytest.raises(CorruptError, match=words) as raised:
        store.upkeep.export(tmp_path / "a.jsonl")
    assert "repair" in str(raised.value)
    assert not (tmp_path / "a.jsonl").exists()


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_number = st.floats(0, 1e12)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(_text, _text, _text, st.dictionaries(_text, st.lists(_text, max_size=2), max_size=2),
                  st.frozensets(_text, max_size=2), st.lists(st.tuples(_text, _text), max_size=2), _number,
                  st.one_of(st.none(), st.integers(0, 99))),
        max_size=4, unique_by=lambda one: one[0],
    )
)  # fmt: skip
def test_any_text_comes_back_as_it_was(given_rows: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder, Store.open("sqlite://") as store, Store.open("sqlite://") as copy:
        for question, answer, note, facts, tags, documents, milliseconds, vector in given_rows:
            entry = store.add(
                new(
                    question, answer, vector=vector, tags=tags, generation_ms=milliseconds,
                    facts={name: tuple(items) for name, items in facts.items()},
                    documents=tuple(DocumentRef(*one) for one in documents),
                    tool_calls=(ToolCall(note, question, answer),) if note else (),
                )
            )  # fmt: skip
            _judge(store, entry.id, note, "alias", note=note)
            store.calibrations.save("cuts", answer, note)
        path = Path(folder) / "a.jsonl"
        store.upkeep.export(path)
        copy.upkeep.import_(path)
        assert contents(copy) == contents(store)
        assert copy.check() == ()
        again = Path(folder) / "b.jsonl"
        copy.upkeep.export(again)
        assert lines_of(again)[1:] == lines_of(path)[1:]
