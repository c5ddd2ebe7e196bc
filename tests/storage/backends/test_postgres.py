"""PostgreSQL behind a store: lost connections, full and read-only servers, texts of any kind."""

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
    StoreUnreachableError,
    StoreValueError,
    UnwritableError,
)

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

    def test_half_a_character_is_refused_with_its_place(self, store: Store) -> None:
        # In a store of its own: among any texts there may be the scope of `new`, with another tenant.
        with pytest.raises(StoreValueError, match="half a character at position 1"):
            store.add(new("a", "b\ud800"))


def test_nothing_is_logged_about_connections_that_died(
    store: Store, admin: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    store.add(new("kept"))
    with caplog.at_level(logging.ERROR):
        _end_all(admin)
        assert store.count() == 1
    assert caplog.records == []


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
