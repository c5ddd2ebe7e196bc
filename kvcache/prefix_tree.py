"""Which prefixes are kept: a radix tree over the blocks of prompts. Bookkeeping only; it has no tensors and no locks.

    blocks of one prompt     a  b  c  d        of another     a  b  c  e
    tree                     root ─ a ─ b ─ c ─ d
                                              └ e           blocks may have any length; see grid.py

A block of the tree is in one of two states, and the rest of the budget is free:

    leased   some request is reading it, so it stays
    cached   nobody reads it: the least recently used leaf goes first when room is needed
    free + cached + leased == total
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kvcache.grid import Block
from kvcache.lifetime import EvictionOrder

__all__ = ["Lease", "Node", "Occupancy", "PrefixTree"]


class Node:
    """One kept block. `slot` names its tensors; a parent's states are always kept while a child's are."""

    __slots__ = ("children", "dropped", "key", "last_used", "parent", "readers", "size", "slot", "tenant")

    def __init__(self, tenant: str, key: Block, parent: Node | None, slot: int, size: int) -> None:
        self.tenant = tenant
        self.key = key
        self.parent = parent
        self.slot = slot
        self.size = size
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
    """Sizes by state, and how many blocks can be found."""

    total: int
    free: int
    cached: int
    leased: int
    blocks: int


class PrefixTree:
    """Longest kept prefix of a prompt, and what to give up when the budget is full.

    Tenants have a root each: none sees, counts on or extends another's blocks. A prefix that all tenants may read will
    be a second root that `lease` walks first; nothing else needs to know.

    Args:
        total: Most that the kept blocks' sizes may add up to.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._roots: dict[str, dict[Block, Node]] = {}
        self._next_slot = 0
        self._blocks = 0
        self._free = total
        self._cached = 0
        self._leased = 0
        self._now = 0
        self._order = EvictionOrder[Node](_eviction_stamp)

    @property
    def occupancy(self) -> Occupancy:
        """Sizes by state now."""
        return Occupancy(self._total, self._free, self._cached, self._leased, self._blocks)

    @property
    def tenants(self) -> int:
        """Tenants with at least one kept block."""
        return len(self._roots)

    def lease(self, tenant: str, blocks: Sequence[Block]) -> Lease:
        """Lease the longest kept prefix of `blocks`. The lease may be empty.

        Tokens are compared with the stored ones: equal hashes of different tokens do not match.
        """
        lease = Lease(tenant, [])
        children = self._roots.get(tenant, {})
        for block in blocks:
            node = children.get(block)
            if node is None:
                break
            self._hold(node)
            lease.nodes.append(node)
            children = node.children
        return lease

    def extend(self, lease: Lease, block: Block, size: int) -> tuple[int, tuple[int, ...]] | None:
        """Add to the lease the block that follows it, evicting others where there is no room.

        Args:
            lease: A lease on the blocks of the prompt before this one.
            block: Its tokens, at least one.
            size: What it takes of the budget.

        Returns:
            The new block's slot and the slots evicted for it. None when nothing needs to be stored: somebody else has
            stored the same block (it is leased all the same), there is no room, or the lease has been dropped.
        """
        parent = lease.nodes[-1] if lease.nodes else None
        if lease.released or not block or (parent is not None and parent.dropped):
            return None
        siblings = parent.children if parent else self._roots.get(lease.tenant, {})
        known = siblings.get(block)
        if known is not None:
            self._hold(known)
            lease.nodes.append(known)
            return None
        evicted = self._make_room(size)
        if evicted is None:
            return None
        node = self._add(lease.tenant, block, parent, size)
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
            How many tokens were forgotten, and the slots that are free already.
        """
        tenants = list(self._roots) if tenant is None else [tenant]
        nodes = [node for name in tenants for node in _walk(self._roots.pop(name, {}))]
        for node in nodes:
            node.dropped = True
        idle = [node for node in nodes if node.readers == 0]
        for node in idle:
            self._cached -= node.size
            self._free += node.size
        self._blocks -= len(nodes)
        return sum(len(node.key) for node in nodes), tuple(node.slot for node in idle)

    def check(self) -> None:
        """Recount everything.

        Raises:
            AssertionError: The books do not balance: a mistake in this file.
        """
        now, nodes = self.occupancy, list(self.nodes())
        cached = sum(node.size for node in nodes if node.readers == 0)
        leased = sum(node.size for node in nodes if node.readers)
        if now.free + now.cached + now.leased != now.total or min(now.free, now.cached, now.leased) < 0:
            raise AssertionError(f"{now} does not add up")
        if cached != now.cached or leased > now.leased or len(nodes) != now.blocks:
            raise AssertionError(f"{now}, but {len(nodes)} blocks are found: {cached} cached, {leased} leased")
        if len({node.slot for node in nodes}) != len(nodes):
            raise AssertionError("two blocks share a slot")

    def nodes(self) -> Iterator[Node]:
        """Every block that can be found, parents before children."""
        for children in self._roots.values():
            yield from _walk(children)

    def _add(self, tenant: str, key: Block, parent: Node | None, size: int) -> Node:
        node = Node(tenant, key, parent, self._next_slot, size)
        siblings = parent.children if parent else self._roots.setdefault(tenant, {})
        siblings[key] = node
        node.readers = 1
        self._next_slot += 1
        self._blocks += 1
        self._free -= size
        self._leased += size
        return node

    def _hold(self, node: Node) -> None:
        if node.readers == 0:
            self._cached -= node.size
            self._leased += node.size
        node.readers += 1

    def _let_go(self, node: Node) -> bool:
        """Count one reader less. True when the block is gone with its last reader."""
        node.readers -= 1
        node.last_used = self._now
        if node.readers:
            return False
        self._leased -= node.size
        if node.dropped:
            self._free += node.size
            return True
        self._cached += node.size
        self._order.offer(node, self._blocks)
        return False

    def _make_room(self, size: int) -> tuple[int, ...] | None:
        """Evict until `size` is free. None, and nothing evicted, when what is leased leaves no such room."""
        if size > self._free + self._cached:
            return None
        evicted = []
        while size > self._free:
            victim = self._order.pop()
            if victim is None:
                raise AssertionError(f"{self.occupancy}, but no block can be evicted")
            self._remove_leaf(victim)
            evicted.append(victim.slot)
        return tuple(evicted)

    def _remove_leaf(self, node: Node) -> None:
        parent = node.parent
        siblings = parent.children if parent else self._roots[node.tenant]
        del siblings[node.key]
        node.dropped = True
        self._blocks -= 1
        self._cached -= node.size
        self._free += node.size
        if parent:
            self._order.offer(parent, self._blocks)
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
