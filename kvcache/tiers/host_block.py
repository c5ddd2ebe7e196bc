"""One block in host memory: a copy of its states, pinned when they come from a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from kvcache.grid import Block
from kvcache.kept import Kept
from kvcache.tiers.packing import Layout, pack, unpack

__all__ = ["HostBlock"]


@dataclass(frozen=True, slots=True)
class HostBlock:
    """States that may still be on their way from the device.

    Args:
        owner: Whose.
        path: All blocks up to and with it.
        packs: Its states; see packing.py.
        layout: Which of them belong to which layer.
        logits: After it, or None.
        exact: As in Kept.
        copied: Happens when everything has come; None: it has.
    """

    owner: str
    path: tuple[Block, ...]
    packs: Mapping[int, torch.Tensor]
    layout: Layout
    logits: torch.Tensor | None
    exact: bool
    copied: torch.cuda.Event | None

    @classmethod
    def of(cls, owner: str, path: tuple[Block, ...], kept: Kept) -> HostBlock:
        """Start copying. Does not wait for a device."""
        packs, layout = pack(kept.states, _to_host)
        logits = None if kept.logits is None else _to_host([kept.logits])[0]
        is_coming = any(pack.is_pinned() for pack in packs.values())
        copied = torch.cuda.Event() if is_coming else None  # type: ignore[no-untyped-call]
        if copied is not None:
            copied.record()
        return cls(owner, path, packs, layout, logits, kept.exact, copied)

    @property
    def nbytes(self) -> int:
        """Of the states and the logits."""
        states = sum(pack.nbytes for pack in self.packs.values())
        return states + (0 if self.logits is None else self.logits.nbytes)

    def on(self, device: torch.device) -> Kept:
        """Copies on the device. They may still be on their way, in the order of its current stream."""
        if self.copied is not None:
            self.copied.wait()
        packs = {number: pack.to(device, non_blocking=True, copy=True) for number, pack in self.packs.items()}
        logits = None if self.logits is None else self.logits.to(device, non_blocking=True, copy=True)
        return Kept(unpack(packs, self.layout), logits, self.exact)

    def here(self) -> Kept:
        """The states in host memory, not copied. Waits until they have come."""
        if self.copied is not None:
            self.copied.synchronize()
        return Kept(unpack(self.packs, self.layout), self.logits, self.exact)


def _to_host(tensors: list[torch.Tensor]) -> torch.Tensor:
    """One tensor of equal ones. From a GPU each is copied by itself: stacking them there would need room there."""
    first = tensors[0]
    host = torch.empty((len(tensors), *first.shape), dtype=first.dtype, pin_memory=first.is_cuda)
    for row, tensor in zip(host, tensors, strict=True):
        row.copy_(tensor, non_blocking=True)
    return host
