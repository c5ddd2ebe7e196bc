"""The schema, version by version: a new store is made by these steps, an old one by those it has not taken yet."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, select

from storage.errors import SchemaError
from storage.tables import meta

__all__ = ["VERSION_TABLE", "configuration", "upgrade"]

VERSION_TABLE = "samewise_version"


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for a connection; no file is read, and the caller's transaction is used."""
    found = Config(attributes={"connection": connection})
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(connection: Connection) -> None:
    """Take every step that was not taken yet, inside the caller's transaction.

    Raises:
        SchemaError: A step was taken that this version does not know.
        SQLAlchemyError: A step failed; the caller undoes them all.
    """
    config = configuration(connection)
    try:
        before = _version_without_alembic(connection)
        if before is not None:
            command.stamp(config, f"{before:04}")
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaError(f"The store cannot be brought up to date and was left as it is: {error}") from error


def _version_without_alembic(connection: Connection) -> int | None:
    """The version of a store that was made before the steps were counted."""
    tables = inspect(connection).get_table_names()
    if meta.name not in tables or VERSION_TABLE in tables:
        return None
    return int(connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar_one())
