"""Keys and values in 8 bits: a quarter of float32's bytes, half of bfloat16's. What comes back is not exact.

Keys have a few channels that are large in every token, values have not. So each channel of a key head has a scale of
its own within the block, and each token of a value head.
"""

from __future__ import annotations

import torch

__all__ = ["from_int8", "to_int8"]

_LARGEST = 127


def to_int8(states: torch.Tensor, *, over: int) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Round to the nearest of 255 steps.

    Args:
        states: (…, tokens, head_dim).
        over: The dimension whose entries share a scale: -2 for keys, -1 for values.

    Returns:
        int8 of the same shape, and float32 scales, 1 long in that dimension. None when there are infinities or NaNs,
        which no scale can hold.
    """
    exact = states.float()
    scales = exact.abs().amax(dim=over, keepdim=True) / _LARGEST
    if not bool(torch.isfinite(scales).all()):
        return None
    scales = torch.where(scales > 0, scales, torch.ones_like(scales))
    return (exact / scales).round().to(torch.int8), scales


def from_int8(rounded: torch.Tensor, scales: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """States that differ from those given to `to_int8` by half a scale at most, and by what `dtype` rounds away."""
    return (rounded * scales).to(dtype)
