"""How a store behaves, in frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from storage.errors import StoreValueError
from storage.indexes.large_settings import LargeSettings

__all__ = ["Eviction", "SizeBudget", "StoreConfig"]


class Eviction(StrEnum):
    """Which entries go first where a budget is full; `storage.life.eviction` has the definitions."""

    VALUE = "value"
    """Those that save the least generation time for the room they take."""
    LRU = "lru"
    """Those that were not used for the longest time."""
    LFU = "lfu"
    """Those that were used the fewest times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBudget:
    """How much may be stored; None is no limit. `max_bytes` is what texts and vectors weigh (`Entry.bytes`): a file is
    larger, for it holds what finds them too.

    Raises:
        StoreValueError: A limit is no whole number above 0.
    """

    max_entries: int | None = None
    max_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_entries", "max_bytes"):
            limit = getattr(self, name)
            if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
                raise StoreValueError(f"{name}={limit!r} must be a whole number above 0, or None for no limit.")

    @property
    def unlimited(self) -> bool:
        """Whether it bounds nothing."""
        return self.max_entries is None and self.max_bytes is None


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Args:
    busy_timeout_seconds: How long a write waits for another process.
    answer_timeout_seconds: How long a lookup waits for a PostgreSQL that says nothing. A write that begins waits so
        much longer than for others, any other read six times as long, work on the whole store ten minutes.
    max_partitions: How many scopes keep their vector index in memory; the least recently used goes first.
    touch_flush: After how many uses their counts are written.
    budget: How much the whole store may hold.
    tenant_budget: How much each tenant may hold that is not named in `tenant_budgets`.
    tenant_budgets: How much these tenants may hold.
    eviction: Which entries go first where a budget is full.
    index: What finds vectors: `memory`, an index in this process, or `pgvector`, the server's (PostgreSQL alone).
    large: From when on an index in this process is a large one, and how it is built.

    Raises:
        StoreValueError: A value is not positive, or the eviction or index is not known.
    """

    busy_timeout_seconds: float = 30.0
    answer_timeout_seconds: float = 5.0
    max_partitions: int = 256
    touch_flush: int = 64
    budget: SizeBudget = SizeBudget()
    tenant_budget: SizeBudget = SizeBudget()
    tenant_budgets: Mapping[str, SizeBudget] = field(default_factory=dict)
    eviction: Eviction = Eviction.VALUE
    index: Literal["memory", "pgvector"] = "memory"
    large: LargeSettings = field(default_factory=LargeSettings)

    def __post_init__(self) -> None:
        for name in ("busy_timeout_seconds", "answer_timeout_seconds", "max_partitions", "touch_flush"):
            if not getattr(self, name) > 0:
                raise StoreValueError(f"{name}={getattr(self, name)!r} must be greater than 0.")
        if self.eviction not in tuple(Eviction):
            raise StoreValueError(f"eviction={self.eviction!r} is not known; take one of {', '.join(Eviction)}.")
        if self.index not in ("memory", "pgvector"):
            raise StoreValueError(f"index={self.index!r} is not known; take memory or pgvector.")
        # A name is taken too; the caller may change its mapping afterwards.
        object.__setattr__(self, "eviction", Eviction(self.eviction))
        object.__setattr__(self, "tenant_budgets", dict(self.tenant_budgets))

    def budget_of(self, tenant: str) -> SizeBudget:
        """How much a tenant may hold."""
        return self.tenant_budgets.get(tenant, self.tenant_budget)
