"""Lookups on connections that they keep for themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import Engine, Executable, PoolProxiedConnection
from sqlalchemy.exc import SQLAlchemyError

from storage.backends.patience import NoAnswerError, answer_within
from storage.backends.postgres_errors import is_lost
from storage.backends.statements import Statements

__all__ = ["Lookups"]

_RESTING = 8
"""How many connections are kept. Giving one back to the pool and taking it again costs as much as the way to a server
on the same machine."""


class Lookups:
    """Single statements that read, straight from the driver. Thread-safe.

    Args:
        engine: Makes the connections.
        answer_seconds: How long one waits for a server that says nothing.
    """

    def __init__(self, engine: Engine, answer_seconds: float) -> None:
        self._engine = engine
        self._answer_seconds = answer_seconds
        self._statements = Statements(engine.dialect)
        self._resting: deque[PoolProxiedConnection] = deque()
        self._closed = False

    def rows(self, statement: Executable, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows of a statement.

        Raises:
            psycopg.Error, SQLAlchemyError: The server says no, or cannot be reached.
        """
        text, given = self._statements.text(statement, values)
        try:
            return self._fetched(text, given)
        except (SQLAlchemyError, psycopg.Error) as error:
            if not is_lost(error) or isinstance(error, NoAnswerError):
                raise
        # The connection died while it was at rest, or on the way, and so did the others. Reading twice does no harm.
        self._end_rest()
        return self._fetched(text, given)

    def close(self) -> None:
        """Close the connections at rest; those that are at work are closed when they are done."""
        self._closed = True
        self._end_rest()

    def _fetched(self, text: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        connection = self._rested()
        driver: Any = connection.driver_connection
        try:
            with answer_within(driver, self._answer_seconds):
                found: list[tuple[Any, ...]] = driver.execute(text, values).fetchall()
        except BaseException:
            if driver.closed:
                connection.invalidate()
            connection.close()
            raise
        self._rest(connection)
        return found

    def _rested(self) -> PoolProxiedConnection:
        try:
            return self._resting.pop()
        except IndexError:
            return self._engine.raw_connection()

    def _rest(self, connection: PoolProxiedConnection) -> None:
        if self._closed or len(self._resting) >= _RESTING:
            connection.close()
        else:
            self._resting.append(connection)

    def _end_rest(self) -> None:
        while self._resting:
            self._rested().close()
