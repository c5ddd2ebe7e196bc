"""Which prefixes are kept: a radix tree over whole blocks of tokens. Bookkeeping only; it has no tensors and no locks.

    tokens   |0 ........ 127|128 ....... 255|256 ....... 383|384 .. 400|
    blocks   |      a       |       b       |       c       |   tail   |   the tail is never kept
    tree     root ─ a ─ b ─ c
                      └ d ─ e                  another prompt that shares only block a

A block of the tree is in one of two states, and the rest of the budget is free:

    leased   some request is reading it, so it stays
    cached   nobody reads it: the least recently used leaf goes first when room is needed
    free + cached + leased == total
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kvcache.lifetime import EvictionOrder

__all__ = ["Lease", "Node", "Occupancy", "PrefixTree"]

Block = tuple[int, ...]


class Node:
    """One kept block. `slot` names its tensors; a parent's states are always kept while a child's are."""

    __slots__ = ("children", "dropped", "key", "last_used", "parent", "readers", "slot", "tenant")

    def __init__(self, tenant: str, key: Block, parent: Node | None, slot: int) -> None:
        self.tenant = tenant
        self.key = key
        self.parent = parent
        self.slot = slot
        self.children: dict[Block, Node] = {}
        self.readers = 0
        self.last_used = 0
        self.dropped = False


class Lease:
    """A path from a tenant's root that cannot be evicted until it is released. Blocks are in prompt order."""

    __slots__ = ("nodes", "released", "tenant")

    def __init__(self, tenant: str, nodes: list[Node]) -> None:
        self.tenant = tenant
        self.nodes = nodes
        self.released = False


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Blocks by state."""

    total: int
    free: int
    cached: int
    leased: int


class PrefixTree:
    """Longest kept prefix of a prompt, and what to give up when the budget is full.

    Tenants have a root each: none sees, counts on or extends another's blocks. A prefix that all tenants may read will
    be a second root that `lease` walks first; nothing else needs to know.

    Args:
        block_tokens: Tokens in a block.
        total: Blocks that may be kept.
    """

    def __init__(self, block_tokens: int, total: int) -> None:
        self._block_tokens = block_tokens
        self._total = total
        self._roots: dict[str, dict[Block, Node]] = {}
        self._unused: list[int] = []
        self._next_slot = 0
        self._cached = 0
        self._leased = 0
        self._now = 0
        self._order = EvictionOrder[Node](_eviction_stamp)

    @property
    def occupancy(self) -> Occupancy:
        """Blocks by state now."""
        free = self._total - self._next_slot + len(self._unused)
        return Occupancy(self._total, free, self._cached, self._leased)

    @property
    def tenants(self) -> int:
        """Tenants with at least one kept block."""
        return len(self._roots)

    def lease(self, tenant: str, tokens: Sequence[int], max_blocks: int) -> Lease:
        """Lease the longest kept prefix of `tokens`, at most `max_blocks` long. The lease may be empty.

        Tokens are compared with the stored ones: equal hashes of different tokens do not match.
        """
        lease = Lease(tenant, [])
        children = self._roots.get(tenant, {})
        for index in range(min(max_blocks, len(tokens) // self._block_tokens)):
            node = children.get(self._block(tokens, index))
            if node is None:
                break
            self._hold(node)
            lease.nodes.append(node)
            children = node.children
        return lease

    def extend(self, lease: Lease, tokens: Sequence[int]) -> tuple[int, tuple[int, ...]] | None:
        """Add to the lease the block that follows it, evicting others where there is no room.

        Args:
            lease: A lease on the blocks of `tokens` before this one.
            tokens: The whole prompt.

        Returns:
            The new block's slot and the slots evicted for it. None when nothing needs to be stored: somebody else has
            stored the same block (it is leased all the same), there is no room, or the lease has been dropped.
        """
        key = self._block(tokens, len(lease.nodes))
        parent = lease.nodes[-1] if lease.nodes else None
        if lease.released or len(key) < self._block_tokens or (parent is not None and parent.dropped):
            return None
        siblings = parent.children if parent else self._roots.get(lease.tenant, {})
        known = siblings.get(key)
        if known is not None:
            self._hold(known)
            lease.nodes.append(known)
            return None
        evicted = self._make_room()
        if evicted is None:
            return None
        node = self._add(lease.tenant, key, parent)
        lease.nodes.append(node)
        return node.slot, evicted

    def release(self, lease: Lease) -> tuple[int, ...]:
        """Give the lease back; again does nothing. Returns the slots that nothing refers to any more."""
        if lease.released:
            return ()
        lease.released = True
        self._now += 1
        return tuple(node.slot for node in reversed(lease.nodes) if self._let_go(node))

    def clear(self, tenant: str | None = None) -> tuple[int, tuple[int, ...]]:
        """Forget a tenant's blocks, or everyone's. Nobody finds them from now on; leased ones go when released.

        Returns:
            How many blocks were forgotten, and the slots that are free already.
        """
        tenants = list(self._roots) if tenant is None else [tenant]
        nodes = [node for name in tenants for node in _walk(self._roots.pop(name, {}))]
        for node in nodes:
            node.dropped = True
        idle = [node for node in nodes if node.readers == 0]
        for node in idle:
            self._cached -= 1
            self._unused.append(node.slot)
        return len(nodes), tuple(node.slot for node in idle)

    def check(self) -> None:
        """Recount everything.

        Raises:
            AssertionError: The books do not balance: a mistake in this file.
        """
        now, slots = self.occupancy, [node.slot for node in self.nodes()]
        cached = sum(node.readers == 0 for node in self.nodes())
        if now.free + now.cached + now.leased != now.total or min(now.free, now.cached, now.leased) < 0:
            raise AssertionError(f"{now} does not add up")
        if cached != now.cached or len(slots) - cached > now.leased:
            raise AssertionError(f"{now}, but {len(slots)} blocks can be found, {cached} of them without readers")
        if len(set(slots)) != len(slots) or not set(slots).isdisjoint(self._unused):
            raise AssertionError("two blocks share a slot")

    def nodes(self) -> Iterator[Node]:
        """Every block that can be found, parents before children."""
        for children in self._roots.values():
            yield from _walk(children)

    def _block(self, tokens: Sequence[int], index: int) -> Block:
        start = index * self._block_tokens
        return tuple(tokens[start : start + self._block_tokens])

    def _add(self, tenant: str, key: Block, parent: Node | None) -> Node:
        node = Node(tenant, key, parent, self._take_slot())
        siblings = parent.children if parent else self._roots.setdefault(tenant, {})
        siblings[key] = node
        node.readers = 1
        self._leased += 1
        return node

    def _take_slot(self) -> int:
        if self._unused:
            return self._unused.pop()
        self._next_slot += 1
        return self._next_slot - 1

    def _hold(self, node: Node) -> None:
        if node.readers == 0:
            self._cached -= 1
            self._leased += 1
        node.readers += 1

    def _let_go(self, node: Node) -> bool:
        """Count one reader less. True when the block is gone with its last reader."""
        node.readers -= 1
        node.last_used = self._now
        if node.readers:
            return False
        self._leased -= 1
        if node.dropped:
            self._unused.append(node.slot)
            return True
        self._cached += 1
        self._order.offer(node, self._cached)
        return False

    def _make_room(self) -> tuple[int, ...] | None:
        """Free one slot if none is free. None when every block is leased."""
        if self.occupancy.free:
            return ()
        victim = self._order.pop()
        if victim is None:
            return None
        self._remove_leaf(victim)
        return (victim.slot,)

    def _remove_leaf(self, node: Node) -> None:
        parent = node.parent
        siblings = parent.children if parent else self._roots[node.tenant]
        del siblings[node.key]
        node.dropped = True
        self._cached -= 1
        self._unused.append(node.slot)
        if parent:
            self._order.offer(parent, self._cached)
        elif not siblings:
            del self._roots[node.tenant]


def _eviction_stamp(node: Node) -> int | None:
    """When the node was last used, if nothing reads it or hangs below it."""
    return None if node.readers or node.children or node.dropped else node.last_used


def _walk(children: dict[Block, Node]) -> Iterator[Node]:
    waiting = list(children.values())
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children.values())
