"""The tree of kept blocks with their states, pins and graves. Not safe for threads; PrefixCache locks around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kvcache.config import KVCacheConfig
from kvcache.errors import PinLimitError
from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.lifetime import lifetime
from kvcache.misses import Gone, MissCause, Tombstones
from kvcache.nodes import Choice, Lease, NewBlock, Node
from kvcache.pins import Pins
from kvcache.prefix_tree import PrefixTree, TreeRules
from kvcache.reasons import Lookup, is_elsewhere, why
from kvcache.scopes import Owner, Owners
from kvcache.sweep import Sweep

__all__ = ["Added", "KeptTree"]


@dataclass(frozen=True, slots=True)
class Added:
    """A block that is kept now, and the evicted ones with their states, which somebody else may take over."""

    node: Node
    evicted: list[tuple[Node, Kept]]


class KeptTree:
    """Blocks with their states, by prefix and owner.

    Args:
        config: The budget and the rules.
        clock: Seconds, not decreasing.
    """

    def __init__(self, config: KVCacheConfig, clock: Callable[[], float]) -> None:
        life = lifetime(config.lifetime)
        half_life = config.half_life_seconds if config.eviction == "worth" else None
        self._tree = PrefixTree(config.kept_bytes, TreeRules(half_life, life.most_seconds, clock))
        self._states: dict[int, Kept] = {}
        self._pins = Pins(config.pinned_bytes)
        self._tombstones = Tombstones()
        shortest = [time for time in (life.idle_seconds, life.most_seconds) if time is not None]
        self._sweep = Sweep(min(shortest, default=None), clock())
        self._clock = clock
        self._evicted = 0
        self._expired = 0

    def totals(self) -> dict[str, int]:
        """Sizes and counts, by the names of CacheStats."""
        now, tenants = self._tree.occupancy, {node.owner.tenant for node in self._tree.nodes()} - {None}
        return {
            "total_bytes": now.total,
            "free_bytes": now.free,
            "cached_bytes": now.cached,
            "leased_bytes": now.leased,
            "pinned_bytes": self._pins.held_bytes,
            "blocks": now.blocks,
            "tenants": len(tenants),
            "evicted_blocks": self._evicted,
            "expired_blocks": self._expired,
        }

    def lease(self, owners: Owners, blocks: Sequence[Block], *, counts: bool) -> Lease:
        """See PrefixTree.lease. Now and then, what has outlived its time goes first."""
        if self._sweep.is_due(self._clock()):
            self._bury(*self._tree.drop(self._tree.expired()), how="expired")
        return self._tree.lease(owners, blocks, counts=counts)

    def advance(self, lease: Lease, blocks: Sequence[Block]) -> int:
        """See PrefixTree.advance."""
        return self._tree.advance(lease, blocks)

    def states(self, nodes: Iterable[Node]) -> tuple[Kept, ...]:
        """The states of leased blocks."""
        return tuple(self._states[node.slot] for node in nodes)

    def add(self, lease: Lease, block: NewBlock, kept: Kept) -> Added | None:
        """Keep a block behind a lease; None when nothing is stored. See PrefixTree.extend."""
        placed = self._tree.extend(lease, block)
        if placed is None:
            return None
        node = placed.node
        self._states[node.slot] = kept
        self._bury(placed.expired, placed.expired, how="expired")
        evicted = [(victim, self._states[victim.slot]) for victim in placed.evicted]
        self._bury(placed.evicted, placed.evicted, how="evicted")
        self._tombstones.remove(node.owner, node.path_hash)
        if block.idle_seconds is not None:
            self._sweep.shorten(block.idle_seconds)
        return Added(node, evicted)

    def release(self, lease: Lease) -> None:
        """Give a lease back; again does nothing."""
        self._forget(self._tree.release(lease))

    def clear(self, choice: Choice) -> int:
        """Forget the chosen blocks and the pins on them. Returns their tokens."""
        # First the pins: what they hold would stay.
        for pin in self._pins.take_holding(choice.tops(self._tree.root)):
            self._unpin(pin)
        gone, idle = self._tree.clear(choice)
        self._bury(gone, idle, how="cleared")
        return sum(len(node.key) for node in gone)

    def pin(self, owners: Owners, blocks: Sequence[Block]) -> bool:
        """Let a kept prompt stay. Again is no change. False when not all of it is kept.

        Raises:
            PinLimitError: The pinned blocks would take more than the config allows.
        """
        if self._pins.find(owners[-1], blocks) is not None:
            return True
        lease = self._tree.lease(owners, blocks, counts=False)
        held, more, most = self._pins.held_bytes, self._pins.missing_bytes(lease), self._pins.max_bytes
        if len(lease.nodes) < len(blocks) or held + more > most:
            self.release(lease)
            if held + more > most:
                raise PinLimitError(
                    f"Pinning this prefix takes {more} bytes more, and {held} of at most {most} are pinned already. "
                    "Unpin another one, or raise pin_bytes in KVCacheConfig."
                )
            return False
        self._tree.pin(lease, 1)
        self._pins.add(owners[-1], blocks, lease)
        return True

    def unpin(self, owner: Owner, blocks: Sequence[Block]) -> bool:
        """Let a pinned prompt go like any other. False when it has no pin."""
        pin = self._pins.take(owner, blocks)
        if pin is not None:
            self._unpin(pin)
        return pin is not None

    def why(self, lookup: Lookup) -> tuple[MissCause, int]:
        """See reasons.why."""
        return why(lookup, self._tree.root, self._tombstones)

    def is_elsewhere(self, blocks: Sequence[Block]) -> bool:
        """Whether anybody at all keeps these blocks in this order."""
        return is_elsewhere(self._tree.root, blocks)

    def check(self) -> None:
        """Recount the books; see PrefixTree.check. Also: every block that can be found has states, and no other.

        Raises:
            AssertionError: They do not balance.
        """
        self._tree.check()
        nodes = list(self._tree.nodes())
        slots, ghosts = {node.slot for node in nodes}, self._tree.occupancy.leased
        ghosts -= sum(node.size for node in nodes if node.readers)
        if not slots <= self._states.keys() or (not ghosts and len(slots) != len(self._states)):
            raise AssertionError(f"{len(self._states)} blocks of states for {len(slots)} blocks in the tree")

    def _bury(self, gone: Iterable[Node], idle: Iterable[Node], *, how: Gone) -> None:
        """Remember how blocks went, and let go of the states that nobody reads."""
        for node in gone:
            self._tombstones.add(node.owner, node.path_hash, how)
            self._evicted += how == "evicted"
            self._expired += how == "expired"
        self._forget(idle)

    def _forget(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            del self._states[node.slot]

    def _unpin(self, pin: Lease) -> None:
        self._tree.pin(pin, -1)
        self.release(pin)
