"""The SQLite behind a store: opened with care, written one at a time, foreign errors translated once."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, StaticPool, create_engine, event, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from storage.config import StoreConfig
from storage.errors import (
    ForeignStoreError,
    SchemaError,
    StorageError,
    StoreBusyError,
    StoreClosedError,
    StoreOpenError,
)
from storage.postings import add_missing
from storage.queries import REVISION
from storage.sqlite_errors import translated
from storage.tables import SCHEMA_VERSION, meta, metadata

__all__ = ["Database"]


class Database:
    """Connections to one SQLite file, or to a database in memory.

    Args:
        url: `sqlite:///path`, or `sqlite://` for memory.
        config: How long to wait for others.

    Raises:
        StoreOpenError: The file cannot be opened, is damaged, another program's, or a newer version's.
    """

    def __init__(self, url: str, config: StoreConfig) -> None:
        self._url = _checked_url(url)
        name = self._url.database
        self.path = Path(name).absolute() if name and name != ":memory:" else None
        self._writing = threading.RLock()
        # In memory there is one connection, which all threads share: reads wait for writes too.
        self._reading: AbstractContextManager[Any] = nullcontext() if self.path else self._writing
        self._idle: deque[PoolProxiedConnection] = deque()
        self._closed = False
        self._busy_milliseconds = int(config.busy_timeout_seconds * 1000)
        self._engine = self._make_engine(config)
        try:
            with self._translated():
                self._prepare()
        except StorageError:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with, each statement on its own."""
        with self._translated(), self._reading, self._engine.connect() as connection:
            yield connection

    def rows(self, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of one statement, straight from the driver: what a lookup can afford."""
        with self._translated(), self._reading:
            connection = self._rested()
            try:
                cursor = connection.cursor()
                cursor.execute(statement, values)
                return list(cursor.fetchall())
            finally:
                self._rest(connection)

    @contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Connection]:
        """A connection inside a transaction that is committed at the end, or undone whole by an error.

        Raises:
            StoreBusyError: Another wrote for longer than the timeout, or, without `wait`, is writing now.
        """
        with self._translated(), self._turn(wait), self._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={self._busy_milliseconds if wait else 0}")
            # The lock is taken before the first read, so that a transaction never fails half-way for being late.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def revision(self) -> int:
        """How many changes were committed so far, by whatever process. Cheap enough for each lookup."""
        return int(self.rows(REVISION, {})[0][0])

    def bytes_on_disk(self) -> int:
        """Size of the file and of what SQLite keeps beside it; 0 in memory."""
        if self.path is None:
            return 0
        files = (self.path.with_name(self.path.name + ending) for ending in ("", "-wal", "-shm"))
        with self._translated():
            return sum(file.stat().st_size for file in files if file.exists())

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def close(self) -> None:
        """Close all connections. Idempotent; a statement that runs in another thread comes to its end first."""
        with self._writing:
            self._closed = True
            while self._idle:
                self._rested().close()
            self._engine.dispose()

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
            raise StoreBusyError(f"{self.path or 'The store in memory'}: another thread is writing; try again.")
        try:
            yield
        finally:
            self._writing.release()

    def _make_engine(self, config: StoreConfig) -> Engine:
        arguments: dict[str, Any] = {"check_same_thread": False, "timeout": config.busy_timeout_seconds}
        options: dict[str, Any] = (
            {"poolclass": StaticPool} if self.path is None else {"pool_size": 16, "max_overflow": -1}
        )
        engine = create_engine(self._url, connect_args=arguments, **options)
        event.listen(engine, "connect", _on_connect if self.path else _on_connect_in_memory)
        return engine

    def _prepare(self) -> None:
        with self._engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            if meta.name in tables and _version(connection, str(self.path)) == SCHEMA_VERSION:
                return
            if tables and meta.name not in tables:
                raise ForeignStoreError(
                    f"{self.path} is another program's database (it has the tables {', '.join(sorted(tables)[:5])}). "
                    "It was left as it is: name another file."
                )
        with self._writing, self._engine.connect() as connection:
            if self.path is not None:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            # Two processes may open a new file at once: the second finds the first one's work.
            metadata.create_all(connection, checkfirst=True)
            # An older schema lacks tables, and nothing else: made, it is this one, and every entry stays.
            add_missing(connection)
            insert = "INSERT INTO samewise_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO "
            connection.exec_driver_sql(
                insert + "UPDATE SET value = max(value, excluded.value)", ("schema", SCHEMA_VERSION)
            )
            connection.exec_driver_sql(insert + "NOTHING", ("revision", 0))
            connection.commit()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self._closed:
            raise StoreClosedError(f"The store {self._url} is closed. Open it again.")
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeEncodeError, OverflowError) as error:
            raise translated(error, self.path) from error


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    _on_connect_in_memory(connection, _)
    # With WAL, NORMAL keeps what was acknowledged when the process is killed; FULL also when the power fails.
    connection.execute("PRAGMA synchronous=FULL")


def _on_connect_in_memory(connection: sqlite3.Connection, _: object) -> None:
    # Transactions are begun by name in `write`, not by the driver's guess: a read sees what is committed by then.
    connection.isolation_level = None
    # What hangs on an entry goes with it.
    connection.execute("PRAGMA foreign_keys=ON")


def _version(connection: Connection, path: str) -> int:
    found = connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar()
    if found is None or not 1 <= found <= SCHEMA_VERSION:
        raise SchemaError(
            f"{path} has schema version {found}, this version of Samewise reads up to {SCHEMA_VERSION}. "
            "It was left as it is: use the newer version, or name another file."
        )
    return int(found)


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreOpenError(f"{url!r} is not a database URL; write sqlite:///faq.db") from error
    if parsed.get_backend_name() != "sqlite":
        raise StoreOpenError(f"{parsed.get_backend_name()!r} is not supported; write sqlite:///faq.db")
    if parsed.query or (parsed.database or "").startswith("file:"):
        raise StoreOpenError(f"{url!r} has options, and none are known; write sqlite:///faq.db")
    return parsed
