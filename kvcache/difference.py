"""Where two readings of one prompt differ, bit for bit: the states of each layer, then the logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from kvcache.layer import BlockStates
from kvcache.leases import NO_POINTS
from kvcache.prefill import Prefilled, Prefiller

__all__ = ["Difference", "Part", "first_difference", "recomputed_difference"]

Part = Literal["keys", "values", "state", "logits"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first of all differences: the lowest layer, and in it the first position.

    Args:
        part: What differs. `state` is a recurrent one, which has no positions.
        layer: The layer's number, or None for the logits.
        position: The token's place in the prompt, from 0 on; of logits the first id that differs; or None.
        largest: The largest absolute difference in that tensor; infinite when shapes differ or something is no number.
    """

    part: Part
    layer: int | None
    position: int | None
    largest: float

    def __str__(self) -> str:
        where = self.part if self.layer is None else f"{self.part} of layer {self.layer}"
        at = "" if self.position is None else f" at {'id' if self.part == 'logits' else 'position'} {self.position}"
        return f"{where}{at}, by up to {self.largest:.3g}"


def first_difference(one: Prefilled, other: Prefilled, tokens: int) -> Difference | None:
    """Compare two readings of a prompt of so many tokens; None when every bit is the same."""
    states = (prefilled.cache.copy_block(0, tokens) for prefilled in (one, other))
    return _of_states(*states) or _of_tensors("logits", None, one.logits, other.logits, axis=-1)


def recomputed_difference(prefiller: Prefiller, token_ids: Sequence[int], found: Prefilled) -> Difference | None:
    """Read a prompt once more without the cache, and compare: a check of a hit that has just been served.

    Args:
        prefiller: What has read the prompt; its cache is neither read nor written.
        token_ids: The prompt.
        found: What the request got; call this before `finish` takes its working buffer back.

    Returns:
        The first difference, None when there is none.
    """
    points = NO_POINTS if found.lease is None else found.lease.points  # they cut the prompt, and so its passes
    cold = prefiller.prefill(token_ids, tenant="public", room=0, use_cache=False, points=points)
    return first_difference(found, cold, len(token_ids))


def _of_states(one: BlockStates, other: BlockStates) -> Difference | None:
    for layer, (mine, others) in enumerate(zip(one, other, strict=True)):
        for index, (tensor, compared) in enumerate(zip(mine, others, strict=True)):
            part = _part(index, tensor)
            axis = None if part == "state" else -2
            difference = _of_tensors(part, layer, tensor, compared, axis)
            if difference is not None:
                return difference
    return None


def _of_tensors(
    part: Part, layer: int | None, one: torch.Tensor, other: torch.Tensor, axis: int | None
) -> Difference | None:
    if one.shape != other.shape:
        return Difference(part, layer, None, float("inf"))
    differs = _bits(one) != _bits(other)
    if not differs.any():
        return None
    position = None
    if axis is not None:
        position = int(differs.movedim(axis, 0).reshape(differs.shape[axis], -1).any(1).nonzero()[0])
    distance = (one.double() - other.double()).abs()[differs].nan_to_num(nan=float("inf"))
    return Difference(part, layer, position, distance.max().item())


def _part(index: int, tensor: torch.Tensor) -> Part:
    """Keys and values have four axes and come first; a layer without them begins with a state of three."""
    parts: tuple[Part, Part] = ("keys", "values")
    return parts[index] if index < 2 and tensor.dim() == 4 else "state"


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """The bits as whole numbers: 0.0 and -0.0 differ, and a NaN equals itself."""
    sizes = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tensor.contiguous().view(sizes[tensor.element_size()])
