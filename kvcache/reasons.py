"""Why a request reads no more than it does, found in the tree at the time of the lookup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from kvcache.breakpoints import Breakpoints
from kvcache.grid import Block
from kvcache.lifetime import Lifetime
from kvcache.misses import MissCause, Tombstones, common_tokens
from kvcache.nodes import Lease, Node

__all__ = ["Lookup", "is_elsewhere", "why"]

_MOST_COMPARED = 512
"""Prompts that are compared with, for the first token that differs: those kept last. So many take some 30 µs,
on the way to a first token and while other requests wait; a tenant may keep any number of them."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a request asked for and found.

    Args:
        blocks: The prompt, cut.
        path: What is kept of it and may be seen.
        read: How many of those blocks are read.
        points: The request's breakpoints.
        lifetime: Its rules.
    """

    blocks: Sequence[Block]
    path: Lease
    read: int
    points: Breakpoints
    lifetime: Lifetime

    @property
    def read_tokens(self) -> int:
        """Tokens of the blocks that are read."""
        return sum(map(len, self.blocks[: self.read]))


def why(lookup: Lookup, root: Node, tombstones: Tombstones) -> tuple[MissCause, int]:
    """The cause why the block after those read was not read, and the position in the prompt; see Miss."""
    start, life = lookup.read_tokens, lookup.lifetime
    if sum(map(len, lookup.blocks)) < life.min_tokens:
        return "below_minimum", start
    if life.explicit and not lookup.points.marks:
        return "no_breakpoint", start
    if life.explicit and not life.kept_until(lookup.points.last, lookup.points):
        return "below_minimum", start
    if lookup.read < len(lookup.path.nodes):
        return _unreadable(lookup), start
    last = lookup.path.nodes[-1] if lookup.path.nodes else root
    block = lookup.blocks[lookup.read]
    gone = tombstones.find(lookup.path.owners, hash((last.path_hash, block)))
    if gone is not None:
        return gone, start
    branches = [last.children[owner] for owner in lookup.path.owners if owner in last.children]
    others = (key for branch in branches for key in islice(reversed(branch), _MOST_COMPARED))
    return "new", start + common_tokens(block, others)


def _unreadable(lookup: Lookup) -> MissCause:
    """Why blocks that are kept are not read."""
    life, nodes = lookup.lifetime, lookup.path.nodes
    ends = list(accumulate(len(node.key) for node in nodes))
    if life.explicit:
        own = lookup.path.owners[-1]
        ends_marked = (end for node, end in zip(nodes, ends, strict=True) if node.is_marked_for(own))
        marked = [end for end in ends_marked if end > lookup.read_tokens]
        allowed = lookup.points.within_lookback(life.lookback).intersection(marked)
        if not allowed:
            return "lookback" if marked else "new"
        ends = sorted(allowed)
    return "inner_end" if life.reported(ends[-1]) else "below_minimum"


def is_elsewhere(root: Node, blocks: Sequence[Block]) -> bool:
    """Whether anybody at all keeps all of these blocks in this order."""
    ends = [root]
    for block in blocks:
        ends = [branch[block] for node in ends for branch in node.children.values() if block in branch]
    return bool(ends)
