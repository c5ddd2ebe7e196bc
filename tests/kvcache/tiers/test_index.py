"""The books of a tier against a list that is searched from end to end."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kvcache.tiers.index import TierIndex
from kvcache.tiers.limits import Limits
from kvcache.tiers.record import Record
from kvcache.tiers.worth import rank, use

_HALF_LIFE = 50.0
_MAX = 100
_seconds = st.none() | st.floats(1, 300)
_limits = st.builds(Limits, _seconds, st.just(0.0), _seconds)
_PATHS = ["a", "ab", "abc", "abd", "x", "xy", "z"]


def _name(letter: str) -> str:
    return letter * 64


def _record(path: str, model: str, size: int, seconds: float, now: float, limits: Limits) -> Record:
    joined = "".join(_name(letter) for letter in path)
    return Record(joined, "o" if path < "x" else "p", model, size, 0, seconds, now, now, limits)


class IndexAgainstList(RuleBasedStateMachine):
    """Blocks come, are used, expire and go; what the index says is worked out anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.index = TierIndex("own", _MAX, _HALF_LIFE)
        self.held: dict[str, Record] = {}
        self.now = 1000.0

    @rule(seconds=st.floats(0.1, 200))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(
        path=st.sampled_from(_PATHS),
        model=st.sampled_from(["own", "own", "other"]),
        size=st.integers(1, 60),
        seconds=st.floats(0.001, 10),
        limits=_limits,
    )
    def add(self, path: str, model: str, size: int, seconds: float, limits: Limits) -> None:
        new = _record(path, model, size, seconds, self.now, limits)
        self.index.remove(new.name)
        self.held.pop(new.name, None)
        gone = [record.name for record in self.index.make_room(size, new.path)]
        assert gone == self._evicted(size, new.path)
        self.index.add(new)
        self.held[new.name] = new

    @precondition(lambda self: self.held)
    @rule(data=st.data(), limits=st.none() | _limits)
    def use(self, data: st.DataObject, limits: Limits | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.held)))
        used = self.index.use(name, self.now, limits)
        old = self.held[name]
        left = old.limits.after(self.now - old.noted).used() if limits is None else limits
        assert (used.used, used.noted, used.limits) == (use(old.used, self.now, _HALF_LIFE), self.now, left)
        self.held[name] = used

    @rule()
    def expire(self) -> None:
        over = {record.name for record in self.index.expired(self.now)}
        assert over == {name for name, record in self.held.items() if record.is_over(self.now)}
        for name in over:
            del self.held[name]

    @rule(owner=st.sampled_from([None, "o", "p"]))
    def take(self, owner: str | None) -> None:
        taken = {record.name for record in self.index.take(owner)}
        wanted = {key for key, record in self.held.items() if owner is None or record.owner == owner}
        assert taken == wanted
        for key in wanted:
            del self.held[key]

    @invariant()
    def agrees(self) -> None:
        self.index.check()
        assert {record.name: record for record in self.index} == self.held
        assert self.index.bytes == sum(record.size for record in self.held.values())
        assert self.index.refused == sum(record.model != "own" for record in self.held.values())
        for path in _PATHS:
            name = _name(path[-1])
            record = self.held.get(name)
            is_there = record is not None and record.model == "own" and not record.is_over(self.now)
            assert self.index.get(name, self.now) == (record if is_there else None)

    def _evicted(self, size: int, path: str) -> list[str]:
        """Leaves: those that do not lead to the new block, then other models', then the least worth."""
        gone = []
        while sum(record.size for record in self.held.values()) + size > _MAX:
            parents = {record.parent for record in self.held.values()}
            leaves = [record for record in self.held.values() if record.name not in parents]
            first = min(
                leaves,
                key=lambda record: (
                    path.startswith(record.path),
                    record.model == "own",
                    rank(record.seconds, record.size, record.used, _HALF_LIFE),
                    record.name,
                ),
            )
            del self.held[first.name]
            gone.append(first.name)
        return gone


TestIndexAgainstList = IndexAgainstList.TestCase
TestIndexAgainstList.settings = settings(max_examples=60, stateful_step_count=30)
