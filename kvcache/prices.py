"""What hosted models charge, from a file, and what a request costs there with and without a cache."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kvcache.accounting import tokens_read, written
from kvcache.breakpoints import Breakpoints
from kvcache.errors import ConfigError
from kvcache.generation import Usage

__all__ = ["BUNDLED_PRICES", "Cost", "Prices", "cost", "load_prices"]

#: The file that comes with the package.
BUNDLED_PRICES = Path(__file__).parent / "prices.toml"

_PER = 1_000_000
_AMOUNTS = ("input", "read", "output")
_LIFETIMES = ("5m", "30m", "1h")


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one model, in US dollars per million tokens.

    Args:
        name: The model.
        input: A token of the prompt.
        read: A token of the prompt that is in the cache.
        output: A token of the answer.
        date: The day of which the source speaks, or on which it was read where it names none.
        source: Where they are from.
        writes: A token of the prompt that is put into the cache, by lifetime: `5m`, `30m` or `1h`. A lifetime that is
            not named costs what the shortest named one costs; without any, writing costs nothing beyond `input`.
    """

    name: str
    input: float
    read: float
    output: float
    date: datetime.date
    source: str
    writes: Mapping[str, float] = field(default_factory=dict)

    def write(self, lifetime: str) -> float:
        """Of a token that is written for so long."""
        return self.writes.get(lifetime, min(self.writes.values(), default=self.input))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request costs in US dollars, part by part; `without_cache` is the same request with nothing cached."""

    input: float
    written: float
    read: float
    output: float
    without_cache: float

    @property
    def total(self) -> float:
        """What it costs with the cache."""
        return self.input + self.written + self.read + self.output

    @property
    def saved(self) -> float:
        """Less than 0 while writing has cost more than reading has brought."""
        return self.without_cache - self.total


def cost(usage: Usage, prices: Prices, points: Breakpoints | None = None) -> Cost:
    """What a request with these tokens costs at these prices.

    Args:
        usage: Its tokens.
        prices: The model's.
        points: Its breakpoints, as in `accounting.written`.

    Raises:
        PromptError: A breakpoint lies behind the prompt's end.
    """
    parts = written(usage, points)
    read = tokens_read(usage, points)
    new = usage.prompt_tokens - read - parts.five_minutes - parts.one_hour
    return Cost(
        input=new * prices.input / _PER,
        written=(parts.five_minutes * prices.write("5m") + parts.one_hour * prices.write("1h")) / _PER,
        read=read * prices.read / _PER,
        output=usage.completion_tokens * prices.output / _PER,
        without_cache=(usage.prompt_tokens * prices.input + usage.completion_tokens * prices.output) / _PER,
    )


def load_prices(path: Path | None = None) -> dict[str, Prices]:
    """Prices by model name.

    Args:
        path: A file of yours, in the form of the bundled one; its models are added to those, or take their place.

    Raises:
        ConfigError: It cannot be read, or an entry lacks something, or an amount is no price.
    """
    found = {prices.name: prices for prices in _read(BUNDLED_PRICES)}
    return found if path is None else found | {prices.name: prices for prices in _read(path)}


def _read(path: Path) -> list[Prices]:
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("models")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"The price file {path} cannot be read: {exc}") from exc
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"The price file {path} has no [[models]]; give each model a [[models]] table.")
    return [_checked(entry, f"{path}, model {index}") for index, entry in enumerate(entries, start=1)]


def _checked(entry: dict[str, Any], place: str) -> Prices:
    known = {each.name for each in fields(Prices)}
    wrong = sorted((known - {"writes"}) - entry.keys()) or sorted(entry.keys() - known)
    if wrong:
        need = ", ".join(sorted(known - {"writes"}))
        raise ConfigError(f"{place}: {', '.join(wrong)} is missing or unknown; it needs {need}, and may have writes.")
    writes = entry.get("writes", {})
    amounts = {name: entry[name] for name in _AMOUNTS} | (writes if isinstance(writes, dict) else {"writes": writes})
    bad = [name for name, amount in amounts.items() if not _is_price(amount)]
    bad += [name for name in amounts if name not in (*_AMOUNTS, *_LIFETIMES)]
    if bad:
        raise ConfigError(
            f"{place}: {bad[0]} is {amounts[bad[0]]!r}; prices are dollars per million tokens, 0 or more, and writes "
            f"are by lifetime: {', '.join(_LIFETIMES)}."
        )
    texts = [entry["name"], entry["source"]]
    if not isinstance(entry["date"], datetime.date) or not all(isinstance(text, str) for text in texts):
        raise ConfigError(f"{place}: name and source are texts, and date a day such as 2026-11-21.")
    return Prices(**{**entry, "writes": MappingProxyType(dict(writes))})


def _is_price(amount: object) -> bool:
    return isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount < float("inf")
