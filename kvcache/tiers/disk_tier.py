"""Blocks on disk: they outlast the process, whatever ends it.

    put ──▶ waits, and is found at once ──▶ one thread: room, file, note ──▶ lies there, and is found after a restart
    load ◀── what waits, or a file: size, checksum and token ids must agree, else it is thrown away and counted

A file is put in place whole, and noted afterwards. So a crash at any moment leaves blocks that are noted and whole, and
perhaps a file that the next start removes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

import torch

from kvcache.errors import TierOpenError, TierReadOnlyError
from kvcache.grid import Block
from kvcache.tiers.block_file import BlockContent, CorruptBlockError, read
from kvcache.tiers.config import TierConfig
from kvcache.tiers.disk_books import DiskBooks, Waiting
from kvcache.tiers.disk_writer import DiskWriter
from kvcache.tiers.fingerprint import Fingerprint
from kvcache.tiers.folder import TierFolder
from kvcache.tiers.identity import owner_name, path_names
from kvcache.tiers.index import TierIndex
from kvcache.tiers.ledger import Ledger
from kvcache.tiers.lower_tiers import Found, TierBlock, TierStats
from kvcache.tiers.record import Record

__all__ = ["DiskTier"]

_SECONDS_BETWEEN_TRIALS = 60.0


class DiskTier:
    """LowerTiers on disk. One process writes a folder; others that open it read what it writes.

    Args:
        config: Where, and how much; `config.folder` must be given.
        fingerprint: The model; blocks of any other are never used.
        device: Where loaded states are wanted.
        clock: Unix time; expiry is measured in it, for it goes on while nothing runs.
        notes: What to say in `stats` besides.

    Raises:
        TierOpenError: The folder cannot be read, nor made.
    """

    def __init__(
        self,
        config: TierConfig,
        fingerprint: Fingerprint,
        device: torch.device,
        clock: Callable[[], float] = time.time,
        notes: tuple[str, ...] = (),
    ) -> None:
        if config.folder is None:
            raise TierOpenError("The disk tier has no folder; give TierConfig(folder=…).")
        self._config = config
        self._model = fingerprint.name
        self._device = device
        self._clock = clock
        self._notes = notes
        self._folder = TierFolder(config.folder)
        index = TierIndex(fingerprint.name, config.disk_bytes, config.half_life_seconds)
        self._ledger = Ledger(self._folder, fingerprint, index)
        self._books = DiskBooks(index, config, self._folder.problem)
        self._writer = DiskWriter(self._folder, self._ledger, self._books, config, clock)
        self._next_trial = 0.0
        self._restore()

    def put(self, owner: str, path: Sequence[Block], block: TierBlock) -> None:
        """Let a block wait to be written."""
        now, whose = self._clock(), owner_name(owner)
        record = Record(
            path="".join(path_names(self._model, whose, path)),
            owner=whose,
            model=self._model,
            size=_bytes(block),
            checksum=0,
            seconds=block.seconds,
            used=now,
            noted=now,
            limits=block.limits.within(self._config.ttl_seconds),
        )
        waiting = Waiting(record, BlockContent(tuple(path), block.kept))
        with self._books.lock:
            if self._books.admit(waiting, now):
                self._writer.submit(self._writer.write, waiting)

    def find(self, owner: str, blocks: Sequence[Block], start: int) -> Found:
        """As measured here: a block counts when loading it is quicker than computing it."""
        self._follow()
        names = path_names(self._model, owner_name(owner), blocks)[start:]
        count, is_slow = self._books.worth_loading(names, self._clock())
        if is_slow:
            self._try_speed_again(names[count])
        is_missing = count < len(names) and not is_slow
        return Found(count, is_missing and self._is_others(owner, blocks[: start + count + 1]))

    def load(self, owner: str, blocks: Sequence[Block], start: int, end: int) -> list[TierBlock]:
        """Read files, check them, and copy what they hold."""
        names = path_names(self._model, owner_name(owner), blocks[:end])
        loaded: list[TierBlock] = []
        for index in range(start, end):
            now = self._clock()
            found = self._books.use(names[index], now)
            content = self._read(found, tuple(blocks[: index + 1])) if isinstance(found, Record) else None
            if isinstance(found, Record) and content is not None:
                loaded.append(TierBlock(content.kept, found.seconds, found.left(now)))
            elif isinstance(found, Waiting):
                loaded.append(TierBlock(found.content.kept, found.record.seconds, found.record.left(now)))
            else:
                break
        return loaded

    def forget(self, owner: str | None = None) -> int:
        """Remove blocks, waiting ones and those of other models too, and their files, even if the power fails.

        A process that only reads the folder removes files as well; what waits in the process that writes it stays.
        """
        self._follow()
        records, count = self._books.take(None if owner is None else owner_name(owner))
        try:
            self._erase(records)
        except OSError as exc:
            raise TierReadOnlyError(
                f"{len(records)} blocks are not found here any more, but their files stay: {self._folder.path} cannot "
                f"be changed ({exc.strerror}). Remove the folder by hand."
            ) from exc
        return count

    def stats(self) -> TierStats:
        """One tier, and why blocks are refused."""
        with self._books.lock:
            return TierStats((self._books.counts(),), self._notes + self._ledger.notes())

    def close(self) -> None:
        """Write what waits, and let another process write."""
        self._writer.close()
        self._ledger.close()
        self._folder.close()

    def flush(self) -> None:
        """Return when everything that has been put is written."""
        written = self._writer.submit(self._writer.note_uses)
        if written is not None:
            written.result()

    def _restore(self) -> None:
        try:
            lost, kept = self._ledger.restore(self._clock())
        except OSError as exc:
            self._folder.close()
            raise TierOpenError(
                f"{self._folder.path} cannot be read ({exc.strerror}); let this user read and write it, or remove it."
            ) from exc
        self._books.count_lost(lost)
        if kept is not None:
            self._writer.try_speed(kept)

    def _follow(self) -> None:
        if not self._folder.is_writable:
            with self._books.lock:
                self._ledger.follow()

    def _erase(self, records: Sequence[Record]) -> None:
        """Remove files, in the writer's turn if there is one."""
        job = self._writer.submit(self._writer.erase, records, True) if self._folder.is_writable else None
        if job is None:
            self._folder.erase([record.name for record in records], sync=True)
        else:
            job.result()

    def _is_others(self, owner: str, path: Sequence[Block]) -> bool:
        """Whether another model's states of the last block lie here, under a name that its fingerprint gives."""
        whose = owner_name(owner)
        with self._books.lock:
            others = self._ledger.other_models()
        return any(self._books.record(path_names(model, whose, path)[-1]) is not None for model in others)

    def _read(self, record: Record, path: tuple[Block, ...]) -> BlockContent | None:
        """What a file holds, if that is what was written for this very path."""
        file, began = self._folder.block_path(record.name), time.perf_counter()
        try:
            content = read(file, record.size, record.checksum, self._device)
            if content.path == path:
                self._books.count_load(record.size, time.perf_counter() - began)
                return content
            self._throw_away(record, "corrupt")  # another prompt with the same name: the stored tokens decide
        except FileNotFoundError:
            self._throw_away(record, "lost")
        except CorruptBlockError:
            self._throw_away(record, "corrupt")
        return None

    def _throw_away(self, record: Record, why: Literal["corrupt", "lost"]) -> None:
        if self._books.throw_away(record, why) and self._folder.is_writable:
            self._writer.submit(self._writer.erase, [record], False)

    def _try_speed_again(self, name: str) -> None:
        """A disk that was slow once would never be read again, and never be found to be quick."""
        now, record = self._clock(), self._books.record(name)
        if record is not None and now >= self._next_trial:
            self._next_trial = now + _SECONDS_BETWEEN_TRIALS
            self._writer.submit(self._writer.try_speed, record)


def _bytes(block: TierBlock) -> int:
    """Of the states and the logits."""
    states = sum(tensor.nbytes for layer in block.kept.states for tensor in layer)
    return states + (0 if block.kept.logits is None else block.kept.logits.nbytes)
