"""Connections that died while they were at rest are noticed before they are used, without asking the server."""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from storage.backends.patience import answer_within

__all__ = ["watch_over"]

_REST_SECONDS = 30.0
"""A server that closes a connection says so. One that was unplugged, or a router that forgot it, does not: after this
long the server is asked."""


def watch_over(engine: Engine, answer_seconds: float) -> None:
    """Have every connection of the engine looked at when it is taken from the pool. A server that is asked and says
    nothing for so long counts as gone."""

    def on_checkout(connection: psycopg.Connection, record: Any, _: object) -> None:
        with answer_within(connection, answer_seconds):
            _on_checkout(connection, record)

    event.listen(engine, "checkin", _on_checkin)
    event.listen(engine, "checkout", on_checkout)


def _on_checkin(_: object, record: Any) -> None:
    record.info["rested"] = time.monotonic()


def _on_checkout(connection: psycopg.Connection, record: Any) -> None:
    rested = record.info.get("rested")
    if rested is None:  # it was just made
        return
    if connection.closed or (
        (_has_news(connection) or time.monotonic() - rested > _REST_SECONDS) and _is_dead(connection)
    ):
        raise DisconnectionError("the connection was lost while it was at rest")


def _has_news(connection: psycopg.Connection) -> bool:
    """Whether the server sent something that nobody asked for: its farewell, as a rule."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _is_dead(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return True
    return False
