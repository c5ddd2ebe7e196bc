"""A store of an older schema is brought up to date when it is opened, with every entry; a failure leaves it as it was."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rows import exact_hash, key_hash, unit

from storage import Feedback, SchemaError, StorageError, Store

_VERSION_1 = """
CREATE TABLE samewise_meta ( name VARCHAR NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name) );
CREATE TABLE samewise_entries ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL,
tenant VARCHAR NOT NULL, scope VARCHAR NOT NULL, question TEXT NOT NULL, exact_hash VARCHAR NOT NULL, "key"
TEXT NOT NULL, key_hash VARCHAR NOT NULL, language VARCHAR NOT NULL, facts TEXT NOT NULL, answer TEXT NOT
NULL, finish_reason VARCHAR NOT NULL, origin VARCHAR NOT NULL, prompt_tokens INTEGER NOT NULL,
completion_tokens INTEGER NOT NULL, tags TEXT NOT NULL, model VARCHAR NOT NULL, embedder VARCHAR,
normalizer_version VARCHAR NOT NULL, created FLOAT NOT NULL, last_used FLOAT NOT NULL, hits INTEGER NOT NULL,
vector BLOB, UNIQUE (scope, exact_hash) );
CREATE INDEX samewise_by_key ON samewise_entries (scope, key_hash);
CREATE INDEX samewise_by_revision ON samewise_entries (scope, embedder, revision);
CREATE INDEX samewise_by_normalizer ON samewise_entries (normalizer_version);
"""
"""The tables as version 1 made them."""


@pytest.fixture
def old(path: Path) -> Path:
    """A store of version 1 with three entries."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(_VERSION_1)
    connection.executemany("INSERT INTO samewise_meta VALUES (?, ?)", [("schema", 1), ("revision", 3)])
    for number, question in enumerate(("a", "b", "c")):
        values = (
            number + 1, number + 1, "t", "s", question, exact_hash(question), question, key_hash(question), "en",
            json.dumps({"numbers": []}), f"answer {question}", "stop", "curated", 0, 0, "[]", "m", "e", "1", 1.0, 2.0, 7,
            unit(number).tobytes(),
        )  # fmt: skip
        connection.execute(f"INSERT INTO samewise_entries VALUES ({', '.join('?' * len(values))})", values)
    connection.commit()
    connection.close()
    return path


def _schema(path: Path) -> int:
    connection = sqlite3.connect(path)
    version = int(connection.execute("SELECT value FROM samewise_meta WHERE name = 'schema'").fetchone()[0])
    connection.close()
    return version


def test_every_entry_is_there_and_everything_new_works(old: Path) -> None:
    with Store.open(f"sqlite:///{old}") as store:
        for number, question in enumerate(("a", "b", "c")):
            entry = store.exact("s", exact_hash(question))
            assert entry is not None
            assert (entry.id, entry.answer, entry.hits) == (number + 1, f"answer {question}", 7)
            assert store.nearest("s", unit(number), 1, "e")[0].entry == entry
        judged = Feedback(
            tenant="t", scope="s", entry_id=1, exact_hash=exact_hash("a"), key_hash=key_hash("a"), correct=False,
            source="user", question="a",
        )  # fmt: skip
        store.feedback.record(judged, "block")
        assert store.exact("s", exact_hash("a")) is None
        assert store.check() == ()
    assert _schema(old) == 2


def test_opening_it_twice_at_once_is_one_upgrade(old: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda _: Store.open(f"sqlite:///{old}"), range(8)))
    for store in stores:
        assert store.count() == 3
        store.close()
    assert _schema(old) == 2


@pytest.mark.parametrize("version", [0, -1, 3])
def test_a_version_that_never_was_is_refused_and_left(old: Path, version: int) -> None:
    connection = sqlite3.connect(old)
    connection.execute("UPDATE samewise_meta SET value = ? WHERE name = 'schema'", (version,))
    connection.commit()
    with pytest.raises(SchemaError, match=f"version {version}"):
        Store.open(f"sqlite:///{old}")
    assert _schema(old) == version
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'samewise_feedback'").fetchone() == (0,)
    connection.close()


def test_where_the_upgrade_fails_the_old_store_stays(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.execute("CREATE TABLE samewise_events_by_tenant (other TEXT)")  # in the way of the last index
    connection.commit()
    with pytest.raises(StorageError, match="samewise_events_by_tenant"):
        Store.open(f"sqlite:///{old}")
    assert _schema(old) == 1
    assert connection.execute("SELECT count(*) FROM samewise_entries").fetchone() == (3,)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'samewise_feedback'").fetchone() == (0,)
    connection.close()
