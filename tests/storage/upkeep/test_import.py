"""An import takes all of a file or nothing, and of two answers to one question the later one."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exports import Lines, judge, lines_of, write_lines
from rows import exact_hash, key_hash, new
from sqlalchemy import func, select

from storage import (
    Store,
    StoreConfig,
    StoreFullError,
    StoreValueError,
)
from storage.config import SizeBudget
from storage.tables import feedback
from storage.upkeep.importing import ImportedReport

Change = Callable[[Lines], object]


@pytest.fixture
def memory() -> Iterator[Store]:
    """Where a file is refused before a store is asked, one kind of store is enough."""
    with Store.open("sqlite://") as opened:
        yield opened


def _feedback_count(store: Store) -> int:
    with store._database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(feedback)).scalar_one())


def test_importing_twice_changes_nothing(store: Store, exported: Path) -> None:
    assert store.upkeep.import_(exported) == ImportedReport(2, 0, 0, 1, 1, 2, 1, 0)
    revision, before = store._database.revision(), [store.get(number) for number in (1, 2)]
    assert store.upkeep.import_(exported) == ImportedReport(0, 0, 2, 0, 0, 0, 0, 5)
    assert [store.get(number) for number in (1, 2)] == before
    assert store._database.revision() == revision
    assert _feedback_count(store) == 2
    assert store.check() == ()


class TestBudgets:
    def test_where_the_store_is_too_full_then_the_least_valuable_go(self, shared_url: str, exported: Path) -> None:
        config = StoreConfig(tenant_budget=SizeBudget(max_entries=3))
        with Store.open(shared_url, config, lambda: 200.0) as store:
            store.add_many([new(f"here {number}", origin="generated") for number in range(3)])
            assert store.upkeep.import_(exported).added == 2
            assert store.count() == 3
            # What people wrote stays.
            assert store.exact("s", exact_hash("a")) is not None
            assert store.exact("s", exact_hash("b")) is not None
            assert store.check() == ()

    def test_more_of_what_people_wrote_than_there_is_room_for_is_refused_whole(
        self, shared_url: str, exported: Path
    ) -> None:
        with Store.open(shared_url, StoreConfig(budget=SizeBudget(max_entries=2)), lambda: 200.0) as store:
            store.add(new("here"))
            with pytest.raises(StoreFullError):
                store.upkeep.import_(exported)
            assert store.count() == 1
            assert store.feedback.recent(1) == ()


def test_more_lines_than_a_batch_all_come(store: Store, tmp_path: Path) -> None:
    with Store.open("sqlite://") as other:
        other.add_many([new(f"q{number}", vector=number) for number in range(1100)])
        for number in (1, 700, 1100):
            entry = other.get(number)
            assert entry is not None
            judge(other, entry, f"x{number}", "alias")
        other.upkeep.export(tmp_path / "a.jsonl")
    assert store.upkeep.import_(tmp_path / "a.jsonl").added == 1100
    for number in (1, 700, 1100):
        entry = store.feedback.by_alias(("s", "-"), key_hash(f"x{number}"))
        assert entry is not None
        assert entry.question == f"q{number - 1}"
    assert store.check() == ()


def _entry(**values: object) -> Change:
    return lambda lines: lines[1].update(values)


def _of(kind: str, **values: object) -> Change:
    return lambda lines: next(line for line in lines if line["kind"] == kind).update(values)


def _first(**values: object) -> Change:
    return lambda lines: lines[0].update(values)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_first(version=2), "line 1: version: this version of Samewise reads 1, and it is 2"),
        (_first(version="1"), "version: this version of Samewise reads 1, and it is '1'"),
        (_first(format="other"), "line 1: it is no header"),
        (_first(schema_version=99), "line 1: schema_version: up to 4 is known, and it is 99"),
        (_first(counts={"entry": 3}), "line 1: counts.entry: it says 3, and there are 2"),
        (_first(counts={"entries": 3}), "line 1: counts.entries"),
        (_first(colour="red"), "line 1: colour: Extra"),
        (lambda lines: lines.pop(), "line 1: counts.calibration: it says 1, and there are 0"),
        (lambda lines: lines.pop(0), "line 1: it is no header"),
        (_entry(hits="5"), "line 2: hits: .*, and is '5'"),
        (_entry(hits=-1), "line 2: hits: .*, and is -1"),
        (_entry(hits=2**63), "line 2: hits: .*, and is 9223372036854775808"),
        (_entry(prompt_tokens=2**31), "line 2: prompt_tokens: "),
        (_entry(created=float("nan")), "line 2: created: "),
        (_entry(created=True), "line 2: created: "),
        (_entry(origin="found"), "line 2: origin: .*, and is 'found'"),
        (_entry(question="\ud800"), "line 2"),
        (_entry(question=None), "line 2: question: .*, and is None"),
        (_entry(facts={"numbers": [3]}), "line 2: facts.numbers.0: .*, and is 3"),
        (_entry(tags="a"), "line 2: tags: .*, and is 'a'"),
        (_entry(documents=[["a"]]), "line 2: documents.0"),
        (_entry(vector="***"), "line 2: vector: .*no base64"),
        (_entry(vector=base64.b64encode(bytes(64)).decode()), "line 2: vector: .*length 0.0"),
        (_entry(vector=base64.b64encode(bytes(3)).decode()), "line 2: vector: .*3 bytes"),
        (_entry(vector=None), "line 2: .*vector and embedder go together"),
        (_entry(ttl_seconds=None), "line 2: .*expires and ttl_seconds go together"),
        (_entry(ttl_seconds=0), "line 2: ttl_seconds: .*, and is 0"),
        (_entry(revision=7), "line 2: revision: Extra"),
        (lambda lines: lines[1].pop("answer"), "line 2: answer: Field required"),
        (_entry(kind="thing"), "line 2: .*'thing'"),
        (_of("alias", entry_id=9), "line 3: entry_id: 9 is the id of no entry above"),
        (_of("blocked", created="now"), "line 4: created: .*, and is 'now'"),
        (_of("feedback", source="rumour"), "line 6: source: .*, and is 'rumour'"),
        (_of("calibration", name=""), "line 8: name: "),
        (lambda lines: lines[4].update(id=1), "line 5: id: 1 is that of an entry above"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_nothing_is_taken(
    memory: Store, exported: Path, change: Change, words: str
) -> None:
    store = memory
    # Entries first, so that the numbers of the lines are known.
    lines = lines_of(exported)
    lines = [lines[0], lines[1], *(line for line in lines[2:] if line["kind"] in ("alias", "blocked")),
             *(line for line in lines[2:] if line["kind"] not in ("alias", "blocked"))]  # fmt: skip
    change(lines)
    write_lines(exported, lines)
    with pytest.raises(StoreValueError, match=words) as raised:
        store.upkeep.import_(exported)
    assert str(exported) in str(raised.value)
    assert "Nothing was imported" in str(raised.value)
    assert store.count() == 0
    assert store.feedback.recent(1) == ()
    assert store.calibrations.current("cuts") is None
    store.add(new("later"))


@pytest.mark.parametrize("question", ["a", "words that are not in the file"])
def test_the_scope_of_another_tenant_is_refused(store: Store, exported: Path, question: str) -> None:
    store.add(new(question, tenant="other"))
    with pytest.raises(StoreValueError, match="line 2: tenant: the scope is of 'other', and it is 't'"):
        store.upkeep.import_(exported)
    assert store.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: it is no header"),
        (b"\xff\xfe", "cannot be read"),
        (b"[1]\n", "line 1: it is no header"),
        (b"[" * 100_000, "line 1: it is no header"),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-12], "cannot be read"),
        (b"\x1f\x8bnot really", "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(memory: Store, tmp_path: Path, data: bytes, words: str) -> None:
    store = memory
    (tmp_path / "a.jsonl").write_bytes(data)
    with pytest.raises(StoreValueError, match=words):
        store.upkeep.import_(tmp_path / "a.jsonl")
    with pytest.raises(StoreValueError, match=r"nothing\.jsonl cannot be read"):
        store.upkeep.import_(tmp_path / "nothing.jsonl")


def test_a_compressed_file_that_was_cut_off_gives_nothing(store: Store, tmp_path: Path) -> None:
    with Store.open("sqlite://") as other:
        other.add_many([new(f"q{number}", vector=number) for number in range(900)])
        other.upkeep.export(tmp_path / "a.jsonl.gz")
    data = (tmp_path / "a.jsonl.gz").read_bytes()
    (tmp_path / "a.jsonl.gz").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(StoreValueError, match="cannot be read"):
        store.upkeep.import_(tmp_path / "a.jsonl.gz")
    assert store.count() == 0
    assert store.check() == ()
