"""The invariants of a store, asked of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from storage.database import Database
from storage.errors import CorruptError
from storage.upkeep.alias_problems import alias_problems
from storage.upkeep.count_problems import deletion_problems, page_problems, revision_problems, usage_problems
from storage.upkeep.link_problems import link_problems, orphan_problems, scope_problems
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.row_problems import row_problems
from storage.upkeep.snapshot import snapshot

__all__ = ["FINDERS", "check", "problems"]

FINDERS: tuple[Callable[[Connection], Iterator[Problem]], ...] = (
    page_problems,
    revision_problems,
    orphan_problems,
    scope_problems,
    alias_problems,
    row_problems,
    link_problems,
    deletion_problems,
    usage_problems,
)
"""In this order a store is repaired, too: the count of changes first, rows before what is made from them, sums last.
Each may be asked while what it found is mended, for it reads a batch whole before it says anything of it."""


def check(database: Database) -> Iterator[Problem]:
    """What does not hold, as of one moment; nothing where all is well. Rows are read in batches.

    Raises:
        StorageError: The store cannot be read, for another reason than damaged pages: those are a problem found.
    """
    try:
        with snapshot(database) as connection:
            for find in FINDERS:
                yield from find(connection)
    except CorruptError as error:
        yield Problem(Kind.PAGES, None, str(error))


def problems(database: Database) -> Iterator[str]:
    """What `check` finds, in words."""
    return map(str, check(database))
