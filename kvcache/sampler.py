"""Logits → the next token."""

from __future__ import annotations

import torch

from kvcache.sampling import Sampling

__all__ = ["Sampler"]


class Sampler:
    """Draws the tokens of one answer. Not shared between answers."""

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._random = None if sampling.temperature == 0 else _random(sampling.seed)

    def pick(self, logits: torch.Tensor) -> int:
        """The next token id.

        Args:
            logits: (vocab,) floating point, on any device.
        """
        if self._sampling.temperature == 0:
            # On a processor numpy's takes a tenth of the time of torch's; both give the first of equal ones.
            return int(logits.numpy().argmax() if logits.device.type == "cpu" else logits.argmax())
        on_cpu = logits.to("cpu", torch.float64)
        # Shifted before it is divided: a tiny temperature would make infinities whose difference is no number.
        probabilities = torch.softmax((on_cpu - on_cpu.max()) / self._sampling.temperature, dim=-1)
        if self._sampling.top_p < 1:
            probabilities = _nucleus(probabilities, self._sampling.top_p)
        return int(torch.multinomial(probabilities, 1, generator=self._random))


def _random(seed: int | None) -> torch.Generator:
    random = torch.Generator()
    if seed is None:
        random.seed()
    else:
        random.manual_seed(seed)
    return random


def _nucleus(probabilities: torch.Tensor, top_p: float) -> torch.Tensor:
    """Keep the fewest likeliest tokens that together reach `top_p`; the likeliest always stays."""
    ordered, order = probabilities.sort(descending=True)
    outside = ordered.cumsum(0) - ordered >= top_p
    return probabilities.index_fill(0, order[outside], 0.0)
