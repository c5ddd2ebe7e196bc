"""The prefix cache's way to the tiers below it: what goes down, what comes up, and for how long it may be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.leases import Computed, PrefixLease
from kvcache.lifetime import Lifetime
from kvcache.nodes import Choice, Node, path_of
from kvcache.scopes import Owner, Owners
from kvcache.tiers import Limits, LowerTiers, NoLowerTiers, TierBlock, TierStats

__all__ = ["Below"]


class Below:
    """LowerTiers in the prefix cache's words. Safe for threads as they are.

    Args:
        lower: The tiers; None is none.
        lifetime: The rules that hold below too.
        clock: Seconds, not decreasing; that of the tree.
    """

    def __init__(self, lower: LowerTiers | None, lifetime: Lifetime, clock: Callable[[], float]) -> None:
        self._lower = lower or NoLowerTiers()
        self._lifetime = lifetime
        self._clock = clock
        self.is_there = not isinstance(self._lower, NoLowerTiers)

    def put(self, blocks: Iterable[tuple[Node, Kept]]) -> None:
        """Hand blocks down. They may have left the tree, but know their path. Waits for nothing."""
        for node, kept in blocks if self.is_there else ():
            left = self._seconds_left(node)
            if not left.is_over():
                path = [step.key for step in path_of(node)]
                self._lower.put(node.owner.name, path, TierBlock(kept, node.seconds, left))

    def load(self, lease: PrefixLease, keep: Callable[[int, Computed], object]) -> list[Kept]:
        """What is below of the prompt right behind the lease, and quicker to load than to compute.

        Args:
            lease: An open lease.
            keep: Called with the number and the value of each block that is exact, up to the first that is not.
        """
        loaded: list[Kept] = []
        for owner in lease.owners if self.is_there else ():
            start = lease.found + len(loaded)
            end = self._end(lease, owner, start)
            blocks = self._lower.load(owner.name, lease.blocks, start, end) if end > start else []
            for index, block in enumerate(blocks, start):
                loaded.append(block.kept)
                if all(kept.exact for kept in loaded):
                    keep(index, self._computed(owner, block))
        return loaded

    def loadable(self, lease: PrefixLease) -> int:
        """How many blocks behind those read `load` would give."""
        count = 0
        for owner in lease.owners if self.is_there and lease.found == len(lease.kept) else ():
            start = lease.found + count
            count += max(0, self._end(lease, owner, start) - start)
        return count

    def is_of_other_model(self, owners: Owners, blocks: Sequence[Block], index: int) -> bool:
        """Whether block `index` of a prompt lies below for one of these owners, but of another model or version."""
        found = (self._lower.find(owner.name, blocks[: index + 1], index) for owner in owners if self.is_there)
        return any(one.other_model for one in found)

    def clear(self, choice: Choice) -> None:
        """Forget below what is forgotten above, and with it all that cannot be told from it without reading the files:
        everything of the owners that are meant, and everybody's where what is public goes, on which the rest hangs."""
        if choice.public or choice.tenant is None:
            self._lower.forget()
        else:
            self._lower.forget(Owner(choice.tenant, choice.user).name)

    def stats(self) -> TierStats:
        """What the tiers hold."""
        return self._lower.stats()

    def close(self) -> None:
        """Write what waits, and stop."""
        self._lower.close()

    def _end(self, lease: PrefixLease, owner: Owner, start: int) -> int:
        """Up to which block what an owner has there from `start` on may be read."""
        return self._readable_end(lease, start + self._lower.find(owner.name, lease.blocks, start).blocks)

    def _readable_end(self, lease: PrefixLease, end: int) -> int:
        """Below nothing is marked: where breakpoints decide, what they walk back over counts."""
        if not self._lifetime.explicit:
            return end if self._lifetime.reported(lease.tokens(end)) else 0
        allowed = lease.points.within_lookback(self._lifetime.lookback)
        ends = (count for count in range(1, end + 1) if lease.tokens(count) in allowed)
        return max((count for count in ends if self._lifetime.reported(lease.tokens(count))), default=0)

    def _seconds_left(self, node: Node) -> Limits:
        """How much longer a block may be read."""
        now, most = self._clock(), self._lifetime.most_seconds
        left = Limits(node.idle_seconds, now - node.used_at, None if node.ends_at is None else node.ends_at - now)
        return left.within(None if most is None else node.made_at + most - now)

    def _computed(self, owner: Owner, block: TierBlock) -> Computed:
        """To be kept again. It came up because it is read, so only its end goes on from where it was."""
        return Computed(block.kept, block.seconds, owner, end_seconds=block.limits.end_seconds, from_below=True)
