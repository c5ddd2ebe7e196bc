"""Whether a database has the tables of this version, and how it gets them."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, StaticPool, create_engine, event, inspect, select

from storage.errors import ForeignStoreError, SchemaError
from storage.tables import SCHEMA_VERSION, meta

__all__ = ["is_current", "prepare"]


def is_current(connection: Connection, place: str) -> bool:
    """Whether the tables are those of this version; False where there are none yet, or older ones.

    Raises:
        ForeignStoreError: A SQLite file of another program.
        SchemaError: Tables of a version that this one does not know.
    """
    tables = inspect(connection).get_table_names()
    if meta.name in tables:
        return _version(connection, place) == SCHEMA_VERSION
    # A server's database may be shared with other programs; a file has one owner.
    if tables and connection.dialect.name == "sqlite":
        raise ForeignStoreError(
            f"{place} is another program's database (it has the tables {', '.join(sorted(tables)[:5])}). "
            "It was left as it is: name another file."
        )
    return False


def prepare(connection: Connection, place: str) -> None:
    """Bring the tables to this version, inside the caller's transaction, which holds others off."""
    # Two processes may open a new store at once: the second finds the first one's work.
    if is_current(connection, place):
        return
    if connection.dialect.name == "sqlite" and meta.name not in inspect(connection).get_table_names():
        for statement in _new_sqlite_store():
            connection.exec_driver_sql(statement)
    else:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from storage.migrations import upgrade  # noqa: PLC0415  (Alembic takes 0.2 s: only where something is to be done)

    upgrade(connection)


@cache
def _new_sqlite_store() -> tuple[str, ...]:
    """What all steps together come to: taking them one by one for every new store would take 40 times as long."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
    with engine.connect() as connection:
        _upgrade(connection)
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
        statements = list(connection.exec_driver_sql(made).scalars())
        for table in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}")
            statements += [f"INSERT INTO {table} VALUES ({', '.join(map(repr, row))})" for row in rows]
    engine.dispose()
    return tuple(statements)


def _version(connection: Connection, place: str) -> int:
    found = connection.execute(select(meta.c.value).where(meta.c.name == "schema")).scalar()
    if found is None or not 1 <= found <= SCHEMA_VERSION:
        raise SchemaError(
            f"{place} has schema version {found}, this version of Samewise reads up to {SCHEMA_VERSION}. "
            "It was left as it is: use the newer version, or name another database."
        )
    return int(found)
