"""What a request holds of the prefix cache while it runs, and what it gives to it."""

from __future__ import annotations

from dataclasses import dataclass

from kvcache.breakpoints import Breakpoints
from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.nodes import Lease, NewBlock
from kvcache.scopes import Owner, Owners

__all__ = ["NO_POINTS", "Computed", "PrefixLease"]

#: A request without breakpoints.
NO_POINTS = Breakpoints()


@dataclass(frozen=True, slots=True)
class Computed:
    """A block to keep.

    Args:
        kept: Its states, not written to from now on.
        seconds: What computing it took.
        owner: Whose it is; None is the last of the request's owners.
        end_seconds: After how long it goes, whoever reads it; None is never.
        from_below: Whether a lower tier has it already.
    """

    kept: Kept
    seconds: float = 0.0
    owner: Owner | None = None
    end_seconds: float | None = None
    from_below: bool = False


@dataclass(frozen=True, slots=True)
class PrefixLease:
    """What a request found: the first blocks of its prompt, which stay until the lease is released.

    Args:
        blocks: The whole prompt, cut.
        kept: What it may read of it, from the first block on.
        path: What is kept of it in the tree, and what has been inserted since.
        clears: How often anything had been cleared before.
        points: The request's breakpoints.
        ends: Where each block ends, in tokens.
        kept_until: Up to which token the prompt is kept.
        found: Blocks that were kept when the lease was made; there may be more of them than may be read.
    """

    blocks: tuple[Block, ...]
    kept: tuple[Kept, ...]
    path: Lease
    clears: int
    points: Breakpoints
    ends: tuple[int, ...]
    kept_until: int
    found: int

    @property
    def owners(self) -> Owners:
        """Whose blocks it reads; it writes as the last."""
        return self.path.owners

    @property
    def next_hash(self) -> int:
        """A hash of the prompt up to and with the block behind the lease."""
        nodes = self.path.nodes
        return hash((nodes[-1].path_hash if nodes else 0, self.blocks[len(nodes)]))

    def tokens(self, blocks: int) -> int:
        """Tokens of the first so many blocks."""
        return self.ends[blocks - 1] if blocks else 0

    @property
    def held_tokens(self) -> int:
        """Tokens of the prompt that it covers now, inserted ones counted."""
        return self.tokens(len(self.path.nodes))

    def is_marked(self, end: int) -> bool:
        """Whether one of the request's breakpoints keeps what ends here."""
        return end <= self.kept_until and any(mark.tokens == end for mark in self.points.marks)

    def new_block(self, index: int, computed: Computed, size: int, idle_seconds: float | None) -> NewBlock:
        """Block `index` of the prompt, to be kept; it takes `size` bytes, and lives so long without being read where no
        breakpoint says otherwise."""
        end = self.ends[index]
        return NewBlock(
            key=self.blocks[index],
            size=size,
            seconds=computed.seconds,
            idle_seconds=self.points.idle_seconds(end, idle_seconds),
            marked=self.is_marked(end),
            owner=computed.owner,
            end_seconds=computed.end_seconds,
        )

    def renew(self) -> None:
        """Let what was found stay as long as the request's breakpoints say, and be found where they are.

        Only what is its own: what a wider scope keeps is read by others, who would see what this one asked.
        """
        for node, end in zip(self.path.nodes, self.ends, strict=False):
            if end <= self.kept_until and node.owner == self.owners[-1]:
                node.marked = node.marked or self.is_marked(end)
                wanted = self.points.idle_seconds(end, node.idle_seconds)
                if node.idle_seconds is not None and wanted is not None:
                    node.idle_seconds = max(node.idle_seconds, wanted)
