"""From a URL to a database: the one place that names the kinds there are."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.backends.sqlite import SqliteDatabase
from storage.config import StoreConfig
from storage.database import Database
from storage.errors import StoreOpenError

__all__ = ["open_database"]

_POSTGRES = ("postgresql", "postgresql+psycopg", "postgres")
_WAY_OUT = "write sqlite:///faq.db or postgresql://user@host/database"


def open_database(url: str, config: StoreConfig) -> Database:
    """The database of a URL: `sqlite:///path`, `sqlite://` for memory, `postgresql://user:password@host/database`.

    Raises:
        StoreOpenError: It is no such URL, or the database cannot be opened; it is left as it is.
    """
    parsed = _parsed(url)
    if parsed.drivername == "sqlite":
        return SqliteDatabase(parsed, config)
    if parsed.drivername in _POSTGRES:
        return _open_postgres(parsed.set(drivername="postgresql+psycopg"), config)
    raise StoreOpenError(f"{parsed.drivername!r} is not supported; {_WAY_OUT}")


def _open_postgres(url: URL, config: StoreConfig) -> Database:
    if "@" in (url.host or ""):  # the end of the password would be shown as part of the host
        raise StoreOpenError("The password in the URL holds an @: write it as %40.")
    try:
        from storage.backends.postgres import PostgresDatabase  # noqa: PLC0415  (its driver is not always installed)
    except ImportError as error:
        raise StoreOpenError(
            f"The driver for PostgreSQL is missing ({error}): pip install 'samewise[postgres]'"
        ) from error
    return PostgresDatabase(url, config)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The URL may hold a password, and so may the error of who could not read it.
        raise StoreOpenError(f"{url.partition('://')[0][:40]!r}… is not a database URL; {_WAY_OUT}") from None
