"""Prefixes that stay: a pin is a lease that is not given back until it is taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kvcache.grid import Block
from kvcache.nodes import Lease, Node
from kvcache.scopes import Owner

__all__ = ["Pins"]

_Key = tuple[Owner, tuple[Block, ...]]


class Pins:
    """Open pins and the bytes that they hold together; a block under two pins counts once. Not safe for threads.

    Args:
        max_bytes: Most that pinned blocks may take.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._leases: dict[_Key, Lease] = {}

    @property
    def held_bytes(self) -> int:
        """Bytes of the pinned blocks."""
        return _bytes({node for lease in self._leases.values() for node in lease.nodes})

    def missing_bytes(self, lease: Lease) -> int:
        """What pinning the blocks of a lease would add."""
        return _bytes({node for node in lease.nodes if not node.pins})

    def find(self, owner: Owner, blocks: Sequence[Block]) -> Lease | None:
        """The open pin of this prefix."""
        return self._leases.get((owner, tuple(blocks)))

    def add(self, owner: Owner, blocks: Sequence[Block], lease: Lease) -> None:
        """Hold a lease on all of `blocks`, which has no pin yet."""
        self._leases[owner, tuple(blocks)] = lease

    def take(self, owner: Owner, blocks: Sequence[Block]) -> Lease | None:
        """End a pin and hand its lease out; None when there is none."""
        return self._leases.pop((owner, tuple(blocks)), None)

    def take_holding(self, nodes: Iterable[Node]) -> list[Lease]:
        """End the pins that hold one of these blocks, and hand their leases out."""
        ending = set(nodes)
        held = [key for key, lease in self._leases.items() if not ending.isdisjoint(lease.nodes)]
        return [self._leases.pop(key) for key in held]


def _bytes(nodes: set[Node]) -> int:
    return sum(node.size for node in nodes)
