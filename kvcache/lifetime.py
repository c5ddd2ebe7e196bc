"""How long kept prefixes stay and from which length on they count: presets of the providers, one of ours, or by hand.

Figures of the presets are those that the providers document. `azure` caches as `openai` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kvcache.breakpoints import Breakpoints
from kvcache.errors import ConfigError, PromptError
from kvcache.seconds import MOST_SECONDS, is_seconds

__all__ = ["Lifetime", "LifetimeName", "lifetime"]

LifetimeName = Literal["local", "openai", "azure", "anthropic"]

_FIVE_MINUTES, _HOUR = 300.0, 3600.0
_RANGE = f"above 0, at most {MOST_SECONDS:g}"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a kept prefix may be read, and what of it is reported.

    Args:
        min_tokens: Prompts and prefixes shorter than this are neither kept nor read.
        step: What is read beyond `min_tokens` is reported in whole steps of so many tokens.
        idle_seconds: A prefix goes when nobody has read it for so long; None is never.
        most_seconds: A prefix goes so long after it was made, read or not; None is never.
        explicit: Only what ends at a breakpoint of the request is kept and read.
        lookback: Content blocks that each breakpoint walks back over to find what is kept, its own counted.
        most_breakpoints: Most breakpoints in a request; None is no limit.
        ttls: Times in seconds that a breakpoint may ask for; empty allows any. Longer ones must come first.

    Raises:
        ConfigError: A value is outside its range.
    """

    min_tokens: int = 0
    step: int = 1
    idle_seconds: float | None = None
    most_seconds: float | None = None
    explicit: bool = False
    lookback: int = 20
    most_breakpoints: int | None = None
    ttls: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name, lowest in (("min_tokens", 0), ("step", 1), ("lookback", 1), ("most_breakpoints", 0)):
            value = getattr(self, name)
            if name == "most_breakpoints" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
                raise ConfigError(f"{name} is {value!r}; give a whole number of at least {lowest}.")
        for name in ("idle_seconds", "most_seconds"):
            value = getattr(self, name)
            if not is_seconds(value, or_none=True):
                raise ConfigError(f"{name} is {value!r}; give seconds {_RANGE}, or None for no limit.")
        if not isinstance(self.explicit, bool):
            raise ConfigError(f"explicit is {self.explicit!r}; give True or False.")
        if not isinstance(self.ttls, tuple) or not all(map(is_seconds, self.ttls)):
            raise ConfigError(f"ttls is {self.ttls!r}; give a tuple of seconds, each {_RANGE}.")

    @staticmethod
    def anthropic(model: str, min_tokens: int | None = None) -> Lifetime:
        """The preset `anthropic` with the smallest prefix that this provider's model caches.

        Args:
            model: Its name, or one that contains it.
            min_tokens: That smallest prefix; needed for the models for which no figure is known here. Of those whose
                prices are bundled, these are claude-fable-5, claude-opus-5 and claude-sonnet-5.

        Raises:
            ConfigError: It is not given, and the model is not in the table.
        """
        known = (tokens for name, tokens in _ANTHROPIC_MINIMA if name in str(model))
        minimum = next(known, None) if min_tokens is None else min_tokens
        if minimum is None:
            names = ", ".join(name for name, _ in _ANTHROPIC_MINIMA)
            raise ConfigError(
                f"No smallest prefix is known for {model!r}, only for {names}; look it up at the provider, and give "
                "it: Lifetime.anthropic(model, min_tokens=…)."
            )
        return replace(_PRESETS["anthropic"], min_tokens=minimum)

    def reported(self, tokens: int) -> int:
        """What is reported of so many tokens read: whole steps from the minimum on. 0 means: not read at all."""
        return 0 if tokens < self.min_tokens else tokens - (tokens - self.min_tokens) % self.step

    def readable(self, ends: Sequence[int], marked: Sequence[bool], points: Breakpoints) -> int:
        """How many of the blocks that are kept of a prompt, from the first on, a request may read.

        Args:
            ends: Where each block ends, in tokens of the prompt.
            marked: Whether a breakpoint of a request that wrote it ends there. Read only where breakpoints decide.
            points: The reading request's breakpoints.
        """
        count = len(ends)
        if self.explicit:
            allowed = points.within_lookback(self.lookback)
            found = (index for index, end in enumerate(ends, 1) if marked[index - 1] and end in allowed)
            count = max(found, default=0)
        return count if count and self.reported(ends[count - 1]) else 0

    def kept_until(self, tokens: int, points: Breakpoints) -> int:
        """Up to which token a prompt of so many tokens is kept."""
        if self.explicit:
            return max((mark.tokens for mark in points.marks if mark.tokens >= self.min_tokens), default=0)
        return tokens if tokens >= self.min_tokens else 0

    def check(self, points: Breakpoints) -> None:
        """Raises PromptError when a request's breakpoints are too many, in the wrong order or of another length."""
        times = [self.idle_seconds if mark.idle_seconds is None else mark.idle_seconds for mark in points.marks]
        if self.most_breakpoints is not None and len(times) > self.most_breakpoints:
            raise PromptError(f"The prompt has {len(times)} breakpoints; the most is {self.most_breakpoints}.")
        if not self.ttls:
            return
        if foreign := [time for time in times if time not in self.ttls]:
            raise PromptError(f"A breakpoint is to stay {foreign[0]} seconds; it must be one of {self.ttls}.")
        if times != sorted(times, key=lambda time: -(time or 0)):
            raise PromptError(f"Breakpoints are to stay {times} seconds; those that stay longer must come first.")


_PROVIDER_OF_TWO = Lifetime(min_tokens=1024, step=128, idle_seconds=_FIVE_MINUTES, most_seconds=_HOUR)

_PRESETS: dict[str, Lifetime] = {
    "local": Lifetime(),
    "openai": _PROVIDER_OF_TWO,
    "azure": _PROVIDER_OF_TWO,
    "anthropic": Lifetime(
        min_tokens=1024,
        idle_seconds=_FIVE_MINUTES,
        explicit=True,
        most_breakpoints=4,
        ttls=(_FIVE_MINUTES, _HOUR),
    ),
}

#: Parts of model names, and the smallest prefix that the provider caches for them.
_ANTHROPIC_MINIMA = (
    *((name, 4096) for name in ("opus-4-5", "opus-4-6", "haiku-4-5")),
    *((name, 2048) for name in ("3-5-haiku", "3-haiku")),
    *((name, 1024) for name in ("opus-4-0", "opus-4-1", "opus-4-2025")),
    *((name, 1024) for name in ("sonnet-4-0", "sonnet-4-5", "sonnet-4-6", "sonnet-4-2025", "3-7-sonnet")),
)


def lifetime(chosen: LifetimeName | Lifetime) -> Lifetime:
    """The lifetime of that name, or the one that is given.

    Raises:
        ConfigError: There is no preset of that name.
    """
    if isinstance(chosen, Lifetime):
        return chosen
    if not isinstance(chosen, str) or chosen not in _PRESETS:
        raise ConfigError(f"lifetime is {chosen!r}; it must be one of {', '.join(_PRESETS)}, or a Lifetime.")
    return _PRESETS[chosen]
