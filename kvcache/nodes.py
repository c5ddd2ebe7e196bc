"""What the prefix tree is made of: kept blocks, leases on paths of them, and the sums of their sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kvcache.eviction import Record
from kvcache.grid import Block
from kvcache.scopes import PUBLIC, Owner, Owners

__all__ = [
    "Choice",
    "Lease",
    "NewBlock",
    "Node",
    "Occupancy",
    "Placed",
    "beginning_with",
    "check_books",
    "path_of",
    "walk",
]


@dataclass(frozen=True, slots=True)
class NewBlock:
    """A block that is to be kept.

    Args:
        key: Its tokens, at least one.
        size: What it takes of the budget.
        seconds: What computing it took.
        idle_seconds: How long it stays without being read; None is for ever.
        marked: Whether a breakpoint of its writer ends here.
        owner: Whose it is; None is the last of the lease's owners.
        end_seconds: After how long it goes, whoever reads it; None is never.
    """

    key: Block
    size: int
    seconds: float = 0.0
    idle_seconds: float | None = None
    marked: bool = False
    owner: Owner | None = None
    end_seconds: float | None = None


class Node:
    """One kept block. `slot` names its tensors; a parent's states are always kept while a child's are.

    `children` are apart by owner, so a scope's own root is the branch of that owner at the root, or below any block of
    a wider scope. `path_hash` is of the tokens from the first on, whoever owns them. `pins` of the `readers` are pins.
    `used_at` is in seconds; `counted_at`, when its uses were counted, in those of the budget's age.
    """

    __slots__ = (
        "children",
        "counted_at",
        "dropped",
        "ends_at",
        "idle_seconds",
        "key",
        "last_used",
        "made_at",
        "marked",
        "owner",
        "parent",
        "path_hash",
        "pins",
        "readers",
        "seconds",
        "size",
        "slot",
        "used_at",
        "uses",
    )

    def __init__(self, owner: Owner, block: NewBlock, parent: Node | None, slot: int, now: float = 0.0) -> None:
        self.owner = owner
        self.key = block.key
        self.parent = parent
        self.slot = slot
        self.size = block.size
        self.seconds = block.seconds
        self.idle_seconds = block.idle_seconds
        self.marked = block.marked
        self.children: dict[Owner, dict[Block, Node]] = {}
        self.path_hash: int = hash((parent.path_hash, block.key)) if parent else 0
        self.readers = 0
        self.pins = 0
        self.made_at = now
        self.ends_at = None if block.end_seconds is None else now + block.end_seconds
        self.used_at = now
        self.counted_at = now
        self.last_used = 0
        self.uses = 0.0
        self.dropped = False

    def is_marked_for(self, owner: Owner) -> bool:
        """Whether one who writes as this owner may read up to here where breakpoints decide.

        Of what a wider scope keeps every block's end may be read: others' marks there would tell what they asked.
        """
        return self.marked or self.owner != owner

    @property
    def record(self) -> Record:
        """What its worth depends on."""
        return Record(self.seconds, self.size, self.uses, self.counted_at)


class Lease:
    """A path from the root that cannot be evicted until it is released. Blocks are in prompt order.

    `counts` is whether the request is a use of them. `is_use` is whether the lease is one: that of a request that
    counts, or one that has added to them; looking alone is none.
    """

    __slots__ = ("counts", "is_use", "nodes", "owners", "released")

    def __init__(self, owners: Owners, *, counts: bool = True) -> None:
        self.owners = owners
        self.counts = counts
        self.is_use = counts
        self.nodes: list[Node] = []
        self.released = False


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Sizes by state, and how many blocks can be found."""

    total: int
    free: int
    cached: int
    leased: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A block that was added, those that were evicted for it, and the outlived ones that it replaces."""

    node: Node
    evicted: list[Node]
    expired: list[Node]


def check_books(now: Occupancy, nodes: Sequence[Node]) -> None:
    """Raises AssertionError when the sums are not those of the blocks that can be found."""
    cached = sum(node.size for node in nodes if node.readers == 0)
    leased = sum(node.size for node in nodes if node.readers)
    if now.free + now.cached + now.leased != now.total or min(now.free, now.cached, now.leased) < 0:
        raise AssertionError(f"{now} does not add up")
    if cached != now.cached or leased > now.leased or len(nodes) != now.blocks:
        raise AssertionError(f"{now}, but {len(nodes)} blocks are found: {cached} cached, {leased} leased")
    if len({node.slot for node in nodes}) != len(nodes):
        raise AssertionError("two blocks share a slot")
    if any(not 0 <= node.pins <= node.readers for node in nodes):
        raise AssertionError("a block has more pins than readers")


def walk(node: Node) -> Iterator[Node]:
    """Every block below `node`, parents before children."""
    waiting = [child for branch in node.children.values() for child in branch.values()]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for branch in node.children.values() for child in branch.values())


def path_of(node: Node) -> list[Node]:
    """The blocks from the first of the prompt to this one. The root is no block."""
    path = []
    while node.parent is not None:
        path.append(node)
        node = node.parent
    path.reverse()
    return path


@dataclass(frozen=True, slots=True)
class Choice:
    """Which blocks are meant.

    Args:
        tenant: Of this tenant and its users; None of everyone, what is public included.
        user: Of this user of the tenant alone.
        public: Of nobody but the public scope; what hangs on it goes with it.
        prefix: Only where a prompt begins with these tokens.
    """

    tenant: str | None = None
    user: str | None = None
    public: bool = False
    prefix: Block | None = None

    def tops(self, root: Node) -> list[Node]:
        """The chosen blocks that hang on others, or on the root."""
        starts = [root] if self.prefix is None else beginning_with(root, self.prefix)
        return [
            node
            for start in starts
            for node in (start, *walk(start))
            if node is not root and self._has(node) and (node is start or not self._has_parent(node, root))
        ]

    def spare(self, node: Node | None, root: Node) -> Node | None:
        """`node` if it is chosen and holds nothing up any more: the beginning of nothing but what went."""
        if node is None or node is root or node.dropped or node.children or node.pins or not self._has(node):
            return None
        return node

    def _has(self, node: Node) -> bool:
        if self.public:
            return node.owner == PUBLIC
        if self.tenant is None:
            return True
        return node.owner.tenant == self.tenant and self.user in (None, node.owner.user)

    def _has_parent(self, node: Node, root: Node) -> bool:
        return node.parent is not None and node.parent is not root and self._has(node.parent)


def beginning_with(root: Node, token_ids: Block) -> list[Node]:
    """The first block on each path whose tokens, with those before it, begin with all of `token_ids`."""
    found, waiting = [], [(root, token_ids)]
    while waiting:
        node, rest = waiting.pop()
        for child in (child for branch in node.children.values() for child in branch.values()):
            if child.key[: len(rest)] == rest:
                found.append(child)
            elif rest[: len(child.key)] == child.key:
                waiting.append((child, rest[len(child.key) :]))
    return found
