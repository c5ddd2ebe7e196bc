"""Decision rules that were fitted on labelled pairs, kept where every process that serves from the store sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from storage.database import Database
from storage.errors import StoreValueError
from storage.tables import calibrations

__all__ = ["Calibration", "Calibrations"]

_COLUMNS = tuple(calibrations.c[name] for name in ("id", "at", "name", "body", "note"))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rule as it was saved. `at` is seconds since the epoch; without a `body` it takes back the one that held."""

    id: int
    at: float
    name: str
    body: str | None
    note: str


class Calibrations:
    """Rules by name; of each name the last one saved holds. None is ever removed. Thread-safe, and for many processes.

    Args:
        database: Where they are kept.
        clock: Seconds since the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def save(self, name: str, body: str | None, note: str = "") -> Calibration:
        """Let a rule hold from now on. None takes back the one that holds: then the one that held before it does again.

        Args:
            name: What the rule is for. Any text but "".
            body: The rule as the caller writes it, usually JSON; it is given back letter by letter. "" is a rule.
            note: Where it comes from, for people.

        Raises:
            StoreValueError: No name, half a character in a text, or nothing to take back; nothing was changed.
            StorageError: It could not be written.
        """
        if not name:
            raise StoreValueError("name='' names no calibration; give it a name.")
        at = self._clock()
        values = {"at": at, "name": name, "body": body, "note": note}
        with self._database.write() as connection:
            if body is None and _holding(connection, name) is None:
                raise StoreValueError(f"No calibration {name!r} holds that could be taken back; save one first.")
            new = connection.execute(insert(calibrations).values(values).returning(calibrations.c.id)).scalar_one()
        return Calibration(new, at, name, body, note)

    def current(self, name: str) -> Calibration | None:
        """The rule that holds, None where none was saved or all were taken back. Raises StorageError."""
        with self._database.read() as connection:
            holding = _holding(connection, name)
            if holding is None:
                return None
            return Calibration(*connection.execute(select(*_COLUMNS).where(calibrations.c.id == holding)).one())

    def recent(self, name: str, limit: int) -> tuple[Calibration, ...]:
        """At most `limit` of a name, the newest first, with those that took another back.

        Raises:
            StoreValueError: limit < 1.
        """
        if limit < 1:
            raise StoreValueError(f"limit={limit} must be at least 1.")
        wanted = select(*_COLUMNS).where(calibrations.c.name == name).order_by(calibrations.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(Calibration(*row) for row in connection.execute(wanted))


def _holding(connection: Connection, name: str) -> int | None:
    """The id of the rule that holds: the newest that no later one took back."""
    wanted = select(calibrations.c.id, calibrations.c.body.is_(None)).where(calibrations.c.name == name)
    taken_back = 0
    for one, takes_back in connection.execute(wanted.order_by(calibrations.c.id.desc())):
        if takes_back:
            taken_back += 1
        elif taken_back:
            taken_back -= 1
        else:
            return int(one)
    return None
