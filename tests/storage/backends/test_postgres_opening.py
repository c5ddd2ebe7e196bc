"""What a PostgreSQL is opened by: servers that are not there, too old or of another encoding; URLs and passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from postgresql import Server
from sqlalchemy.engine import make_url

from storage import (
    NewEntry,
    StorageError,
    Store,
    StoreConfig,
    StoreOpenError,
    StoreUnreachableError,
)
from storage.backends import open_database
from storage.backends.postgres import check_server

New = Callable[..., NewEntry]


def test_a_server_that_is_not_there_is_named_with_the_way_out(postgres_url: str) -> None:
    url = make_url(postgres_url)
    for options in ({"host": "/nonexistent"}, {"host": "127.0.0.1", "port": "1"}):
        with pytest.raises(StoreUnreachableError, match="see that the server runs"):
            Store.open(url.update_query_dict(options).render_as_string())


def test_a_database_and_a_user_that_are_not_there_are_refused_by_name(postgres_url: str) -> None:
    url = make_url(postgres_url).set(password="secret")
    for wrong in (url.set(database="nobody"), url.set(username="nobody")):
        with pytest.raises(StoreOpenError, match='"nobody" does not exist') as found:
            Store.open(wrong.render_as_string(hide_password=False))
        assert not isinstance(found.value, StoreUnreachableError)
        assert "secret" not in str(found.value)


def test_a_password_is_in_no_error_and_no_name(postgres_url: str) -> None:
    url = make_url(postgres_url).set(password="se%cret").render_as_string(hide_password=False)
    with Store.open(url) as store:
        assert store.count() == 0
        shown = [store._database.place, repr(store._database), repr(vars(store._database))]
        with pytest.raises(StorageError) as failed, store._database.read() as connection:
            connection.exec_driver_sql("SELECT nonsense")
        shown += [str(failed.value), repr(failed.value)]
    with pytest.raises(StorageError) as closed:
        store.count()
    with pytest.raises(StorageError) as strange:
        Store.open(url.replace("?", "?password=se%cret&nonsense=1&"))
    shown += [str(closed.value), str(strange.value), str(strange.value.__cause__)]
    assert [text for text in shown if "cret" in text] == []


def test_an_option_that_libpq_does_not_know_is_refused_and_not_ignored(postgres_url: str) -> None:
    with pytest.raises(StoreOpenError, match="nonsense"):
        Store.open(f"{postgres_url}&nonsense=1")


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_each_spelling_of_the_scheme_is_taken(postgres_url: str, scheme: str) -> None:
    with Store.open(f"{scheme}{postgres_url.removeprefix('postgresql')}") as store:
        assert store.count() == 0


@pytest.mark.parametrize(
    ("version", "encoding", "words"), [(140011, "UTF8", "PostgreSQL 14.11, and 15"), (150000, "LATIN1", "LATIN1")]
)
def test_an_old_server_and_one_without_all_characters_are_refused(version: int, encoding: str, words: str) -> None:
    with pytest.raises(StoreOpenError, match=words):
        check_server(version, encoding, "postgresql://here/a")


def test_a_database_of_another_encoding_is_refused_and_left(server: Server) -> None:
    name = "latin"
    with server.connection() as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(StoreOpenError, match="LATIN1"):
                Store.open(server.url(name))
            with server.connection(name) as inside:
                assert inside.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'samewise%'").fetchone() == (
                    0,
                )
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_database_is_opened_by_its_url_alone(postgres_url: str) -> None:
    database = open_database(postgres_url, StoreConfig())
    assert database.revision() == 0
    assert database.bytes_on_disk > 0
    database.close()
    assert database.closed
