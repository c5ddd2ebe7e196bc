"""How an answer is drawn. None of it touches what is cached."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kvcache.errors import SamplingError

__all__ = ["Sampling"]

_MAX_TEMPERATURE = 100.0
_MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters of one answer.

    Args:
        max_tokens: Most tokens to generate, at least 1.
        temperature: 0 takes the likeliest token each time; above, the softmax temperature, up to 100.
        top_p: Share of probability to draw from, above 0 up to 1.
        seed: The same seed draws the same answer; None draws a new one each time.

    Raises:
        SamplingError: A value is outside its range.
    """

    max_tokens: int = 32
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if not _is_int(self.max_tokens) or self.max_tokens < 1:
            raise SamplingError(f"max_tokens is {self.max_tokens!r}; it must be a whole number of at least 1.")
        if not _is_number(self.temperature) or not 0 <= self.temperature <= _MAX_TEMPERATURE:
            raise SamplingError(
                f"temperature is {self.temperature!r}; it must be from 0 (greedy) to {_MAX_TEMPERATURE:g}."
            )
        if not _is_number(self.top_p) or not 0 < self.top_p <= 1:
            raise SamplingError(f"top_p is {self.top_p!r}; it must be above 0 and at most 1 (1 leaves nothing out).")
        if self.seed is not None and (not _is_int(self.seed) or not 0 <= self.seed <= _MAX_SEED):
            raise SamplingError(f"seed is {self.seed!r}; it must be None or a whole number from 0 to {_MAX_SEED}.")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_int(value) or (isinstance(value, float) and math.isfinite(value))
