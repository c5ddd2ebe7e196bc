"""A partition that grows large, and what to ask of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
from large import clustered
from numpy.typing import NDArray
from rows import new

from storage import NewEntry, Store
from storage.indexes import LargeIndex
from storage.indexes.partition import Partition
from storage.partitions import PartitionKey, Partitions
from storage.tables import entries

__all__ = [
    "KEY",
    "VECTORS",
    "WIDTH",
    "Open",
    "agrees",
    "entry",
    "files",
    "found",
    "grown",
    "is_large",
    "partition_of",
    "since",
]

WIDTH = 32
KEY = PartitionKey("s", "e", WIDTH)
VECTORS = clustered(1, 1000, WIDTH)
Open = Callable[..., Partitions]


def entry(number: int, vector: NDArray[np.float32] | None = None, scope: str = "s") -> NewEntry:
    row = VECTORS[number] if vector is None else vector
    return dataclasses.replace(new(f"q{number}", scope=scope), vector=row, embedder="e")


def found(partitions: Partitions, vector: NDArray[np.float32], k: int = 1) -> list[int]:
    return [one.id for one in partitions.search(KEY, vector, k)]


def grown(partitions: Partitions) -> Partitions:
    partitions.size(KEY)
    assert partitions.settle(60)
    partitions.size(KEY)
    return partitions


def partition_of(partitions: Partitions) -> Partition:
    partition = partitions._places[KEY].partition
    assert partition is not None
    return partition


def is_large(partitions: Partitions) -> bool:
    return isinstance(partition_of(partitions).index, LargeIndex)


def since(partitions: Partitions) -> int:
    index = partition_of(partitions).index
    assert isinstance(index, LargeIndex)
    return len(index.since)


def files(path: Path) -> list[Path]:
    return sorted(path.with_name("store.db.index").glob("*.segment"))


def agrees(partitions: Partitions, store: Store) -> bool:
    """Whether it has each row, with its own revision and vector, and nothing else."""
    with store._database.read() as connection:
        rows = connection.execute(entries.select().where(entries.c.scope == "s")).all()
    known = {one.id: one.revision for one in partitions.search(KEY, VECTORS[0], 2000)}
    return known == {row.id: row.revision for row in rows} and not list(partitions.problems())
