"""Where the store is: the URL when none is named, and a URL as it may be shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

__all__ = ["default_store", "default_store_folder", "is_postgres", "shown_url"]

_POSTGRES = re.compile(r"postgres(ql)?(\+\w+)?://")
# Greedy, because a password may hold an @ that nobody escaped.
_PASSWORD = re.compile(r"((?:^|//)[^/@:]*:)(?!//).*@")
# In a URL, and in the words that libpq takes instead of one.
_PASSWORD_OPTION = re.compile(r"((?:^|[?&;\s])[^=&\s]*password\s*=\s*)(?:'[^']*'|[^&;\s]*)", re.IGNORECASE)


def default_store() -> str:
    """The store when none is named: `samewise.db` in `$SAMEWISE_HOME`, or in the platform's data folder."""
    return f"sqlite:///{_data_folder() / 'samewise.db'}"


def default_store_folder(store: str) -> Path | None:
    """The folder to make for the default store; None for a store that was named, whose place is its owner's to make."""
    return _data_folder() if store == default_store() else None


def is_postgres(url: str) -> bool:
    """Whether a URL names a PostgreSQL server."""
    return _POSTGRES.match(url) is not None


def shown_url(url: str) -> str:
    """The URL without its password. Texts that are no URL lose what may be one too. Pure."""
    if url.startswith("sqlite:"):
        return url  # a path has no password, but may have colons and an @
    return _PASSWORD_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1***@", url))


def _data_folder() -> Path:
    home = os.environ.get("SAMEWISE_HOME")
    folder = Path(home).expanduser() if home else Path(platformdirs.user_data_dir("samewise", appauthor=False))
    return folder.absolute()
