"""Texts as PostgreSQL can keep them: it has no NUL character."""

from __future__ import annotations

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown, TextLoader

__all__ = ["keep_every_character"]

# Data link escape, the control character that says: what follows means something else.
_ESCAPE = "\x10"
_ESCAPED_NUL, _ESCAPED_ESCAPE = _ESCAPE + "0", _ESCAPE + _ESCAPE


def keep_every_character(connection: Connection) -> None:
    """Write NUL as two other characters on this connection, and read them as NUL.

    Two texts are the same to PostgreSQL when, and only when, they are the same to Python.
    """
    connection.adapters.register_dumper(str, _Written)
    for name in ("text", "varchar"):
        connection.adapters.register_loader(name, _Read)


class _Written(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        if "\x00" in obj or _ESCAPE in obj:
            obj = obj.replace(_ESCAPE, _ESCAPED_ESCAPE).replace("\x00", _ESCAPED_NUL)
        return obj.encode()


class _Read(TextLoader):
    def load(self, data: Buffer) -> str:
        text = str(data, "utf-8")
        if _ESCAPE not in text:
            return text
        # What stands between two escaped escapes holds escapes of NUL alone.
        return _ESCAPE.join(part.replace(_ESCAPED_NUL, "\x00") for part in text.split(_ESCAPED_ESCAPE))
