"""What the disk tier knows of its blocks: those that wait to be written, and those that lie there. Safe for threads.

Nothing here touches a file, so nobody waits for a disk while the lock is held.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from kvcache.tiers.block_file import BlockContent
from kvcache.tiers.config import TierConfig
from kvcache.tiers.index import TierIndex
from kvcache.tiers.lower_tiers import TierCounts
from kvcache.tiers.record import Record
from kvcache.tiers.speed import Speed
from kvcache.tiers.worth import quickest

__all__ = ["DiskBooks", "Waiting"]

_PAUSE_SECONDS = 60.0


@dataclass(slots=True, eq=False)
class Waiting:
    """A block that is not written yet. `record` counts the bytes of its states and has no checksum."""

    record: Record
    content: BlockContent


@dataclass(slots=True)
class _Counts:
    written: int = 0
    loaded: int = 0
    loaded_bytes: int = 0
    loaded_seconds: float = 0.0
    slower: int = 0
    evicted: int = 0
    expired: int = 0
    dropped: int = 0
    corrupt: int = 0
    lost: int = 0
    failed: int = 0


@dataclass(slots=True)
class _State:
    problem: str | None
    waiting: dict[str, Waiting] = field(default_factory=dict)
    waiting_bytes: int = 0
    used: dict[str, Record] = field(default_factory=dict)
    paused_until: float = 0.0
    is_closed: bool = False


class DiskBooks:
    """Every method is one step; `now` is Unix time.

    Args:
        index: What lies there.
        config: The limits.
        problem: Why nothing may be added here, or None.
    """

    def __init__(self, index: TierIndex, config: TierConfig, problem: str | None) -> None:
        self._index = index
        self._config = config
        self._is_writable = problem is None
        self._state = _State(problem)
        self._counts = _Counts()
        self._speed = Speed()
        self.lock = threading.RLock()

    def admit(self, new: Waiting, now: float) -> bool:
        """Let a block wait. False when there is nothing to write: it is known, and counts as used, or has no room."""
        record, state = new.record, self._state
        with self.lock:
            waiting = state.waiting.get(record.name)
            if state.is_closed:
                return False
            if waiting is not None:
                waiting.record = waiting.record.renewed(now, record.limits)
                return False
            if self._is_writable and self._index.get(record.name, now) is not None:
                state.used[record.name] = self._index.use(record.name, now, record.limits)
                return False
            room = min(self._config.queue_bytes - state.waiting_bytes, self._config.disk_bytes)
            if not self._is_writable or record.size > room or now < state.paused_until:
                self._counts.dropped += 1
                return False
            state.waiting[record.name] = new
            state.waiting_bytes += record.size
            return True

    def worth_loading(self, names: Iterable[str], now: float) -> tuple[int, bool]:
        """How many blocks of a run to load, and whether there are more that would load too slowly."""
        costs: list[tuple[float, float]] = []
        with self.lock:
            for name in () if self._state.is_closed else names:
                cost = self._cost(name, now)
                if cost is None:
                    break
                costs.append(cost)
            count = quickest(costs)
            self._counts.slower += len(costs) - count
        return count, count < len(costs)

    def use(self, name: str, now: float) -> Waiting | Record | None:
        """A block, used once more; None when it is not there."""
        with self.lock:
            if self._state.is_closed:
                return None
            waiting = self._state.waiting.get(name)
            if waiting is not None:
                if waiting.record.is_over(now):
                    return None
                waiting.record = waiting.record.renewed(now)
                return waiting
            record = self._index.get(name, now)
            if record is not None and self._is_writable:
                record = self._state.used[name] = self._index.use(name, now)
            return record

    def count_load(self, size: int, seconds: float, *, is_trial: bool = False) -> None:
        """A block came from a file; in a trial, only to learn how fast that is."""
        with self.lock:
            self._speed.add(size, seconds)
            if not is_trial:
                self._counts.loaded += 1
                self._counts.loaded_bytes += size
                self._counts.loaded_seconds += seconds

    def count_lost(self, count: int) -> None:
        """Blocks whose files were found to be gone."""
        with self.lock:
            self._counts.lost += count

    def throw_away(self, record: Record, why: Literal["corrupt", "lost"]) -> bool:
        """Forget a block that cannot be loaded. False when that, or a new one in its place, has come before."""
        with self.lock:
            found = self._index.find(record.name)
            if found is None or found.checksum != record.checksum:
                return False
            self._index.remove(record.name)
            self._counts.corrupt += why == "corrupt"
            self._counts.lost += why == "lost"
            return True

    def take(self, owner: str | None) -> tuple[list[Record], int]:
        """Forget an owner's blocks; see TierIndex.take. Returns those with a file, and how many all were."""
        with self.lock:
            lying = self._index.take(owner)
            waiting = [one.record for one in self._state.waiting.values() if one.record.is_within(owner)]
            for record in waiting:
                self._stop_waiting(record.name)
        return lying, len(lying) + len(waiting)

    def still_waits(self, one: Waiting) -> bool:
        """Whether nobody has forgotten it."""
        with self.lock:
            return self._state.waiting.get(one.record.name) is one

    def make_room(self, size: int, path: str, now: float) -> list[Record]:
        """Forget what has expired, and what is worth least until `size` bytes fit; see TierIndex.make_room."""
        with self.lock:
            expired = self._index.expired(now)
            self._counts.expired += len(expired)
            evicted = self._index.make_room(size, path)
            self._counts.evicted += len(evicted)
            return expired + evicted

    def settle(self, one: Waiting, size: int, checksum: int) -> Record | None:
        """A waiting block has got a file. None when it has been forgotten in the meantime."""
        with self.lock:
            if not self.still_waits(one):
                return None
            self._stop_waiting(one.record.name)
            record = replace(one.record, size=size, checksum=checksum)
            self._index.add(record)
            self._counts.written += 1
            self._state.problem = None
            return record

    def give_up(self, one: Waiting, now: float, problem: str | None = None) -> None:
        """A waiting block is not written: it is too large, or there is a problem, and then nothing is for a while."""
        with self.lock:
            if self.still_waits(one):
                self._stop_waiting(one.record.name)
            if problem is None:
                self._counts.dropped += 1
            else:
                self._counts.failed += 1
                self.pause(problem, now)

    def pause(self, problem: str, now: float) -> None:
        """Take nothing for a while, and say why."""
        with self.lock:
            self._state.problem, self._state.paused_until = problem, now + _PAUSE_SECONDS

    def take_uses(self) -> list[Record]:
        """Blocks whose uses are still to be noted; afterwards they count as noted."""
        with self.lock:
            used, self._state.used = self._state.used, {}
            return [record for record in used.values() if record.name in self._index]

    def records(self) -> list[Record]:
        """All that lie there."""
        with self.lock:
            return list(self._index)

    def record(self, name: str) -> Record | None:
        """What is noted of a block that lies there."""
        with self.lock:
            return self._index.find(name)

    def gone(self, records: Iterable[Record]) -> list[Record]:
        """Those under whose names nothing has been put again."""
        with self.lock:
            return [record for record in records if record.name not in self._index]

    @property
    def is_closed(self) -> bool:
        """Whether `close` has been called."""
        return self._state.is_closed

    def knows_speed(self, size: int) -> bool:
        """Whether a file of at least half this size has been read."""
        return 2 * self._speed.largest >= size

    def close(self) -> bool:
        """Take and give nothing any more. False when that was so already."""
        with self.lock:
            was_open, self._state.is_closed = not self._state.is_closed, True
            return was_open

    def counts(self) -> TierCounts:
        """A snapshot."""
        with self.lock:
            state = self._state
            return TierCounts(
                name="disk",
                max_bytes=self._config.disk_bytes,
                blocks=len(self._index) - self._index.refused + len(state.waiting),
                bytes=self._index.bytes + state.waiting_bytes,
                refused=self._index.refused,
                bytes_per_second=self._speed.bytes_per_second,
                read_only=not self._is_writable,
                problem=state.problem,
                **asdict(self._counts),
            )

    def _cost(self, name: str, now: float) -> tuple[float, float] | None:
        """Seconds to compute and to load a block that may be loaded; None for any other."""
        waiting = self._state.waiting.get(name)
        if waiting is not None:
            return None if waiting.record.is_over(now) else (waiting.record.seconds, 0.0)
        record = self._index.get(name, now)
        if record is None:
            return None
        load = self._speed.seconds(record.size)
        return record.seconds, math.inf if load is None else load  # not measured yet: not quicker, as far as is known

    def _stop_waiting(self, name: str) -> None:
        self._state.waiting_bytes -= self._state.waiting.pop(name).record.size
