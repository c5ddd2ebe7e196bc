"""The tree against a plain dictionary that says the same in the slowest and plainest way."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from kvcache.grid import Block
from kvcache.nodes import Choice, Lease, NewBlock
from kvcache.prefix_tree import PrefixTree, TreeRules
from kvcache.scopes import PUBLIC, Owner, Owners, owners

# hash(-1) == hash(-2) in CPython: blocks made of them collide and only a comparison of tokens tells them apart.
_TOKENS = st.sampled_from([-1, -2, 3])
_BLOCKS = st.lists(st.lists(_TOKENS, min_size=1, max_size=3).map(tuple), max_size=4).map(tuple)
_READERS = st.sampled_from([(PUBLIC,), owners("a"), owners("b"), owners("a", "ann"), owners("a", "bob")])
_HALF_LIFE = 10.0
_HALVING_SHARE = 0.15

#: A block and all before it, each with its owner.
Path = tuple[tuple[Owner, Block], ...]


@dataclass(eq=False)
class _Entry:
    slot: int
    block: NewBlock
    made_at: float
    used: list[float]
    ages: list[float]
    readers: int = 0
    pins: int = 0
    last_used: int = 0

    def worth(self, age: float) -> float:
        """By the definition: each use counts half after a half-life, or when so much of the budget was written."""
        expected: float = sum(0.5 ** ((age - at) / _HALF_LIFE) for at in self.ages)
        return max(self.block.seconds, 1e-9) * expected / max(1, self.block.size)


@dataclass(eq=False)
class _Held:
    """A lease of the tree beside the entries it should cover."""

    lease: Lease
    blocks: tuple[Block, ...]
    path: Path = ()
    entries: list[_Entry] = field(default_factory=list)
    pinned: bool = False
    is_use: bool = True


def _tokens(path: Path) -> Block:
    return tuple(token for _, block in path for token in block)


class _TreeMachine(RuleBasedStateMachine):
    held = Bundle("held")

    @initialize(
        total=st.integers(0, 12), half_life=st.sampled_from([None, _HALF_LIFE]), most=st.sampled_from([None, 30.0])
    )
    def start(self, total: int, half_life: float | None, most: float | None) -> None:
        self.now = 0.0
        self.half_life, self.most = half_life, most
        self.tree = PrefixTree(total, TreeRules(half_life, most, lambda: self.now))
        self.total = total
        self.written = 0
        self.kept: dict[Path, _Entry] = {}
        self.ghosts: list[_Entry] = []
        self.open: list[_Held] = []
        self.releases = 0

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0, 29.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=held, readers=_READERS, blocks=_BLOCKS, counts=st.booleans())
    def lease(self, readers: Owners, blocks: tuple[Block, ...], counts: bool) -> _Held:
        held = _Held(self.tree.lease(readers, blocks, counts=counts), blocks, is_use=counts)
        self._cover(held, self._longest((), readers, blocks), counts)
        self._assert_covered(held)
        self.open.append(held)
        return held

    @rule(
        held=held,
        extra=st.integers(0, 3),
        seconds=st.sampled_from([0.0, 1.0, 7.0]),
        idle=st.sampled_from([None, 5.0, 20.0]),
    )
    def extend(self, held: _Held, extra: int, seconds: float, idle: float | None) -> None:
        if held.pinned:  # a pin covers a whole prompt
            return
        index, readers = len(held.entries), held.lease.owners
        key = held.blocks[index] if index < len(held.blocks) else ()
        block = NewBlock(key, len(key) + extra, seconds, idle)
        placed = self.tree.extend(held.lease, block)
        if not key or (held.entries and held.entries[-1] in self.ghosts):
            assert placed is None
            return
        known = self._longest(held.path, readers, (key,))
        if known:
            assert placed is None
            self._cover(held, known)
            return
        if block.size > self.total - sum(entry.block.size for entry in self._leased()):
            assert placed is None
            return
        assert placed is not None
        path = (*held.path, (readers[-1], key))
        outlived = {path} & self.kept.keys()
        assert sorted(node.slot for node in placed.expired) == sorted(self._lose(outlived))
        for victim in placed.evicted:
            assert block.size > self.total - self._used()
            self._assert_least_worth(victim.slot)
            self._lose({path for path, entry in self.kept.items() if entry.slot == victim.slot})
        assert block.size <= self.total - self._used()
        self.written += block.size
        self.kept[path] = _Entry(placed.node.slot, block, self.now, [self.now], [self._age()])
        held.path, held.entries = path, [*held.entries, self.kept[path]]
        self.kept[path].readers += 1
        held.is_use = True

    @rule(held=held)
    def pin(self, held: _Held) -> None:
        by = -1 if held.pinned else 1
        held.pinned = not held.pinned
        self.tree.pin(held.lease, by)
        for entry in held.entries:
            entry.pins += by

    @rule(target=held, held=consumes(held))
    def release(self, held: _Held) -> object:
        if held.pinned:
            self.pin(held)
        freed = self.tree.release(held.lease)
        self.releases += held.is_use
        for entry in held.entries:
            entry.readers -= 1
            if held.is_use:  # looking alone moves nothing in the order
                entry.last_used = self.releases
        gone = [ghost for ghost in self.ghosts if ghost.readers == 0]
        self.ghosts = [ghost for ghost in self.ghosts if ghost.readers]
        assert sorted(node.slot for node in freed) == sorted(ghost.slot for ghost in gone)
        assert self.tree.release(held.lease) == []
        self.open.remove(held)
        return multiple()

    @rule(
        who=st.sampled_from([(None, None), ("a", None), ("b", None), ("a", "ann")]),
        public=st.booleans(),
        prefix=st.one_of(st.none(), st.lists(_TOKENS, max_size=4).map(tuple)),
    )
    def clear(self, who: tuple[str | None, str | None], public: bool, prefix: Block | None) -> None:
        choice = Choice(None, None, True, prefix) if public else Choice(*who, prefix=prefix)
        gone, idle = self.tree.clear(choice)
        chosen = {path for path in self.kept if self._is_chosen(path, choice)}
        tops = {path for path in chosen if _tokens(path)[: len(prefix or ())] == (prefix or ())}
        lost = self._under(tops)
        for top in tops:
            above = top[:-1]
            while above in chosen - lost and not self.kept[above].pins and not self._children(above) - lost:
                lost.add(above)
                above = above[:-1]
        assert sorted(node.slot for node in gone) == sorted(self.kept[path].slot for path in lost)
        assert sorted(node.slot for node in idle) == sorted(self._lose(lost))

    @rule()
    def sweep(self) -> None:
        expired = {path for path, entry in self.kept.items() if self._is_expired(entry)}
        _, idle = self.tree.drop(self.tree.expired())
        assert sorted(node.slot for node in idle) == sorted(self._lose(expired))

    @invariant()
    def books_balance(self) -> None:
        self.tree.check()
        now = self.tree.occupancy
        assert now.total == self.total
        assert now.free + now.cached + now.leased == now.total
        assert now.cached == sum(entry.block.size for entry in self.kept.values() if entry.readers == 0)
        assert now.leased == sum(entry.block.size for entry in self._leased())
        assert now.blocks == len(self.kept)
        assert {node.slot for node in self.tree.nodes()} == {entry.slot for entry in self.kept.values()}

    @invariant()
    def what_is_leased_stays(self) -> None:
        for held in self.open:
            self._assert_covered(held)
            for node, entry in zip(held.lease.nodes, held.entries, strict=True):
                assert node.dropped == (entry in self.ghosts)

    def teardown(self) -> None:
        for held in list(getattr(self, "open", [])):
            self.release(held)
        if hasattr(self, "tree"):
            assert self.tree.occupancy.leased == 0
            self.tree.check()

    def _longest(self, start: Path, readers: Owners, blocks: tuple[Block, ...]) -> Path:
        """The longest visible path behind `start`; of several, the one that stays with the widest owners longest."""
        found = [
            path for path in self.kept if path[: len(start)] == start and self._is_visible(path, len(start), readers)
        ]
        fitting = [
            path
            for path in found
            if tuple(block for _, block in path[len(start) :]) == blocks[: len(path) - len(start)]
        ]
        ranks = {path: [readers.index(owner) for owner, _ in path[len(start) :]] for path in fitting}
        best = max(fitting, key=lambda path: (len(path), [-rank for rank in ranks[path]]), default=start)
        return best if len(best) > len(start) else ()

    def _is_visible(self, path: Path, start: int, readers: Owners) -> bool:
        steps = [path[: end + 1] for end in range(start, len(path))]
        return all(step[-1][0] in readers and not self._is_expired(self.kept[step]) for step in steps)

    def _is_expired(self, entry: _Entry) -> bool:
        if entry.pins:
            return False
        if self.most is not None and self.now - entry.made_at >= self.most:
            return True
        idle = entry.block.idle_seconds
        return idle is not None and not entry.readers and self.now - entry.used[-1] >= idle

    def _is_chosen(self, path: Path, choice: Choice) -> bool:
        owner = path[-1][0]
        if choice.public:
            return owner == PUBLIC
        return choice.tenant is None or (owner.tenant == choice.tenant and choice.user in (None, owner.user))

    def _cover(self, held: _Held, path: Path, counts: bool = True) -> None:
        for end in range(len(held.path) + 1, len(path) + 1):
            entry = self.kept[path[:end]]
            entry.readers += 1
            held.entries.append(entry)
            if counts:
                entry.used.append(self.now)
                entry.ages.append(self._age())
        held.path = path or held.path

    def _age(self) -> float:
        return self.now + (_HALF_LIFE * self.written / (_HALVING_SHARE * self.total) if self.total else 0.0)

    def _assert_covered(self, held: _Held) -> None:
        assert [node.slot for node in held.lease.nodes] == [entry.slot for entry in held.entries]

    def _under(self, tops: set[Path]) -> set[Path]:
        return {path for path in self.kept if any(path[: len(top)] == top for top in tops)}

    def _children(self, path: Path) -> set[Path]:
        return {other for other in self.kept if other[:-1] == path}

    def _lose(self, tops: set[Path]) -> list[int]:
        """Forget paths and all below them; returns the slots that nobody reads."""
        gone = [self.kept.pop(path) for path in self._under(tops)]
        self.ghosts += [entry for entry in gone if entry.readers]
        return [entry.slot for entry in gone if not entry.readers]

    def _leased(self) -> list[_Entry]:
        return [entry for entry in self.kept.values() if entry.readers] + self.ghosts

    def _used(self) -> int:
        return sum(entry.block.size for entry in [*self.kept.values(), *self.ghosts])

    def _assert_least_worth(self, slot: int) -> None:
        """The victim is a leaf that nobody reads, and no other such leaf is worth less, or was used before it."""
        idle = [entry for path, entry in self.kept.items() if not entry.readers and not self._children(path)]
        victim = next(entry for entry in idle if entry.slot == slot)
        if self.half_life is None:
            assert victim.last_used == min(entry.last_used for entry in idle)
        else:
            age = self._age()
            assert victim.worth(age) <= min(entry.worth(age) for entry in idle) * (1 + 1e-6)


TestPrefixTree = _TreeMachine.TestCase
TestPrefixTree.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
