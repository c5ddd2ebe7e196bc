"""Connections that do not wait for ever: a server that was frozen, or a machine that hangs, says nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

__all__ = ["LONGEST_SECONDS", "NoAnswerError", "PatientConnection", "answer_within", "connect_patiently"]

LONGEST_SECONDS = 600.0
"""After so long without a word a statement is given up, whatever it does."""


class NoAnswerError(psycopg.OperationalError):
    """The server is there and does not answer."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is closed when one answer takes longer than `patience` seconds; None: it waits.

    libpq knows no such limit, and a limit of the server's is kept by the server.
    """

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg's, which calls it for each message.

        Raises:
            NoAnswerError: The patience came to its end.
        """
        limit = self.patience if timeout is None else None
        if limit is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, limit)
        except psycopg.errors._WaitTimeout as error:  # the only name that psycopg has for it
            self.close()
            raise NoAnswerError(f"the server gave no answer within {limit:g} seconds") from error


def connect_patiently(engine: Engine) -> None:
    """Have the engine's connections be such ones."""

    def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> psycopg.Connection:
        return PatientConnection.connect(*arguments, **options)

    event.listen(engine, "do_connect", connect)


@contextmanager
def answer_within(connection: object, seconds: float) -> Iterator[None]:
    """What is asked inside is answered so soon, each message for itself, or the connection is lost."""
    if not isinstance(connection, PatientConnection):
        yield
        return
    before = connection.patience
    connection.patience = seconds
    try:
        yield
    finally:
        connection.patience = before
