"""Of which row each vector is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Revisions"]

_NONE = np.empty(0, dtype=np.int64)


class Revisions:
    """Of each id the revision of the row that its vector was read from. An id and a revision name one vector for ever.

    Those that come together, `ids` (n,) int64 ascending and `revisions` (n,) int64, stay two arrays, 17 bytes each with
    the mark of those that are gone; what is put later is in a dict.
    """

    def __init__(self, ids: NDArray[np.int64] = _NONE, revisions: NDArray[np.int64] = _NONE) -> None:
        self._ids = ids
        self._revisions = revisions
        self._gone = np.zeros(len(ids), dtype=np.bool_)
        self._later: dict[int, int] = {}

    def get(self, one: int) -> int | None:
        """The revision of an id, None where it is not there."""
        found = self._later.get(one)
        if found is None:
            place = self._place(one)
            found = None if place is None else int(self._revisions[place])
        return found

    def __getitem__(self, one: int) -> int:
        found = self.get(one)
        if found is None:
            raise KeyError(one)
        return found

    def put(self, ids: Sequence[int], revisions: Iterable[int]) -> None:
        """Give ids their revisions."""
        self.drop(ids)
        self._later.update(zip(ids, revisions, strict=True))

    def drop(self, ids: Iterable[int]) -> None:
        """Forget ids; those that are not there are passed over."""
        for one in ids:
            place = self._place(one)
            if place is not None:
                self._gone[place] = True
            self._later.pop(one, None)

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All ids and their revisions, in no order: two arrays of (n,)."""
        later = len(self._later)
        ids = np.concatenate([self._ids[~self._gone], np.fromiter(self._later, np.int64, later)])
        return ids, np.concatenate([self._revisions[~self._gone], np.fromiter(self._later.values(), np.int64, later)])

    def __contains__(self, one: int) -> bool:
        return one in self._later or self._place(one) is not None

    def _place(self, one: int) -> int | None:
        place = int(np.searchsorted(self._ids, one))
        return place if place < len(self._ids) and self._ids[place] == one and not self._gone[place] else None
