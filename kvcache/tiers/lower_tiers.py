"""The seam between the prefix cache and what lies below it: host memory and disk.

    blocks of a prompt     a  b  c  d  e  f
    the prefix cache       ■  ■                 start = 2: found above
    find(start=2)                □  □           2: they are below, and loading them is quicker than computing them
    load(2, 4)                   ■  ■           they come back with what computing them took

A block is named by its owner and by the whole path of blocks that leads to it, its own tokens last. Only the block
itself must be below: its parents may lie above, or belong to somebody else, such as a public system prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers.limits import Limits

__all__ = ["Found", "LowerTiers", "NoLowerTiers", "TierBlock", "TierCounts", "TierStats"]


@dataclass(frozen=True, slots=True)
class TierBlock:
    """A block on its way down or up.

    Args:
        kept: Its states. `kept.exact` is False if it has been rounded on the way; never change it to True.
        seconds: What computing it took: what loading it must be quicker than.
        limits: How much longer it may be served, from now on.
    """

    kept: Kept
    seconds: float
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies below of a prompt.

    Args:
        blocks: How many can be loaded, and quicker than they can be computed.
        other_model: Whether the block after those lies there, but of another model or version, so that it is not used.
    """

    blocks: int = 0
    other_model: bool = False


@dataclass(frozen=True, slots=True)
class TierCounts:
    """What one tier holds now, those still to be written included, and what it has done since it was opened.

    `refused` blocks belong to another model or version and are never used. `slower` were there, but computing them
    would have been quicker. `dropped` were never written: the queue or the budget was full. `corrupt` were thrown away
    when their bytes did not agree with their checksum, `lost` when their file was gone. `failed` could not be written;
    `problem` says why, and what to do. `bytes_per_second` is the measured speed of loading, None before the first.
    """

    name: Literal["host", "disk"]
    max_bytes: int
    blocks: int = 0
    bytes: int = 0
    refused: int = 0
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
    bytes_per_second: float | None = None
    read_only: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class TierStats:
    """All tiers, from the top down; `notes` says what was left out or refused, and why."""

    tiers: tuple[TierCounts, ...] = ()
    notes: tuple[str, ...] = ()


class LowerTiers(Protocol):
    """Where blocks go when the prefix cache gives them up, and come from when it does not have them.

    All methods may be called from many threads. None but `load` and `close` waits for a disk, and `forget`, which
    returns when the blocks are gone.
    """

    def put(self, owner: str, path: Sequence[Block], block: TierBlock) -> None:
        """Take a block over. Cheap: it is written in the background, or dropped and counted when too much waits.

        One that is there already is not written again, but counts as used and gets the new limits.

        Args:
            owner: Whose it is; nobody else finds it.
            path: All blocks of the prompt up to and with this one, at least one.
            block: What to keep; its tensors are not written to from now on.
        """
        ...

    def find(self, owner: str, blocks: Sequence[Block], start: int) -> Found:
        """What is there of a prompt, from `start` on.

        Args:
            owner: Whose blocks to look at.
            blocks: The prompt, cut.
            start: The first block that is not above, from 0 on.
        """
        ...

    def load(self, owner: str, blocks: Sequence[Block], start: int, end: int) -> list[TierBlock]:
        """The blocks from `start` up to `end`, in order, on the model's device, in memory of their own.

        Fewer when one is gone or corrupt: it is dropped and counted, and those behind it are not loaded. Loading
        is a use: it begins `idle_seconds` anew.
        """
        ...

    def forget(self, owner: str | None = None) -> int:
        """Remove for good one owner's blocks, or everyone's.

        With `tenant/acme` go all owners in it, such as `tenant/acme/eva`.

        Returns:
            How many blocks were removed.

        Raises:
            TierReadOnlyError: The files may not be removed.
        """
        ...

    def stats(self) -> TierStats:
        """A snapshot."""
        ...

    def close(self) -> None:
        """Write what waits and stop. Afterwards nothing is found or kept; a second call does nothing."""
        ...


class NoLowerTiers:
    """Nothing below: what is given up is gone. The simplest LowerTiers.

    Args:
        notes: What to say in `stats`.
    """

    def __init__(self, notes: tuple[str, ...] = ()) -> None:
        self._notes = notes

    def put(self, owner: str, path: Sequence[Block], block: TierBlock) -> None:
        """Let it go."""

    def find(self, owner: str, blocks: Sequence[Block], start: int) -> Found:  # noqa: ARG002  (the seam's names)
        """Nothing."""
        return Found()

    def load(self, owner: str, blocks: Sequence[Block], start: int, end: int) -> list[TierBlock]:  # noqa: ARG002
        """Nothing."""
        return []

    def forget(self, owner: str | None = None) -> int:  # noqa: ARG002
        """0."""
        return 0

    def stats(self) -> TierStats:
        """No tier."""
        return TierStats(notes=self._notes)

    def close(self) -> None:
        """Nothing to do."""
