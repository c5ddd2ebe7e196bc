"""SQLite: one file, or memory. Written one at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, Executable, PoolProxiedConnection, StaticPool, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from storage.backends.forks import tell_children
from storage.backends.in_place import InPlace
from storage.backends.schema import is_current, prepare
from storage.backends.sqlite_errors import translated
from storage.backends.statements import Statements
from storage.config import StoreConfig
from storage.errors import StorageError, StoreBusyError, StoreClosedError, StoreOpenError
from storage.queries import REVISION

__all__ = ["SqliteDatabase"]

_POLL_SECONDS = 0.02
_LOOK_SECONDS = 0.5
_FOREIGN = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeEncodeError, OverflowError)


class SqliteDatabase:
    """Connections to one SQLite file, or to a database in memory. See `storage.database.Database`.

    Args:
        url: `sqlite:///path`, or `sqlite://` for memory.
        config: How long to wait for others.

    Raises:
        StoreOpenError: The file cannot be opened, is damaged, another program's, or a newer version's.
    """

    def __init__(self, url: URL, config: StoreConfig) -> None:
        if url.query or (url.database or "").startswith("file:"):
            raise StoreOpenError(f"{str(url)!r} has options, and none are known; write sqlite:///faq.db")
        if url.host:
            raise StoreOpenError(
                f"{str(url)!r} has two slashes before the path, and three are needed: sqlite:///faq.db"
            )
        name = url.database
        self._path = Path(name).absolute() if name and name != ":memory:" else None
        self._file = InPlace(self._path)
        self._writing = threading.RLock()
        # In memory there is one connection, which all threads share: reads wait for writes too.
        self._reading: AbstractContextManager[Any] = nullcontext() if self._path else self._writing
        self._idle: deque[PoolProxiedConnection] = deque()
        self._parents: object = None
        self._closed = self._forked = False
        self._looked = 0.0
        self._busy_milliseconds = int(config.busy_timeout_seconds * 1000)
        self._statements = Statements(sqlite.dialect(paramstyle="named"))
        self._engine = self._make_engine(url, config)
        try:
            with self._translated():
                self._prepare()
                self._file.remember()
        except StorageError:
            self._engine.dispose()
            raise
        tell_children(self)

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self._path or "The store in memory")

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def bytes_on_disk(self) -> int:
        """Size of the file and of what SQLite keeps beside it; 0 in memory."""
        path = self._path
        if path is None:
            return 0
        files = (path.with_name(path.name + ending) for ending in ("", "-wal", "-shm"))
        with self._translated():
            return sum(file.stat().st_size for file in files if file.exists())

    @contextmanager
    def read(self, *, long: bool = False) -> Iterator[Connection]:  # noqa: ARG002  (no server to give up)
        """A connection to read with, each statement on its own."""
        with self._translated(), self._reading, self._engine.connect() as connection:
            yield connection

    def rows(self, statement: Executable, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of one statement, straight from the driver."""
        text, given = self._statements.text(statement, values)
        if self._closed:
            self._refuse()
        # Written out: going through `_translated` would take a tenth of a lookup.
        try:
            # A file that was put in its place is noticed by who only reads, too.
            if (now := time.monotonic()) - self._looked > _LOOK_SECONDS:
                self._looked = now
                self._file.check()
            with self._reading:
                connection = self._rested()
                try:
                    driver: Any = connection.driver_connection
                    found: list[tuple[Any, ...]] = driver.execute(text, given).fetchall()
                    return found
                finally:
                    self._rest(connection)
        except _FOREIGN as error:
            raise translated(error, self.place) from error

    @contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Connection]:
        """A connection inside a transaction that is committed at the end, or undone whole by an error."""
        with self._translated(), self._turn(wait), self._engine.connect() as connection:
            self._file.check()
            if not wait:
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                # The lock is taken before the first read, so that a transaction never fails half-way for being late.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            finally:
                if not wait:  # whoever gets the connection next waits
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={self._busy_milliseconds}")
            yield connection
            connection.commit()

    def revision(self) -> int:
        """How many changes were committed so far, by whatever process."""
        return int(self.rows(REVISION, {})[0][0])

    def wait_for_change(self, after: int, timeout_seconds: float) -> int:
        """The revision, once it is above `after` or the time is over. It is looked up 50 times a second."""
        end = time.monotonic() + timeout_seconds
        while (revision := self.revision()) <= after and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
        return revision

    def close(self) -> None:
        """Close all connections. Idempotent; a statement that runs in another thread comes to its end first."""
        with self._writing:
            self._closed = True
            while self._idle:
                self._rested().close()
            self._engine.dispose()

    def after_fork(self) -> None:
        """Let go of the parent's connections. They stay where they are: to close them is the parent's to do."""
        self._closed, self._forked = True, True
        self._writing = threading.RLock()
        if self._path is None:
            self._reading = self._writing
        self._parents, self._idle = (self._idle, self._engine.pool), deque()
        self._engine.dispose(close=False)

    def _rested(self) -> PoolProxiedConnection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.raw_connection()

    def _rest(self, connection: PoolProxiedConnection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    @contextmanager
    def _turn(self, wait: bool) -> Iterator[None]:
        if not self._writing.acquire(blocking=wait):
            raise StoreBusyError(f"{self.place}: another thread is writing; try again.")
        try:
            yield
        finally:
            self._writing.release()

    def _make_engine(self, url: URL, config: StoreConfig) -> Engine:
        arguments: dict[str, Any] = {"check_same_thread": False, "timeout": config.busy_timeout_seconds}
        options: dict[str, Any] = (
            {"poolclass": StaticPool} if self._path is None else {"pool_size": 16, "max_overflow": -1}
        )
        engine = create_engine(url, connect_args=arguments, hide_parameters=True, **options)
        event.listen(engine, "connect", _on_connect if self._path else _on_connect_in_memory)
        # Rows of two files must not meet: what one says of an id, the other says of another entry.
        event.listen(engine, "connect", lambda *_: self._file.check())
        return engine

    def _prepare(self) -> None:
        with self._engine.connect() as connection:
            if is_current(connection, self.place):
                return
        with self._writing, self._engine.connect() as connection:
            if self._path is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            prepare(connection, self.place)
            connection.commit()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            self._refuse()
        try:
            yield
        except _FOREIGN as error:
            raise translated(error, self.place) from error

    def _refuse(self) -> NoReturn:
        why = "was opened before a fork" if self._forked else "is closed"
        raise StoreClosedError(f"The store {self.place} {why}. Open it again.")


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    _on_connect_in_memory(connection, _)
    # With WAL, NORMAL keeps what was acknowledged when the process is killed; FULL also when the power fails.
    connection.execute("PRAGMA synchronous=FULL")


def _on_connect_in_memory(connection: sqlite3.Connection, _: object) -> None:
    # Transactions are begun by name in `write`, not by the driver's guess: a read sees what is committed by then.
    connection.isolation_level = None
    # What hangs on an entry goes with it.
    connection.execute("PRAGMA foreign_keys=ON")
