"""Which blocks a tier holds, how much they take, and which goes first. Bookkeeping only; no tensors, files or locks.

A block on whose path others lie is kept while they are: without it they could only be reached from above.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace

from kvcache.tiers.limits import Limits
from kvcache.tiers.record import Record
from kvcache.tiers.worth import rank, use

__all__ = ["TierIndex"]

_SLACK = 64

#: Blocks of other models come first; then the least worth.
_Rank = tuple[bool, float]


class TierIndex:
    """Records by name.

    Args:
        model: Whose records can be found; those of others only take room, and go first.
        max_bytes: Most that all records' sizes may add up to.
        half_life: Seconds after which a use counts half.
    """

    def __init__(self, model: str, max_bytes: int, half_life: float) -> None:
        self._model = model
        self._max_bytes = max_bytes
        self._half_life = half_life
        self._records: dict[str, Record] = {}
        self._children: dict[str, int] = {}
        self._order: list[tuple[_Rank, str]] = []
        self.bytes = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def get(self, name: str, now: float) -> Record | None:
        """A record of this model that has not expired at `now`."""
        record = self._records.get(name)
        if record is None or record.model != self._model:
            return None
        record = self._records[name] = record.seen(now)
        return None if record.is_over(now) else record

    def find(self, name: str) -> Record | None:
        """A record, whatever its state."""
        return self._records.get(name)

    def add(self, record: Record) -> None:
        """Note a block, in place of an older note of it."""
        self.remove(record.name)
        self._records[record.name] = record
        self._children[record.parent] = self._children.get(record.parent, 0) + 1
        self.bytes += record.size
        self.refused += record.model != self._model
        self._offer(record)

    def remove(self, name: str) -> Record | None:
        """Forget a block; returns its record if there was one."""
        record = self._records.pop(name, None)
        if record is None:
            return None
        self.bytes -= record.size
        self.refused -= record.model != self._model
        left = self._children.pop(record.parent) - 1
        if left:
            self._children[record.parent] = left
        elif record.parent in self._records:
            self._offer(self._records[record.parent])
        return record

    def use(self, name: str, now: float, limits: Limits | None = None) -> Record:
        """Count one more use of a block that is there, and give it new limits, or prolong those it has. Returns its
        record."""
        record = self._records[name]
        record = record.renewed(now, limits)
        self.set_use(name, use(record.used, now, self._half_life), now, record.limits)
        return self._records[name]

    def set_use(self, name: str, used: float, noted: float, limits: Limits) -> None:
        """Put what was noted of a block's uses in place; nothing happens if it is not there."""
        old = self._records.get(name)
        if old is not None:
            self._records[name] = replace(old, used=used, noted=noted, limits=limits)
            self._offer(self._records[name])

    def make_room(self, size: int, path: str = "") -> list[Record]:
        """Remove the blocks of least worth until `size` more bytes fit, and return them. They must fit at all.

        Those on `path`, which leads to the block that is to come, go last.
        """
        gone: list[Record] = []
        spared: list[tuple[_Rank, str]] = []
        while self.bytes + size > self._max_bytes:
            if not self._order:
                self._order, spared, path = spared, [], ""
            offered, name = heapq.heappop(self._order)
            record = self._records.get(name)
            # An offer stands while the block has not been used or changed since.
            if record is None or not self._is_leaf(name) or self._rank(record) != offered:
                continue
            if path.startswith(record.path):
                spared.append((offered, name))
                continue
            self.remove(name)
            gone.append(record)
        for offer in spared:
            heapq.heappush(self._order, offer)
        return gone

    def expired(self, now: float) -> list[Record]:
        """Remove what may no longer be served, and return it."""
        for record in [record for record in self if record.noted > now]:
            self._records[record.name] = record.seen(now)
        over = [record for record in self if record.is_over(now)]
        for record in over:
            self.remove(record.name)
        return over

    def take(self, owner: str | None) -> list[Record]:
        """Remove and return the blocks of an owner and of those in it (None: anyone's)."""
        chosen = [record for record in self if record.is_within(owner)]
        for record in chosen:
            self.remove(record.name)
        return chosen

    def check(self) -> None:
        """Recount everything.

        Raises:
            AssertionError: The books do not balance: a mistake in this file.
        """
        if self.bytes != sum(record.size for record in self) or self.bytes > self._max_bytes:
            raise AssertionError(f"{self.bytes} bytes noted of {self._max_bytes}")
        if sum(self._children.values()) != len(self):
            raise AssertionError("children do not add up")
        waiting = {name for _, name in self._order}
        lost = [record for record in self if self._is_leaf(record.name) and record.name not in waiting]
        if lost:
            raise AssertionError(f"{len(lost)} leaves would never be evicted")

    def _is_leaf(self, name: str) -> bool:
        return name not in self._children

    def _rank(self, record: Record) -> _Rank:
        worth = rank(record.seconds, max(1, record.size), record.used, self._half_life)
        return record.model == self._model, worth

    def _offer(self, record: Record) -> None:
        """Queue a block for eviction if nothing lies below it. Offers that no longer hold are passed over later."""
        if not self._is_leaf(record.name):
            return
        heapq.heappush(self._order, (self._rank(record), record.name))
        if len(self._order) > 2 * len(self._records) + _SLACK:
            self._order = [(self._rank(leaf), leaf.name) for leaf in self if self._is_leaf(leaf.name)]
            heapq.heapify(self._order)
