"""Opening a store: what cannot be used is refused with the reason, and left as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from other_writer import writing
from rows import exact_hash, new

from storage import (
    CorruptError,
    ForeignStoreError,
    SchemaError,
    StorageError,
    Store,
    StoreBusyError,
    StoreConfig,
    StoreFullError,
    StoreOpenError,
    StoreValueError,
    UnwritableError,
)


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_folder_that_is_not_there_and_one_that_is_no_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "no" / "a.db", tmp_path / "file" / "a.db", tmp_path):
        with pytest.raises(UnwritableError, match=str(place)):
            Store.open(_url(place))


def test_bytes_that_are_no_database_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"dear diary " * 500)
    with pytest.raises(CorruptError, match="left as it is"):
        Store.open(_url(path))
    assert path.read_bytes() == b"dear diary " * 500


def test_a_damaged_page_is_an_error_and_never_a_wrong_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Store.open(_url(path)) as store:
        store.add_many([new(f"q{number}", vector=number) for number in range(300)])
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(CorruptError), Store.open(_url(path)) as store:
        for number in range(300):
            entry = store.exact("s", exact_hash(f"q{number}"))
            assert entry is None or entry.question == f"q{number}"
    assert path.read_bytes() == bytes(data)


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ForeignStoreError, match="recipes"):
        Store.open(_url(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://me:secret@localhost/a", "postgresql+psycopg2://me:secret@h/a"]
)
def test_a_url_that_is_none_or_of_another_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreOpenError, match="sqlite:///") as found:
        Store.open(url)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("given", [{"busy_timeout_seconds": 0}, {"max_partitions": 0}, {"touch_flush": -1}])
def test_a_setting_that_makes_no_sense_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(StoreValueError, match=next(iter(given))):
        StoreConfig(**given)  # type: ignore[arg-type]


def test_a_store_held_by_another_for_too_long_is_busy_and_nothing_is_lost(shared_url: str) -> None:
    with Store.open(shared_url, StoreConfig(busy_timeout_seconds=0.05)) as store:
        store.add(new("kept"))
        with writing(shared_url):
            with pytest.raises(StoreBusyError, match="Another process"):
                store.add(new("late"))
            assert store.exact("s", exact_hash("kept")) is not None
        store.add(new("late"))
        assert store.count() == 2


def test_a_full_disk_is_an_error_and_what_was_stored_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Store.open(_url(path)) as store:
        store.add(new("kept"))
        with store._database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        with pytest.raises(StoreFullError, match="Make room"), store._database.write() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            connection.exec_driver_sql("CREATE TABLE filler AS SELECT randomblob(1000000) AS bytes")
        assert store.exact("s", exact_hash("kept")) is not None
        assert store.check() == ()


def test_every_error_is_of_one_tree() -> None:
    for kind in (CorruptError, ForeignStoreError, SchemaError, StoreBusyError, StoreFullError, StoreValueError):
        assert issubclass(kind, StorageError)
