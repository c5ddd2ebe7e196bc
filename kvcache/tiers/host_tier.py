"""Blocks of a model on a GPU, in pinned host memory: what the device gives up is found here before the disk is asked.

Every block is handed to the tier below as soon as it has come from the device, so that a restart finds it there; and
once more when there is no room for it here, in case it could not be taken the first time.

On a processor the prefix cache lies in host memory itself; there this tier would only hold copies.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import torch

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers.config import TierConfig
from kvcache.tiers.host_block import HostBlock
from kvcache.tiers.identity import owner_name, path_names
from kvcache.tiers.index import TierIndex
from kvcache.tiers.lower_tiers import Found, LowerTiers, TierBlock, TierCounts, TierStats
from kvcache.tiers.record import Record
from kvcache.tiers.speed import Speed
from kvcache.tiers.worth import quickest

__all__ = ["HostTier"]

_TRIAL_BYTES = 16 << 20
_MODEL = "here"  # blocks in memory are all of the one model that runs


class HostTier:
    """LowerTiers in host memory, above another one.

    Args:
        config: The limits.
        device: The model's.
        below: What takes the blocks next; closed with this tier.
        clock: Unix time.
    """

    def __init__(
        self, config: TierConfig, device: torch.device, below: LowerTiers, clock: Callable[[], float] = time.time
    ) -> None:
        self._ttl_seconds = config.ttl_seconds
        self._device = device
        self._below = below
        self._clock = clock
        self._index = TierIndex(_MODEL, config.host_bytes, config.half_life_seconds)
        self._held: dict[str, HostBlock] = {}
        self._counts = TierCounts("host", config.host_bytes)
        self._speed = Speed()
        self._lock = threading.Lock()
        self._handing_down = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kv-host")
        self._is_closed = False
        self._try_speed()

    def put(self, owner: str, path: Sequence[Block], block: TierBlock) -> None:
        """Start copying a block to host memory."""
        now, whose = self._clock(), owner_name(owner)
        names, limits = "".join(path_names(_MODEL, whose, path)), block.limits.within(self._ttl_seconds)
        new = Record(names, whose, _MODEL, 0, 0, block.seconds, now, now, limits)
        with self._lock:
            if self._is_closed:
                return
            if self._index.get(new.name, now) is not None:
                known = self._index.use(new.name, now, limits)
                self._handing_down.submit(self._hand_down, known, self._held[new.name])
                return
        held = HostBlock.of(owner, tuple(path), block.kept)
        self._hold(replace(new, size=held.nbytes), held)

    def find(self, owner: str, blocks: Sequence[Block], start: int) -> Found:
        """Runs of blocks here and below, one after the other."""
        names, end, other_model = path_names(_MODEL, owner_name(owner), blocks), start, False
        while end < len(blocks):
            step = self._worth_loading(names[end:])
            if step == 0:
                below = self._below.find(owner, blocks, end)
                step, other_model = below.blocks, below.other_model
            if step == 0:
                break
            end += step
        return Found(end - start, other_model and end < len(blocks))

    def load(self, owner: str, blocks: Sequence[Block], start: int, end: int) -> list[TierBlock]:
        """From here what is here, and the rest from below."""
        names, loaded = path_names(_MODEL, owner_name(owner), blocks[:end]), list[TierBlock]()
        while (at := start + len(loaded)) < end:
            run = self._load_run(names[at:])
            if not run:
                until = next((index for index in range(at, end) if names[index] in self._held), end)
                run = self._below.load(owner, blocks, at, until)
            if not run:
                break
            loaded += run
        return loaded

    def forget(self, owner: str | None = None) -> int:
        """Here and below; a block that is in both counts twice."""
        whose = None if owner is None else owner_name(owner)
        with self._lock:
            gone = self._index.take(whose)
            for record in gone:
                del self._held[record.name]
            on_its_way = None if self._is_closed else self._handing_down.submit(lambda: None)
        if on_its_way is not None:
            on_its_way.result()  # what is being handed down is forgotten below
        return len(gone) + self._below.forget(owner)

    def stats(self) -> TierStats:
        """This tier, then those below."""
        below = self._below.stats()
        with self._lock:
            own = replace(
                self._counts,
                blocks=len(self._index),
                bytes=self._index.bytes,
                bytes_per_second=self._speed.bytes_per_second,
            )
        return TierStats((own, *below.tiers), below.notes)

    def close(self) -> None:
        """Hand down what is on its way, and close what is below."""
        with self._lock:
            self._is_closed = True
        self._handing_down.shutdown(wait=True)
        self._below.close()
        with self._lock:
            self._index.take(None)
            self._held.clear()

    def _hold(self, record: Record, held: HostBlock) -> None:
        with self._lock:
            if self._is_closed:
                return
            down = [(record, held)]
            if record.size <= self._counts.max_bytes:
                over = self._index.expired(record.used)
                evicted = self._index.make_room(record.size, record.path)
                self._index.add(record)
                down += [(gone, self._held[gone.name]) for gone in evicted]
                for gone in (*over, *evicted):
                    del self._held[gone.name]
                self._held[record.name] = held
                self._count(written=1, evicted=len(evicted), expired=len(over))
            for gone, block in down:
                self._handing_down.submit(self._hand_down, gone, block)

    def _hand_down(self, record: Record, held: HostBlock) -> None:
        kept, left = held.here(), record.left(self._clock())
        if not left.is_over():
            self._below.put(held.owner, held.path, TierBlock(kept, record.seconds, left))

    def _worth_loading(self, names: Sequence[str]) -> int:
        now, costs = self._clock(), []
        with self._lock:
            for name in names:
                record = self._index.get(name, now)
                if record is None:
                    break
                costs.append((record.seconds, self._speed.seconds(record.size) or 0.0))
            count = quickest(costs)
            self._count(slower=len(costs) - count)
        return count

    def _load_run(self, names: Sequence[str]) -> list[TierBlock]:
        """The first blocks, as far as they are here."""
        now, loaded, size, began = self._clock(), [], 0, time.perf_counter()
        for name in names:
            with self._lock:
                record, held = self._index.get(name, now), self._held.get(name)
                if record is None or held is None:
                    break
                record = self._index.use(name, now)
            loaded.append(TierBlock(held.on(self._device), record.seconds, record.left(now)))
            size += record.size
        if loaded:
            self._wait()
            self._add_speed(size, len(loaded), time.perf_counter() - began)
        return loaded

    def _add_speed(self, size: int, blocks: int, seconds: float) -> None:
        with self._lock:
            self._speed.add(size, seconds)
            self._count(loaded=blocks, loaded_bytes=size, loaded_seconds=seconds)

    def _try_speed(self) -> None:
        """Measured before the first block comes: what is loaded must be quicker than computing from the start."""
        trial = HostBlock.of("", (), _trial_states(self._device))
        self._wait()
        for _ in range(2):  # the first copy pays for starting up
            began = time.perf_counter()
            trial.on(self._device)
            self._wait()
            seconds = time.perf_counter() - began
        self._speed.add(trial.nbytes, seconds)

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)

    def _count(self, **more: float) -> None:
        self._counts = replace(self._counts, **{name: getattr(self._counts, name) + n for name, n in more.items()})


def _trial_states(device: torch.device) -> Kept:
    return Kept(((torch.zeros(_TRIAL_BYTES, dtype=torch.uint8, device=device),),))
