"""PostgreSQL behind a store: lost connections, full and read-only servers, passwords, texts of any kind."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgresql import Server
from rows import exact_hash, new
from sqlalchemy.engine import make_url

from storage import (
    NewEntry,
    StorageError,
    Store,
    StoreBusyError,
    StoreConfig,
    StoreFullError,
    StoreOpenError,
    StoreUnreachableError,
    StoreValueError,
    UnwritableError,
)
from storage.backends import open_database
from storage.backends.postgres import check_server

New = Callable[..., NewEntry]


@pytest.fixture
def admin(server: Server, postgres_url: str) -> Iterator[psycopg.Connection]:
    """Another program's connection to the database of the store."""
    with server.connection(make_url(postgres_url).database or "") as connection:
        yield connection


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with Store.open(postgres_url, StoreConfig(busy_timeout_seconds=0.2)) as opened:
        yield opened


def _end_all(admin: psycopg.Connection) -> int:
    """End every connection of the store, and wait until it is; how many there were."""
    ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'samewise'"
    return len(admin.execute(ended).fetchall())


def test_connections_that_died_at_rest_are_replaced_before_anyone_notices(
    store: Store, admin: psycopg.Connection
) -> None:
    entry = store.add(new("kept"))
    for call in (
        lambda: store.exact("s", exact_hash("kept")),
        lambda: store.get(entry.id) if store.count() == 1 else None,
        lambda: store.add(new("kept")),
        lambda: store.check() or entry,
    ):
        assert _end_all(admin) >= 1
        assert call() is not None


def test_a_connection_that_is_lost_in_a_write_undoes_it_and_the_next_call_connects_again(
    store: Store, admin: psycopg.Connection
) -> None:
    kept = store.add(new("kept"))
    with pytest.raises(StoreUnreachableError, match="do it again"), store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM samewise_entries")
        _end_all(admin)
        connection.exec_driver_sql("SELECT 1")
    assert store.get(kept.id) == kept
    assert store.check() == ()


def test_a_connection_that_is_lost_in_a_read_is_unreachable_too(store: Store, admin: psycopg.Connection) -> None:
    with pytest.raises(StoreUnreachableError), store._database.read() as connection:
        _end_all(admin)
        connection.exec_driver_sql("SELECT 1")
    assert store.count() == 0


def test_no_connection_is_leaked_by_losses_and_errors(store: Store, admin: psycopg.Connection) -> None:
    for _ in range(40):
        with pytest.raises(StoreValueError):
            store.get(2**70)
        with pytest.raises(StorageError, match="division"), store._database.write() as connection:
            connection.exec_driver_sql("SELECT 1 / 0")
    assert store.count() == 0
    connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'samewise'"
    assert (admin.execute(connections).fetchone() or (99,))[0] <= 4


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


def test_a_read_only_server_can_be_read(store: Store, postgres_url: str, new_entry: New) -> None:
    kept = store.add(new("kept"))
    with Store.open(f"{postgres_url}&options=-c%20default_transaction_read_only%3Don") as standby:
        assert standby.get(kept.id) == kept
        with pytest.raises(UnwritableError, match="name the primary"):
            standby.add(new("more"))
        assert standby.count() == 1


def test_a_user_without_the_right_to_write_is_told(store: Store, postgres_url: str, admin: psycopg.Connection) -> None:
    store.add(new("kept"))
    admin.execute("CREATE ROLE reader LOGIN")
    try:
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        with Store.open(make_url(postgres_url).set(username="reader").render_as_string()) as theirs:
            assert theirs.count() == 1
            with pytest.raises(UnwritableError, match="grant it the right"):
                theirs.add(new("more"))
    finally:
        admin.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_a_full_disk_undoes_the_whole_write(store: Store, admin: psycopg.Connection) -> None:
    kept = store.add(new("kept"))
    # What the server says when there is no room, said at the third of ten rows.
    admin.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF new.question = 'q3' THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END IF; "
        "RETURN new; END $$"
    )
    admin.execute(
        "CREATE TRIGGER full_disk BEFORE INSERT ON samewise_entries FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )
    with pytest.raises(StoreFullError, match="Make room"):
        store.add_many([new(f"q{number}") for number in range(10)])
    assert (store.count(), store.get(kept.id)) == (1, kept)
    admin.execute("DROP TRIGGER full_disk ON samewise_entries")
    assert store.add_many([new(f"q{number}") for number in range(10)]).added == 10
    assert store.check() == ()


def test_a_name_that_is_too_long_for_an_index_is_refused_with_the_way_out(store: Store) -> None:
    # Something that cannot be packed into less.
    tag = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))
    with pytest.raises(StoreValueError, match="shorten it"):
        store.add(new("a", tags=frozenset({tag})))
    assert store.count() == 0


def test_a_process_that_stops_in_a_write_does_not_hold_up_the_others_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backends.postgres._STUCK_SECONDS", 1)
    stuck, free = threading.Event(), threading.Event()
    place = store._database

    def stop() -> None:
        with place.write() as connection:
            connection.exec_driver_sql("DELETE FROM samewise_entries")
            stuck.set()
            free.wait(60)

    with ThreadPoolExecutor(1) as thread:
        stopped = thread.submit(stop)
        stuck.wait(60)
        url = place._url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
        with Store.open(url, StoreConfig(busy_timeout_seconds=60)) as other:
            other.add(new("a"))
        free.set()
        assert isinstance(stopped.exception(60), StoreUnreachableError)
    assert store.count() == 1


def test_a_write_that_may_not_wait_is_busy_at_once(store: Store, postgres_url: str) -> None:
    with (
        Store.open(postgres_url, StoreConfig(busy_timeout_seconds=3600)) as other,
        store._database.write(),
        pytest.raises(StoreBusyError, match="Another process"),
        other._database.write(wait=False),
    ):
        pass


def test_many_more_threads_than_connections_all_come_to_their_turn(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        barrier = threading.Barrier(40)

        def work(number: int) -> None:
            barrier.wait()
            entry = store.add(new(f"q{number}"))
            assert store.get(entry.id) == entry

        with ThreadPoolExecutor(40) as threads:
            list(threads.map(work, range(40)))
        assert store.count() == 40


@pytest.fixture(scope="module")
def texts(server: Server, template: str) -> Iterator[Store]:
    with server.database(template) as name, Store.open(server.url(name)) as opened:
        yield opened


class TestTexts:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\x100"), max_size=20))
    def test_any_text_comes_back_as_it_was_given(self, texts: Store, text: str) -> None:
        entry = texts.add(new(text, text, tags=frozenset({text}), scope=text, tenant=text))
        assert (entry.question, entry.answer, entry.tags, entry.scope) == (text, text, frozenset({text}), text)
        assert texts.exact(text, exact_hash(text)) == entry
        assert texts.count(scope=text, tenant=text) >= 1

    def test_texts_that_differ_are_kept_apart(self, texts: Store) -> None:
        scopes = [f"{one} apart" for one in ("\x00", "\x10", "\x100", "\x10\x00", "\x10\x10", "0", "")]
        entries = [texts.add(new("same", scope=scope)) for scope in scopes]
        assert [texts.exact(scope, exact_hash("same")) for scope in scopes] == entries
        assert len({entry.id for entry in entries}) == len(scopes)

    def test_half_a_character_is_refused_with_its_place(self, texts: Store) -> None:
        with pytest.raises(StoreValueError, match="half a character at position 1"):
            texts.add(new("a", "b\ud800"))


def test_nothing_is_logged_about_connections_that_died(
    store: Store, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    store.add(new("kept"))
    with caplog.at_level(logging.ERROR):
        _end_all(admin)
        assert store.count() == 1
    assert caplog.records == []


def test_the_database_is_opened_by_its_url_alone(postgres_url: str) -> None:
    database = open_database(postgres_url, StoreConfig())
    assert database.revision() == 0
    assert database.bytes_on_disk > 0
    database.close()
    assert database.closed


def test_each_change_is_announced_with_its_revision_and_nothing_else_is(
    store: Store, admin: psycopg.Connection
) -> None:
    admin.execute("LISTEN samewise")
    entry = store.add(new("a"))
    store.add_many([new("b"), new("c")])
    for _ in range(64):
        store.touch(entry.id)  # the last one writes them
    store.delete(entry.id)
    with pytest.raises(StoreValueError):
        store.add(new("d", "\ud800"))
    assert store.stats().entries == 2
    heard = [notice.payload for notice in admin.notifies(timeout=30, stop_after=3)]
    heard += [notice.payload for notice in admin.notifies(timeout=0.2)]
    assert heard == ["1", "3", "4"]


def test_who_waits_is_told_by_the_server_and_does_not_have_to_look(
    store: Store, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backends.listening._LONGEST_SECONDS", 86_400.0)
    with Store.open(postgres_url) as other, ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(store.wait_for_change, 0, 120.0)
        while not _listeners(other):
            assert not waiting.done()
        other.add(new("a"))
        assert waiting.result(60) == 1


def _listeners(store: Store) -> int:
    listening = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN samewise' AND state = 'idle'"
    with store._database.read() as connection:
        return int(connection.exec_driver_sql(listening).scalar_one())
