"""Waiting for PostgreSQL's word that something was changed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from sqlalchemy import Engine

from storage.backends.patience import PatientConnection, answer_within

__all__ = ["Listening"]

_LONGEST_ANSWER_SECONDS = 10.0
_LONGEST_SECONDS = 1.0
"""Whoever waits looks up this often whether the store was closed."""


class Listening:
    """Connections of their own to be told on: one that waits is of no use for anything else. Thread-safe.

    `options` are libpq's; those of the URL go before them.
    """

    def __init__(self, engine: Engine, options: Mapping[str, Any]) -> None:
        self._engine = engine
        self._options = options
        self._idle: deque[psycopg.Connection] = deque()

    def wait(self, revision: Callable[[], int], after: int, timeout_seconds: float) -> int:
        """The revision, once it is above `after` or the time is over.

        Raises:
            psycopg.Error: The server cannot be reached.
        """
        end = time.monotonic() + timeout_seconds
        if (found := revision()) > after or timeout_seconds <= 0:
            return found
        connection = self._connection()
        try:
            # What came between the look above and the listening would be missed otherwise.
            while (found := revision()) <= after and (left := end - time.monotonic()) > 0:
                for _ in connection.notifies(timeout=min(left, _LONGEST_SECONDS), stop_after=1):
                    pass
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return found

    def close(self) -> None:
        """Close the connections on which nobody waits now."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> psycopg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        connection = PatientConnection.connect(*arguments, **{**self._options, **options}, autocommit=True)
        with answer_within(connection, _LONGEST_ANSWER_SECONDS):
            connection.execute("LISTEN samewise")
        return connection
