"""What is kept in memory of the aliases of one scope: enough to compare them, not enough to serve them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.rows import is_unit, vector_of

__all__ = ["AliasVectors"]


@dataclass(frozen=True, slots=True, eq=False)
class AliasVectors:
    """Aliases by their place in the matrix, as of a revision. Never changed: what follows is another one.

    Attributes:
        seen: The revision; -1 before the first.
        hashes: Key hash of each.
        revisions: Revision of each.
        entries: Id of the entry of each.
        matrix: (aliases, dimensions), rows of unit length.
    """

    seen: int
    hashes: tuple[str, ...]
    revisions: tuple[int, ...]
    entries: tuple[int, ...]
    matrix: NDArray[np.float32]

    @classmethod
    def none(cls, dimensions: int) -> AliasVectors:
        """Before anything was read."""
        return cls(-1, (), (), (), np.empty((0, dimensions), dtype=np.float32))

    def taking(self, rows: Sequence[tuple[str, int, int, bytes | None]], seen: int) -> AliasVectors:
        """With rows of key hash, revision, entry and vector in the place of those of the same key. One whose vector is
        damaged is left out: it is found by its key alone."""
        if not rows:
            return AliasVectors(seen, self.hashes, self.revisions, self.entries, self.matrix)
        changed = {row[0] for row in rows}
        left = self._only([place for place, key_hash in enumerate(self.hashes) if key_hash not in changed])
        read = [(*row[:3], _read(row[3], self.matrix.shape[1])) for row in rows]
        good = [(key_hash, at, entry, vector) for key_hash, at, entry, vector in read if vector is not None]
        return AliasVectors(
            seen,
            left.hashes + tuple(one[0] for one in good),
            left.revisions + tuple(one[1] for one in good),
            left.entries + tuple(one[2] for one in good),
            np.concatenate([left.matrix, *(one[3][np.newaxis] for one in good)]),
        )

    def without(self, gone: Container[int]) -> AliasVectors:
        """Without those at these places."""
        return self._only([place for place in range(len(self.hashes)) if place not in gone])

    def by_cosine(self, vector: NDArray[np.float32]) -> tuple[list[int], list[float]]:
        """All places, the nearest first, and the cosine in [-1, 1] of each place."""
        cosines = np.clip(self.matrix @ vector, -1.0, 1.0)
        return np.argsort(-cosines, kind="stable").tolist(), cosines.tolist()

    def first_of_each(self, order: Iterable[int], k: int, but: Container[int]) -> list[int]:
        """The first place in `order` of each of at most k entries, but for those places."""
        found: dict[int, int] = {}
        for place in order:
            if len(found) == k:
                break
            if place not in but:
                found.setdefault(self.entries[place], place)
        return list(found.values())

    def _only(self, left: Sequence[int]) -> AliasVectors:
        return AliasVectors(
            self.seen,
            tuple(self.hashes[place] for place in left),
            tuple(self.revisions[place] for place in left),
            tuple(self.entries[place] for place in left),
            self.matrix[list(left)],
        )


def _read(data: bytes | None, dimensions: int) -> NDArray[np.float32] | None:
    if data is None or len(data) != 4 * dimensions:
        return None
    vector = vector_of(data)
    return vector if is_unit(float(np.linalg.norm(vector))) else None
