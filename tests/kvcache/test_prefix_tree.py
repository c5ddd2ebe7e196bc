"""The tree against a plain dictionary that says the same in the slowest and plainest way."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from kvcache.prefix_tree import Lease, PrefixTree

_BLOCK = 2
# hash(-1) == hash(-2) in CPython: blocks made of them collide and only a comparison of tokens tells them apart.
_TOKENS = st.lists(st.sampled_from([-1, -2, 3]), min_size=0, max_size=9).map(tuple)
_TENANTS = st.sampled_from(["a", "b"])

Tokens = tuple[int, ...]
Key = tuple[str, Tokens]


@dataclass
class _Entry:
    slot: int
    readers: int = 0
    last_used: int = 0


@dataclass
class _Held:
    """A lease of the tree beside the entries it should cover."""

    lease: Lease
    tokens: Tokens
    entries: list[_Entry] = field(default_factory=list)
    detached: bool = False


class _TreeMachine(RuleBasedStateMachine):
    held = Bundle("held")

    @initialize(total=st.integers(0, 6))
    def start(self, total: int) -> None:
        self.tree = PrefixTree(_BLOCK, total)
        self.total = total
        self.kept: dict[Key, _Entry] = {}
        self.ghosts: list[_Entry] = []
        self.open: list[_Held] = []
        self.now = 0

    @rule(target=held, tenant=_TENANTS, tokens=_TOKENS, limit=st.integers(0, 4))
    def lease(self, tenant: str, tokens: Tokens, limit: int) -> _Held:
        held = _Held(self.tree.lease(tenant, tokens, limit), tokens)
        while len(held.entries) < min(limit, len(tokens) // _BLOCK):
            entry = self.kept.get((tenant, tokens[: (len(held.entries) + 1) * _BLOCK]))
            if entry is None:
                break
            entry.readers += 1
            held.entries.append(entry)
        assert [node.slot for node in held.lease.nodes] == [entry.slot for entry in held.entries]
        self.open.append(held)
        return held

    @rule(held=held)
    def extend(self, held: _Held) -> None:
        found = self.tree.extend(held.lease, held.tokens)
        end = (len(held.entries) + 1) * _BLOCK
        key = (held.lease.tenant, held.tokens[:end])
        if end > len(held.tokens) or (held.detached and held.entries):
            assert found is None
            return
        held.detached = False
        if key in self.kept:
            assert found is None
            self._cover(held, self.kept[key])
            return
        victim = self._victim() if self._used() == self.total else None
        if self._used() == self.total and victim is None:
            assert found is None
            return
        assert found is not None
        slot, evicted = found
        assert evicted == (() if victim is None else (self.kept.pop(victim).slot,))
        self.kept[key] = _Entry(slot)
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
        assert forgotten == len(mine)
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
        assert now.cached == sum(entry.readers == 0 for entry in self.kept.values())
        assert now.leased == sum(entry.readers > 0 for entry in self.kept.values()) + len(self.ghosts)
        assert self.tree.tenants == len({tenant for tenant, _ in self.kept})
        assert {node.slot for node in self.tree.nodes()} == {entry.slot for entry in self.kept.values()}

    def teardown(self) -> None:
        for held in getattr(self, "open", []):
            self.tree.release(held.lease)
        if hasattr(self, "tree"):
            assert self.tree.occupancy.leased == 0
            self.tree.check()

    def _cover(self, held: _Held, entry: _Entry) -> None:
        entry.readers += 1
        held.entries.append(entry)

    def _used(self) -> int:
        return len(self.kept) + len(self.ghosts)

    def _victim(self) -> Key | None:
        """The least recently used entry that nobody reads and nothing extends."""
        inner = {(tenant, tokens[:-_BLOCK]) for tenant, tokens in self.kept}
        idle = [key for key, entry in self.kept.items() if not entry.readers and key not in inner]
        return min(idle, key=lambda key: self.kept[key].last_used, default=None)


TestPrefixTree = _TreeMachine.TestCase
TestPrefixTree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_blocks_with_equal_hashes_are_told_apart() -> None:
    tree = PrefixTree(2, total=4)
    first = tree.lease("a", (-1, -1), 1)
    tree.extend(first, (-1, -1))
    assert hash((-1, -1)) == hash((-2, -2))
    assert tree.lease("a", (-2, -2), 1).nodes == []


def test_a_leased_block_is_never_evicted() -> None:
    tree = PrefixTree(1, total=1)
    reader = tree.lease("a", (1,), 1)
    tree.extend(reader, (1,))
    late = tree.lease("a", (2,), 1)
    assert tree.extend(late, (2,)) is None
    tree.release(reader)
    assert tree.extend(late, (2,)) == (0, (0,))


def test_the_leaf_used_longest_ago_goes_first_and_its_parent_stays() -> None:
    tree = PrefixTree(1, total=3)
    for tokens in ((1, 2), (1, 3)):
        lease = tree.lease("a", tokens, 2)
        while tree.extend(lease, tokens):
            pass
        tree.release(lease)
    tree.release(tree.lease("a", (1, 2), 2))
    newcomer = tree.lease("a", (9,), 1)
    assert tree.extend(newcomer, (9,)) == (2, (2,))
    assert len(tree.lease("a", (1, 2), 2).nodes) == 2


def test_one_tenant_never_finds_another_tenants_block() -> None:
    tree = PrefixTree(1, total=2)
    tree.extend(tree.lease("a", (1,), 1), (1,))
    assert tree.lease("b", (1,), 1).nodes == []
