"""Statements as the driver's own text: building them for each lookup would take longer than running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler

from storage.sql import Numbers

__all__ = ["Statements"]


class Statements:
    """The texts of statements that were made once, at import: each is kept for ever."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Executable, _Text] = {}

    def text(self, statement: Executable, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The text of a statement, and the values as the driver takes them."""
        known = self._known.get(statement)
        if known is None:
            known = self._known[statement] = self._compiled(statement)
        if known.fixed or known.numbers:
            values = {**known.fixed, **values}
            for name in known.numbers:
                values[name] = _NUMBERS.process_bind_param(values[name], self._dialect)
        return known.text, values

    def _compiled(self, statement: Executable) -> _Text:
        compiled = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        binds = compiled.binds
        fixed = {name: one.value for name, one in binds.items() if not one.required}
        numbers = tuple(name for name, one in binds.items() if isinstance(one.type, Numbers))
        return _Text(str(compiled), fixed, numbers)


class _Text(NamedTuple):
    text: str
    fixed: dict[str, Any]
    """Values that the statement itself has."""
    numbers: tuple[str, ...]


_NUMBERS = Numbers()
