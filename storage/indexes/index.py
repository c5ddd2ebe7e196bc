"""Vector search: the seam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["VectorIndex"]


class VectorIndex(Protocol):
    """Finds the nearest vectors by cosine. Not thread-safe: its owner locks. A cache of SQL, never the truth.

    An approximate one may keep vectors in half precision and miss a neighbour now and then; it never gives back one
    that was removed or replaced.
    """

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add (n, dimensions) float32 rows of unit length; the last vector of an id is the one that counts."""
        ...

    def remove(self, ids: Sequence[int]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        ...

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """At most k (id, cosine), best first, equal ones by id. `vector` is (dimensions,) of unit length, k at least 1.

        Where several share the lowest cosine that is given back, any of them may be left out.
        """
        ...

    def vector(self, one: int) -> NDArray[np.float32] | None:
        """The (dimensions,) vector of an id as it is searched, None where it is not there."""
        ...

    def __len__(self) -> int: ...
