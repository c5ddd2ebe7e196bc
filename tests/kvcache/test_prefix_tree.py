"""The tree against a plain dictionary that says the same in the slowest and plainest way."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from kvcache.grid import Block
from kvcache.prefix_tree import Lease, PrefixTree

# hash(-1) == hash(-2) in CPython: blocks made of them collide and only a comparison of tokens tells them apart.
_BLOCKS = st.lists(st.lists(st.sampled_from([-1, -2, 3]), min_size=1, max_size=3).map(tuple), max_size=5).map(tuple)
_TENANTS = st.sampled_from(["a", "b"])

Path = tuple[Block, ...]
Key = tuple[str, Path]


@dataclass
class _Entry:
    slot: int
    size: int
    readers: int = 0
    last_used: int = 0


@dataclass
class _Held:
    """A lease of the tree beside the entries it should cover."""

    lease: Lease
    blocks: Path
    entries: list[_Entry] = field(default_factory=list)
    detached: bool = False


class _TreeMachine(RuleBasedStateMachine):
    held = Bundle("held")

    @initialize(total=st.integers(0, 12))
    def start(self, total: int) -> None:
        self.tree = PrefixTree(total)
        self.total = total
        self.kept: dict[Key, _Entry] = {}
        self.ghosts: list[_Entry] = []
        self.open: list[_Held] = []
        self.now = 0

    @rule(target=held, tenant=_TENANTS, blocks=_BLOCKS)
    def lease(self, tenant: str, blocks: Path) -> _Held:
        held = _Held(self.tree.lease(tenant, blocks), blocks)
        while len(held.entries) < len(blocks):
            entry = self.kept.get((tenant, blocks[: len(held.entries) + 1]))
            if entry is None:
                break
            self._cover(held, entry)
        assert [node.slot for node in held.lease.nodes] == [entry.slot for entry in held.entries]
        self.open.append(held)
        return held

    @rule(held=held, extra=st.integers(0, 3))
    def extend(self, held: _Held, extra: int) -> None:
        index = len(held.entries)
        block = held.blocks[index] if index < len(held.blocks) else ()
        size = len(block) + extra
        found = self.tree.extend(held.lease, block, size)
        if not block or (held.detached and held.entries):
            assert found is None
            return
        held.detached = False
        key = (held.lease.tenant, held.blocks[: index + 1])
        if key in self.kept:
            assert found is None
            self._cover(held, self.kept[key])
            return
        if size > self.total - sum(entry.size for entry in self._leased()):
            assert found is None
            return
        victims = []
        while size > self.total - self._used():
            victims.append(self.kept.pop(self._victim()).slot)
        assert found is not None
        assert found[1] == tuple(victims)
        self.kept[key] = _Entry(found[0], size)
        self._cover(held, self.kept[key])

    @rule(target=held, held=consumes(held))
    def release(self, held: _Held) -> object:
        freed = self.tree.release(held.lease)
        self.now += 1
        for entry in held.entries:
            entry.readers -= 1
            entry.last_used = self.now
        gone = [ghost for ghost in self.ghosts if ghost.readers == 0]
        self.ghosts = [ghost for ghost in self.ghosts if ghost.readers]
        assert sorted(freed) == sorted(ghost.slot for ghost in gone)
        assert self.tree.release(held.lease) == ()
        self.open.remove(held)
        return multiple()

    @rule(tenant=st.one_of(st.none(), _TENANTS))
    def clear(self, tenant: str | None) -> None:
        mine = {key: entry for key, entry in self.kept.items() if tenant in (None, key[0])}
        forgotten, freed = self.tree.clear(tenant)
        assert forgotten == sum(len(path[-1]) for _, path in mine)
        assert sorted(freed) == sorted(entry.slot for entry in mine.values() if not entry.readers)
        self.ghosts += [entry for entry in mine.values() if entry.readers]
        self.kept = {key: entry for key, entry in self.kept.items() if key not in mine}
        for held in self.open:
            held.detached = held.detached or tenant in (None, held.lease.tenant)

    @invariant()
    def books_balance(self) -> None:
        self.tree.check()
        now = self.tree.occupancy
        assert now.total == self.total
        assert now.free + now.cached + now.leased == now.total
        assert now.cached == sum(entry.size for entry in self.kept.values() if entry.readers == 0)
        assert now.leased == sum(entry.size for entry in self._leased())
        assert now.blocks == len(self.kept)
        assert self.tree.tenants == len({tenant for tenant, _ in self.kept})
        assert {node.slot for node in self.tree.nodes()} == {entry.slot for entry in self.kept.values()}

    @invariant()
    def what_is_leased_stays(self) -> None:
        for held in self.open:
            assert [node.slot for node in held.lease.nodes] == [entry.slot for entry in held.entries]
            for node, entry in zip(held.lease.nodes, held.entries, strict=True):
                assert node.dropped == (entry in self.ghosts)

    def teardown(self) -> None:
        for held in getattr(self, "open", []):
            self.tree.release(held.lease)
        if hasattr(self, "tree"):
            assert self.tree.occupancy.leased == 0
            self.tree.check()

    def _cover(self, held: _Held, entry: _Entry) -> None:
        entry.readers += 1
        held.entries.append(entry)

    def _leased(self) -> list[_Entry]:
        return [entry for entry in self.kept.values() if entry.readers] + self.ghosts

    def _used(self) -> int:
        return sum(entry.size for entry in [*self.kept.values(), *self.ghosts])

    def _victim(self) -> Key:
        """The least recently used entry that nobody reads and nothing extends."""
        inner = {(tenant, path[:-1]) for tenant, path in self.kept}
        idle = [key for key, entry in self.kept.items() if not entry.readers and key not in inner]
        return min(idle, key=lambda key: self.kept[key].last_used)


TestPrefixTree = _TreeMachine.TestCase
TestPrefixTree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def _store(tree: PrefixTree, tenant: str, *blocks: Block) -> None:
    lease = tree.lease(tenant, blocks)
    for block in blocks[len(lease.nodes) :]:
        tree.extend(lease, block, len(block))
    tree.release(lease)


def test_blocks_with_equal_hashes_are_told_apart() -> None:
    tree = PrefixTree(8)
    _store(tree, "a", (-1, -1))
    assert hash((-1, -1)) == hash((-2, -2))
    assert tree.lease("a", [(-2, -2)]).nodes == []


def test_a_tail_and_the_block_that_begins_with_it_are_two_blocks() -> None:
    tree = PrefixTree(8)
    _store(tree, "a", (1, 2))
    _store(tree, "a", (1, 2, 3))
    assert [[node.size for node in tree.lease("a", [block]).nodes] for block in ((1, 2), (1, 2, 3), (1,))] == [
        [2],
        [3],
        [],
    ]


def test_a_leased_block_is_never_evicted() -> None:
    tree = PrefixTree(1)
    reader = tree.lease("a", [(1,)])
    tree.extend(reader, (1,), 1)
    late = tree.lease("a", [(2,)])
    assert tree.extend(late, (2,), 1) is None
    tree.release(reader)
    assert tree.extend(late, (2,), 1) == (1, (0,))


def test_a_block_that_cannot_fit_evicts_nothing() -> None:
    tree = PrefixTree(3)
    _store(tree, "a", (1,))
    reader = tree.lease("a", [(2,)])
    tree.extend(reader, (2,), 1)
    assert tree.extend(tree.lease("a", [(3, 3, 3)]), (3, 3, 3), 3) is None
    assert tree.occupancy.blocks == 2


def test_the_leaves_used_longest_ago_go_first_and_their_parent_stays() -> None:
    tree = PrefixTree(4)
    for leaf in (2, 3, 4):
        _store(tree, "a", (1,), (leaf,))
    tree.release(tree.lease("a", [(1,), (2,)]))
    newcomer = tree.lease("a", [(9, 9)])
    assert tree.extend(newcomer, (9, 9), 2) == (4, (2, 3))
    assert len(tree.lease("a", [(1,), (2,)]).nodes) == 2


def test_one_tenant_never_finds_another_tenants_block() -> None:
    tree = PrefixTree(2)
    _store(tree, "a", (1,))
    assert tree.lease("b", [(1,)]).nodes == []
