"""What SQLite and PostgreSQL say in different words, said once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Insert,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["Numbers", "each", "on_conflict", "one_of", "upsert"]


class Numbers(TypeDecorator[Sequence[int]]):
    """Many integers as one parameter, so that a statement has the same text for any number of them."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array in PostgreSQL, JSON in SQLite."""
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        """What the driver is given."""
        numbers = list(value or ())
        return numbers if dialect.name == "postgresql" else json.dumps(numbers)


def one_of(column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether a column is among the integers of the parameter `name`."""
    return _OneOf(column, _numbers(name))


def each(name: str) -> TableValuedAlias:
    """The integers of the parameter `name` as rows with one column, `value`."""
    return _Each(_numbers(name)).table_valued("value", name=f"each_{name}")


def upsert(table: Table, key: Sequence[str], changed: Sequence[str]) -> Mapping[str, Insert]:
    """By the name of the dialect: insert a row, or where one of that key is there, change those columns of it."""
    return {
        "sqlite": on_conflict(sqlite.insert(table), key, changed),
        "postgresql": on_conflict(postgresql.insert(table), key, changed),
    }


_Upsert = TypeVar("_Upsert", sqlite.Insert, postgresql.Insert)


def on_conflict(insert: _Upsert, key: Sequence[str], changed: Sequence[str]) -> _Upsert:
    """The insert that changes those columns of a row that is there already."""
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changed})


def _numbers(name: str) -> BindParameter[Sequence[int]]:
    return bindparam(name, type_=Numbers())


class _OneOf(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> _OneOf:  # noqa: ARG002  (SQLAlchemy's signature)
        # SQLite would be asked whether it is 1 otherwise, and would use no index.
        return self


class _Each(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True


@compiles(_OneOf, "sqlite")
def _one_of_sqlite(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"


@compiles(_OneOf, "postgresql")
def _one_of_postgresql(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY({numbers})"


@compiles(_Each, "sqlite")
def _each_sqlite(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Each, "postgresql")
def _each_postgresql(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    # Inside a subquery the column has a name of its own; `unnest` alone would take the alias for it.
    return f"(SELECT unnest({compiler.process(element.clauses, **options)}) AS value)"
