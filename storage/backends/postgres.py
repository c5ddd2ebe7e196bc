"""PostgreSQL: one database for many machines. Written one at a time, like SQLite."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from storage.backends.forks import tell_children
from storage.backends.listening import Listening
from storage.backends.liveness import watch_over
from storage.backends.lookups import Lookups
from storage.backends.patience import LONGEST_SECONDS, answer_within, connect_patiently
from storage.backends.postgres_errors import translated
from storage.backends.postgres_texts import keep_every_character
from storage.backends.schema import is_current, prepare
from storage.changes import HAS_VECTORS
from storage.config import StoreConfig
from storage.errors import StorageError, StoreBusyError, StoreClosedError, StoreOpenError
from storage.queries import REVISION

__all__ = ["PostgresDatabase", "check_server"]

_OLDEST = 150000
_CONNECTIONS = 16
_CONNECT_SECONDS = 10
_SHORTEST_CONNECT_SECONDS = 2  # libpq knows no shorter time
_KEPT_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""A server that was unplugged says nothing: after a minute without a word the connection is given up."""
_CONNECTING = {"connect_timeout": _CONNECT_SECONDS, "application_name": "samewise"}
_STUCK_SECONDS = 60
"""After so long without a word from who holds the lock, the server takes it away: a process that was stopped or cut off
in the middle of a write does not hold up the others for ever."""
_READS = 6
"""Reading many rows takes longer than a lookup."""
_SIZE = (
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND starts_with(relname, 'samewise_')"
)
_LOCK_OF_SCHEMA = int.from_bytes(b"samewise", "big", signed=True)


class PostgresDatabase:
    """Connections to one PostgreSQL database. See `storage.database.Database`.

    Args:
        url: `postgresql+psycopg://user:password@host/database`; its options are those of libpq.
        config: How long to wait for others.

    Raises:
        StoreOpenError: It cannot be reached or opened, is too old, or has a newer version's tables.
    """

    def __init__(self, url: URL, config: StoreConfig) -> None:
        self._url = url
        shown = {name: value for name, value in url.query.items() if name in ("host", "port")}
        self._place = url.set(drivername="postgresql", password=None, query=shown).render_as_string()
        self._writing = threading.RLock()
        self._closed = self._forked = False
        self._busy_seconds = config.busy_timeout_seconds
        self._answer_seconds = config.answer_timeout_seconds
        with self._translated():
            self._engine = _make_engine(url, self._answer_seconds)
            self._lookups = Lookups(self._engine, self._answer_seconds)
            self._listening = Listening(self._engine, {**_CONNECTING, **_KEPT_ALIVE})
        try:
            with self._translated():
                self._prepare()
        except StorageError:
            self._engine.dispose()
            raise
        tell_children(self)

    @property
    def place(self) -> str:
        """The URL without its password."""
        return self._place

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def bytes_on_disk(self) -> int:
        """Size of the tables and their indexes."""
        with self.read() as connection:
            return int(connection.exec_driver_sql(_SIZE).scalar_one())

    @contextmanager
    def read(self, *, long: bool = False) -> Iterator[Connection]:
        """A connection to read with, each statement on its own."""
        seconds = LONGEST_SECONDS if long else _READS * self._answer_seconds
        with self._translated(), self._engine.connect() as connection, _within(connection, seconds):
            yield connection

    def rows(self, statement: Executable, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of one statement, straight from the driver."""
        with self._translated():
            return self._lookups.rows(statement, values)

    @contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Connection]:
        """A connection inside a transaction that is committed at the end, or undone whole by an error.

        The row of the revision is locked until then: whoever sees a revision sees every one before it, and two that
        write the same entries in another order never wait for each other.
        """
        with self._translated(), self._turn(wait), self._engine.connect() as connection:
            before = self._begin(connection, wait=wait)
            with _within(connection, LONGEST_SECONDS):
                yield connection
                _run(
                    connection,
                    f"SELECT pg_notify('samewise', value::text) FROM samewise_meta "
                    f"WHERE name = 'revision' AND value > {before}; COMMIT",
                )

    def revision(self) -> int:
        """How many changes were committed so far, by whatever process."""
        return int(self.rows(REVISION, {})[0][0])

    def wait_for_change(self, after: int, timeout_seconds: float) -> int:
        """The revision, once it is above `after` or the time is over. Who waits is told by the server."""
        with self._translated():
            return self._listening.wait(self.revision, after, timeout_seconds)

    def close(self) -> None:
        """Close all connections. Idempotent; a statement that runs in another thread comes to its end first."""
        with self._writing:
            self._closed = True
            self._lookups.close()
            self._listening.close()
            self._engine.dispose()

    def after_fork(self) -> None:
        """Let go of the parent's connections without a word on them."""
        self._closed, self._forked = True, True
        self._writing = threading.RLock()
        self._engine.dispose(close=False)

    def _begin(self, connection: Connection, *, wait: bool) -> int:
        """Begin a transaction and take the lock, in one message; the revision."""
        lock = "FOR UPDATE" if wait else "FOR UPDATE NOWAIT"
        # The server itself ends the wait for the lock.
        seconds = self._answer_seconds + (self._busy_seconds if wait else 0.0)
        with _within(connection, seconds):
            revision, vectors = _run(
                connection,
                f"{self._patiently()} SELECT value FROM samewise_meta WHERE name = 'revision' {lock}; "
                # Asked once the lock is there: who held it may have made the table.
                "SELECT value, to_regclass('samewise_vectors') IS NOT NULL FROM samewise_meta WHERE name = 'revision'",
            )
        connection.info[HAS_VECTORS] = vectors
        return int(revision)

    def _patiently(self) -> str:
        """The beginning of a transaction that waits for others, and does not keep them waiting for ever."""
        return (
            f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '{int(self._busy_seconds * 1000)}ms'; "
            f"SET LOCAL idle_in_transaction_session_timeout = '{_STUCK_SECONDS}s';"
        )

    @contextmanager
    def _turn(self, wait: bool) -> Iterator[None]:
        # Threads of this process wait here: each would hold a connection otherwise, and none were left to read with.
        if not self._writing.acquire(blocking=wait, timeout=self._busy_seconds if wait else -1):
            raise StoreBusyError(f"{self.place}: another thread is writing; try again, or raise busy_timeout_seconds.")
        try:
            yield
        finally:
            self._writing.release()

    def _prepare(self) -> None:
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            check_server(driver.info.server_version, driver.info.parameter_status("server_encoding"), self.place)
            if is_current(connection, self.place):
                return
        with self._writing, self._engine.connect() as connection:
            _run(connection, f"{self._patiently()} SELECT pg_advisory_xact_lock({_LOCK_OF_SCHEMA})")
            prepare(connection, self.place)
            _run(connection, "COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            why = "was opened before a fork" if self._forked else "is closed"
            raise StoreClosedError(f"The store {self.place} {why}. Open it again.")
        try:
            yield
        except (SQLAlchemyError, psycopg.Error, UnicodeEncodeError) as error:
            raise translated(error, self.place) from error


def check_server(version: int, encoding: str | None, place: str) -> None:
    """Raises StoreOpenError for a server that is too old, or that cannot keep every text.

    Args:
        version: As libpq gives it: 180006 is 18.6.
        encoding: Of the database.
        place: Where it is, for the message.
    """
    if version < _OLDEST:
        raise StoreOpenError(
            f"{place} is PostgreSQL {version // 10000}.{version % 10000}, and {_OLDEST // 10000} is the oldest that "
            "Samewise works with: name a newer server."
        )
    if encoding != "UTF8":
        raise StoreOpenError(
            f"{place} keeps texts as {encoding}, which has not every character: make the database with ENCODING 'UTF8'."
        )


def _make_engine(url: URL, answer_seconds: float) -> Engine:
    connecting = max(_SHORTEST_CONNECT_SECONDS, math.ceil(answer_seconds))
    arguments = {**_CONNECTING, **_KEPT_ALIVE, "connect_timeout": min(_CONNECT_SECONDS, connecting)}
    engine = create_engine(
        url,
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
        hide_parameters=True,  # texts stay out of tracebacks
        isolation_level="AUTOCOMMIT",
        use_native_hstore=False,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_CONNECT_SECONDS,
    )
    connect_patiently(engine)
    event.listen(engine, "connect", _on_connect)
    watch_over(engine, answer_seconds)
    return engine


def _on_connect(connection: psycopg.Connection, _: object) -> None:
    keep_every_character(connection)


def _within(connection: Connection, seconds: float) -> AbstractContextManager[None]:
    return answer_within(connection.connection.driver_connection, seconds)


def _run(connection: Connection, statements: str) -> tuple[Any, ...]:
    """Run several statements in one message; the first row of the last one that gives rows."""
    driver: Any = connection.connection.driver_connection
    cursor = driver.execute(statements, prepare=False)
    last: tuple[Any, ...] = ()
    while True:
        if cursor.description and (row := cursor.fetchone()):
            last = row
        if not cursor.nextset():
            return last
