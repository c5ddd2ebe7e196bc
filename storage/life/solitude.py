"""How near the nearest other entry is: what nothing else can answer for is worth more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from storage.database import Database
from storage.life.eviction import Candidate
from storage.rows import vector_of
from storage.sql import one_of
from storage.tables import entries

__all__ = ["ExactNearby", "Nearby", "with_neighbours"]

Nearby = Callable[[str, str, NDArray[np.float32], int], Sequence[Sequence[tuple[int, float]]]]
"""(scope, embedder, (n, dimensions) vectors, k) → for each vector at most k (id, cosine) of the entries of that scope
with vectors of that embedder and width, best first. Those that were deleted may be among them."""

_PAGE = 1000
_LOOKED_AT = 8
"""How many neighbours are asked for. Where all of them go earlier, the farthest stands for what comes behind it."""

_Group = tuple[str, str, int]


def with_neighbours(
    database: Database, ordered: Sequence[Candidate], unsure: Sequence[Candidate], nearby: Nearby
) -> list[Candidate]:
    """The candidates of `ordered`, those that are `unsure` with the similarity of their nearest neighbour.

    `ordered` is by value, the least first. A neighbour that goes earlier does not count: of two that are alike the
    worse one has the better one beside it, the better one is alone, and not both of them go.
    """
    place = {one.id: number for number, one in enumerate(ordered)}
    found: dict[int, float] = {}
    for (scope, embedder, _), rows in _vectors(database, [one.id for one in unsure]).items():
        vectors = np.stack([vector for _, vector in rows])
        for (one, _), near in zip(rows, nearby(scope, embedder, vectors, _LOOKED_AT + 1), strict=True):
            found[one] = _nearest_kept(one, near, place)
    return [replace(one, neighbour_similarity=found[one.id]) if one.id in found else one for one in ordered]


def _nearest_kept(one: int, near: Sequence[tuple[int, float]], place: Mapping[int, int]) -> float:
    last = len(place)
    for other, similarity in near:
        if other != one and place.get(other, last) > place[one]:
            return similarity
    # There are more behind them, none of them nearer; or there is nothing else in the scope.
    return near[-1][1] if len(near) > _LOOKED_AT else 0.0


def _vectors(database: Database, ids: Sequence[int]) -> dict[_Group, list[tuple[int, NDArray[np.float32]]]]:
    wanted = select(entries.c.id, entries.c.scope, entries.c.embedder, entries.c.vector)
    wanted = wanted.where(one_of(entries.c.id, "ids"), entries.c.vector.is_not(None))
    groups: dict[_Group, list[tuple[int, NDArray[np.float32]]]] = defaultdict(list)
    with database.read() as connection:
        for one, scope, embedder, data in connection.execute(wanted, {"ids": list(ids)}):
            groups[scope, embedder, len(data)].append((one, vector_of(data)))
    return groups


class ExactNearby:
    """A Nearby that reads every vector of the scope from SQL: complete, and slow where there are many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(
        self, scope: str, embedder: str, vectors: NDArray[np.float32], k: int
    ) -> list[list[tuple[int, float]]]:
        """See Nearby."""
        best: list[list[tuple[int, float]]] = [[] for _ in vectors]
        for page in self._pages(scope, embedder):
            fitting = [row for row in page if len(row.vector) == vectors.shape[1] * 4]
            if fitting:
                near = vectors @ np.stack([vector_of(row.vector) for row in fitting]).T
                ids = [row.id for row in fitting]
                best = [
                    sorted((*known, *zip(ids, row, strict=True)), key=lambda one: (-one[1], one[0]))[:k]
                    for known, row in zip(best, near.tolist(), strict=True)
                ]
        return best

    def _pages(self, scope: str, embedder: str) -> Iterator[list[_VectorRow]]:
        columns = entries.c
        wanted = (
            select(columns.id, columns.revision, columns.vector)
            .where(columns.scope == scope, columns.embedder == embedder, columns.vector.is_not(None))
            .order_by(columns.revision)
            .limit(_PAGE)
        )
        last = -1
        while True:
            with self._database.read() as connection:
                page = [_VectorRow(*row) for row in connection.execute(wanted.where(columns.revision > last))]
            yield page
            if len(page) < _PAGE:
                return
            last = page[-1].revision


class _VectorRow(NamedTuple):
    id: int
    revision: int
    vector: bytes
