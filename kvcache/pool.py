"""Working buffers that outlive their request, so that the next one finds its prefix in place.

A request reads and writes one contiguous buffer. Afterwards the buffer lies here with a note of the kept blocks that it
begins with. A request whose prefix lies in a buffer takes it as it is and writes its own tokens behind; nothing is
copied. Any other request fills a buffer from the kept blocks; one that has been used before takes a sixth of the time
of new memory, whose pages the system must clear first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvcache.nodes import Node

if TYPE_CHECKING:
    from kvcache.layer import GrowingCache

__all__ = ["BufferPool"]


@dataclass(frozen=True, slots=True)
class _Idle:
    cache: GrowingCache
    nodes: tuple[Node, ...]
    size: int
    tenant: str | None

    def shared(self, nodes: Sequence[Node]) -> int:
        """Leading blocks that both hold. The very same blocks: equal ones of another tenant do not count."""
        count = 0
        for mine, wanted in zip(self.nodes, nodes, strict=False):
            if mine is not wanted or mine.dropped:
                break
            count += 1
        return count


class BufferPool:
    """Idle buffers, least recently used first. Not safe for threads by itself; PrefixCache locks around it.

    Args:
        max_bytes: What idle buffers may take together.
        token_bytes: Bytes of one token's keys and values in all layers.
    """

    def __init__(self, max_bytes: int, token_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._token_bytes = token_bytes
        self._idle: list[_Idle] = []

    @property
    def held_bytes(self) -> int:
        """Bytes of the idle buffers, their empty room counted."""
        return sum(idle.size for idle in self._idle)

    def take(self, nodes: Sequence[Node], capacity: int, tenant: str | None = None) -> tuple[GrowingCache, int] | None:
        """A buffer with room for `capacity` tokens, and how many of `nodes` it holds already, from the first on.

        With a tenant only one that the same tenant gave. None when a new buffer should be made: none is large enough,
        or there is room in the pool for another, so that the prefixes in this one need not be given up.
        """
        large = [idle for idle in self._idle if idle.cache.capacity >= capacity and idle.tenant == tenant]
        if not large:
            return None
        shared, best = max(((idle.shared(nodes), idle) for idle in large), key=lambda found: found[0])
        if 2 * shared < max(1, len(best.nodes)):  # more would be lost than gained
            if self.held_bytes + capacity * self._token_bytes <= self._max_bytes:
                return None
            best = large[0]
            shared = best.shared(nodes)
        self._idle.remove(best)
        return best.cache, shared

    def give(self, cache: GrowingCache, nodes: Sequence[Node], tenant: str | None = None) -> None:
        """Lay a buffer down that begins with the states of `nodes`. Older ones go when there is no room for it."""
        kept = next((index for index, node in enumerate(nodes) if node.dropped), len(nodes))
        size = cache.capacity * self._token_bytes
        if not kept or size > self._max_bytes:
            return
        while self.held_bytes + size > self._max_bytes:
            self._idle.pop(0)
        self._idle.append(_Idle(cache, tuple(nodes[:kept]), size, tenant))

    def forget_dropped(self) -> None:
        """Let go of buffers that hold blocks which are kept no more: what was cleared stays in no memory."""
        self._idle = [idle for idle in self._idle if not any(node.dropped for node in idle.nodes)]
