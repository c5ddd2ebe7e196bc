"""Doing what each problem's remedy says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection

from storage.database import Database
from storage.errors import CorruptError
from storage.upkeep.check import FINDERS, check
from storage.upkeep.count_problems import page_problems
from storage.upkeep.problem import Kind, Problem
from storage.upkeep.remedies import REMEDIES
from storage.upkeep.snapshot import BATCH

__all__ = ["mend_all", "repair"]


def repair(database: Database) -> tuple[Problem, ...]:
    """Mend what can be mended, in one transaction; what is left, each with its way out.

    Where pages are damaged nothing is touched: writing could damage more.

    Raises:
        StorageError: The store cannot be written; nothing was changed.
    """
    try:
        with database.write() as connection:
            if all(problem.kind is Kind.INDEX_PAGES for problem in page_problems(connection)):
                mend_all(connection)
    except CorruptError as error:
        return (Problem(Kind.PAGES, None, str(error)),)
    return tuple(check(database))


def mend_all(connection: Connection) -> None:
    """Do what can be done about every problem, inside the caller's transaction."""
    for find in FINDERS:
        for batch in _batches(find(connection)):
            of_kind = defaultdict[Kind, list[Problem]](list)
            for problem in batch:
                of_kind[problem.kind].append(problem)
            for kind, found in of_kind.items():
                if kind in REMEDIES:
                    REMEDIES[kind](connection, found)


def _batches(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    left = iter(problems)
    while batch := list(islice(left, BATCH)):
        yield batch
