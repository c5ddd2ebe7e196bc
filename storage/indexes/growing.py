"""A segment in the making."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.indexes.graph import Graph
from storage.indexes.large_settings import LargeSettings
from storage.indexes.segment import DEAD, Segment
from storage.indexes.vector_rows import Rows

__all__ = ["Extension", "Growing"]

_SLICE = 500
"""Vectors between two looks at whether to go on: about half a second."""


@dataclass(frozen=True, slots=True, eq=False)
class Extension:
    """What became of a segment: (m,) int64 places that are dead, the rows that came since, and up to which revision."""

    base: Segment
    dead: NDArray[np.int64]
    since: Rows
    mark: int


class Growing:
    """A graph to which rows are added, and of which rows its vectors are."""

    def __init__(self, graph: Graph, id_of: NDArray[np.int64], revision_of: NDArray[np.int64]) -> None:
        self._graph = graph
        self._ids = [id_of]
        self._revisions = [revision_of]

    @classmethod
    def anew(cls, dimensions: int, settings: LargeSettings) -> Growing:
        """From nothing."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(Graph.empty(dimensions, settings), nothing, nothing)

    @classmethod
    def of(cls, extension: Extension) -> Growing:
        """From a copy of a segment, without what is dead. The graph keeps the dead as ways to others."""
        id_of = extension.base.id_of.copy()
        id_of[extension.dead] = DEAD
        return cls(extension.base.graph.copy(), id_of, extension.base.revision_of())

    def add(self, rows: Rows, before_each: Callable[[int], None]) -> None:
        """Add rows, some at a time; `before_each` is told how many come next, and may raise to end it."""
        for start in range(0, len(rows.ids), _SLICE):
            piece = rows.vectors[start : start + _SLICE]
            before_each(len(piece))
            self._graph.add(piece)
        self._ids.append(rows.ids)
        self._revisions.append(rows.revisions)

    def segment(self, mark: int) -> Segment:
        """What was made, as of a revision."""
        return Segment.of(self._graph, np.concatenate(self._ids), np.concatenate(self._revisions), mark)
