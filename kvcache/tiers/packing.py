"""A block's many small tensors in a few large ones: one copy of many layers takes a third of the time of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from kvcache.layer import BlockStates

__all__ = ["Layout", "pack", "unpack"]

#: For each layer, the pack that each of its tensors lies in, in the order of the layers.
Layout = tuple[tuple[int, ...], ...]


def pack(
    states: BlockStates, stack: Callable[[list[torch.Tensor]], torch.Tensor] = torch.stack
) -> tuple[dict[int, torch.Tensor], Layout]:
    """Stack what has the same place in its layer, shape and type: keys with keys, values with values.

    Args:
        states: A block's.
        stack: Makes one tensor of equal ones, in memory of its own.

    Returns:
        Tensors of shape (layers, …) by number, and where each layer's tensors went.
    """
    stacks: dict[tuple[int, torch.Size, torch.dtype], list[torch.Tensor]] = {}
    numbers: dict[tuple[int, torch.Size, torch.dtype], int] = {}
    layout = []
    for layer in states:
        places = []
        for place, tensor in enumerate(layer):
            kind = (place, tensor.shape, tensor.dtype)
            stacks.setdefault(kind, []).append(tensor)
            places.append(numbers.setdefault(kind, len(numbers)))
        layout.append(tuple(places))
    return {numbers[kind]: stack(tensors) for kind, tensors in stacks.items()}, tuple(layout)


def unpack(packs: Mapping[int, torch.Tensor], layout: Sequence[Sequence[int]]) -> BlockStates:
    """The inverse of `pack`: views of the packs, layer by layer."""
    rows = {number: iter(stack.unbind()) for number, stack in packs.items()}
    return tuple(tuple(next(rows[number]) for number in places) for places in layout)
