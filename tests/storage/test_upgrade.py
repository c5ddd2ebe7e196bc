"""A store of an older schema is brought up to date when it is opened, with every entry; a failure leaves it as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from old_stores import old_postgres_store, old_sqlite_store, take_steps
from rows import exact_hash, key_hash, new, unit
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from storage import Feedback, SchemaError, StorageError, Store
from storage.migrations import VERSION_TABLE
from storage.tables import SCHEMA_VERSION, metadata

_QUESTIONS = ("reset card", "refund", "계좌 해지")
_OPEN = """
import sys
from storage import Store
sys.stdin.readline()
with Store.open({url!r}) as store:
    print(store.count(), store.check())
"""


@dataclass(frozen=True)
class Old:
    """A database with a store of an older version."""

    url: str
    version: int

    def run(self, statement: str) -> list[Any]:
        """The rows of a statement, committed."""
        with _engine(self.url) as engine, engine.begin() as connection:
            result = connection.execute(text(statement))
            return list(result) if result.returns_rows else []

    def schema(self) -> int:
        """The version that the store says it has."""
        return int(self.run("SELECT value FROM samewise_meta WHERE name = 'schema'")[0][0])


class _engine:  # noqa: N801  (used like a function)
    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        driver = "postgresql+psycopg" if parsed.drivername == "postgresql" else parsed.drivername
        self._engine = create_engine(parsed.set(drivername=driver))

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()


@pytest.fixture(params=["sqlite-1", "sqlite-2", "postgres-1", "postgres-2"])
def old(request: pytest.FixtureRequest, path: Path) -> Iterator[Old]:
    """A store of version 1 or 2 with three entries."""
    kind, _, version = request.param.partition("-")
    if kind == "sqlite":
        old_sqlite_store(path, int(version), _QUESTIONS)
        yield Old(f"sqlite:///{path}", int(version))
    else:
        url = request.getfixturevalue("empty_postgres_url")
        old_postgres_store(url, int(version), _QUESTIONS)
        yield Old(url, int(version))


@pytest.fixture(params=["sqlite-file", "postgres"])
def empty_url(request: pytest.FixtureRequest, path: Path) -> str:
    """A place without a store."""
    if request.param == "postgres":
        found: str = request.getfixturevalue("empty_postgres_url")
        return found
    return f"sqlite:///{path}"


def test_every_entry_is_there_and_everything_new_works(old: Old) -> None:
    with Store.open(old.url) as store:
        assert store.check() == ()
        for number, question in enumerate(_QUESTIONS, 1):
            entry = store.exact("s", exact_hash(question))
            assert entry is not None
            assert (entry.id, entry.answer, entry.hits) == (number, f"answer {question}", 7)
            assert (entry.tags, entry.answered, entry.expires) == (frozenset({"a", "b"}), 1.0, None)
            assert store.nearest("s", unit(number), 1, "e")[0].entry == entry
        (found,) = store.lexical("s", ("해지",), unit(3), 3, "e")
        assert found.entry.question == "계좌 해지"
        judged = Feedback(
            tenant="t", scope="s", entry_id=1, exact_hash=exact_hash("reset card"), key_hash=key_hash("reset card"),
            correct=False, source="user", question="reset card",
        )  # fmt: skip
        store.feedback.record(judged, "block")
        assert store.exact("s", exact_hash("reset card")) is None
        assert store.add(new("another")).id == 4
        assert store.check() == ()
    assert old.schema() == SCHEMA_VERSION


def test_an_upgraded_store_weighs_and_labels_its_entries_like_one_that_was_written_now(old: Old) -> None:
    bytes_of = "SELECT id, bytes FROM samewise_entries ORDER BY id"
    labels = "SELECT kind, value, entry_id FROM samewise_labels ORDER BY kind, value, entry_id"
    with Store.open(old.url) as store:
        upgraded = (old.run(bytes_of), old.run(labels), old.run("SELECT * FROM samewise_usage"))
        for number, question in enumerate(_QUESTIONS, 1):
            store.add(new(question, f"answer {question}", key=question, facts={"numbers": ()}, vector=number))
        assert (old.run(bytes_of), old.run(labels), old.run("SELECT * FROM samewise_usage")) == upgraded
    assert len(upgraded[1]) == 2 * len(_QUESTIONS)


@pytest.mark.parametrize("count", [0, 1, 500, 1100])
def test_the_terms_of_however_many_entries_are_written(path: Path, count: int) -> None:
    old_sqlite_store(path, 1, [f"question {number}" for number in range(count)])
    with Store.open(f"sqlite:///{path}") as store:
        assert store.check() == ()
        assert store.count() == count


@pytest.mark.parametrize("place", ["new", "old"])
def test_five_processes_that_open_it_at_once_are_one_upgrade(
    request: pytest.FixtureRequest, empty_url: str, path: Path, place: str
) -> None:
    if place == "old" and empty_url.startswith("sqlite"):
        old_sqlite_store(path, 1, _QUESTIONS)
    elif place == "old":
        old_postgres_store(empty_url, 1, _QUESTIONS)
    script, pipe = _OPEN.format(url=empty_url), subprocess.PIPE
    opening = [
        subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(5)
    ]
    for one in opening:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    count = len(_QUESTIONS) if place == "old" else 0
    assert [one.communicate() for one in opening] == [(f"{count} ()\n", "")] * 5


@pytest.mark.parametrize("version", [0, -1, SCHEMA_VERSION + 1])
def test_a_version_that_never_was_is_refused_and_left(old: Old, version: int) -> None:
    old.run(f"UPDATE samewise_meta SET value = {version} WHERE name = 'schema'")
    before = old.run("SELECT * FROM samewise_entries ORDER BY id")
    with pytest.raises(SchemaError, match=f"version {version},"):
        Store.open(old.url)
    assert old.schema() == version
    assert old.run("SELECT * FROM samewise_entries ORDER BY id") == before


def test_a_step_that_is_not_known_is_refused(old: Old) -> None:
    Store.open(old.url).close()
    old.run(f"UPDATE {VERSION_TABLE} SET version_num = '0099'")
    old.run("UPDATE samewise_meta SET value = 2 WHERE name = 'schema'")
    with pytest.raises(SchemaError, match="0099"):
        Store.open(old.url)


def test_where_the_upgrade_fails_the_old_store_stays(old: Old) -> None:
    old.run("CREATE TABLE samewise_calibrations_by_name (other TEXT)")  # in the way of the last index
    before = _everything(old)
    with pytest.raises(StorageError, match="samewise_calibrations_by_name"):
        Store.open(old.url)
    assert _everything(old) == before
    assert old.schema() == old.version
    old.run("DROP TABLE samewise_calibrations_by_name")
    with Store.open(old.url) as store:
        assert store.count() == len(_QUESTIONS)
        assert store.check() == ()


def _everything(old: Old) -> tuple[object, ...]:
    with _engine(old.url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = sorted(map(str, compare_metadata(context, metadata)))
    return differences, old.run("SELECT * FROM samewise_entries ORDER BY id"), old.run("SELECT * FROM samewise_meta")


def test_the_steps_come_to_the_tables_that_are_used(empty_url: str) -> None:
    Store.open(empty_url).close()
    assert _differences(empty_url) == []


def test_an_upgraded_store_has_the_tables_that_are_used(old: Old) -> None:
    assert _differences(old.url) != []
    Store.open(old.url).close()
    assert _differences(old.url) == []


def _differences(url: str) -> list[Any]:
    defaults = _other_default if url.startswith("sqlite") else True
    options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": defaults}
    with _engine(url) as engine, engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _other_default(*given: Any) -> bool:
    """Whether a default of SQLite is another one: Alembic takes '' for none there."""
    *_, inspected, _, rendered = given
    return (inspected is None, (inspected or "").strip("()'")) != (rendered is None, (rendered or "").strip("()'"))


def test_an_upgraded_file_has_the_triggers_and_options_of_a_new_one(path: Path, tmp_path: Path) -> None:
    old_sqlite_store(path, 2, _QUESTIONS)
    new_one = Old(f"sqlite:///{tmp_path / 'new.db'}", SCHEMA_VERSION)
    upgraded = Old(f"sqlite:///{path}", 2)
    for one in (new_one, upgraded):
        Store.open(one.url).close()
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    tables = "SELECT name, wr, ncol FROM pragma_table_list WHERE name LIKE 'samewise%' ORDER BY name"
    for statement in (triggers, tables):
        assert upgraded.run(statement) == new_one.run(statement)
        assert len(new_one.run(statement)) >= 4


def test_a_new_store_is_at_the_last_step(empty_url: str) -> None:
    Store.open(empty_url).close()
    found = Old(empty_url, SCHEMA_VERSION)
    assert found.run(f"SELECT version_num FROM {VERSION_TABLE}") == [(f"{SCHEMA_VERSION:04}",)]
    assert found.schema() == SCHEMA_VERSION


def test_tables_of_other_programs_stay_beside_a_store_on_a_server(empty_postgres_url: str) -> None:
    place = Old(empty_postgres_url, 0)
    place.run("CREATE TABLE recipes (name TEXT)")
    with Store.open(empty_postgres_url) as store:
        assert store.count() == 0
    assert place.run("SELECT count(*) FROM recipes") == [(0,)]


def test_opening_a_store_of_this_version_does_not_load_the_steps(shared_url: str) -> None:
    Store.open(shared_url).close()
    script = (
        f"import sys; from storage import Store; Store.open({shared_url!r}).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_steps_may_be_taken_one_by_one(empty_postgres_url: str) -> None:
    for step in ("0001", "0002", "0003", "0004"):
        take_steps(empty_postgres_url, step)
    assert _differences(empty_postgres_url) == []
