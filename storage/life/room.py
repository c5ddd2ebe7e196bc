"""Keeping tenants and the whole store within their budgets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from storage.config import SizeBudget, StoreConfig
from storage.database import Database
from storage.errors import StoreFullError
from storage.life.eviction import Candidate
from storage.life.expiry import expired
from storage.life.plan import Plan, needed, planned
from storage.life.removal import Removal, Remover, Tally
from storage.life.shares import Held, shares
from storage.life.usage import Usage, each_staying, each_tenant, fits, less, lesser, low_water, over, staying, usage_of
from storage.life.worth import Droppable
from storage.sql import one_of
from storage.tables import entries

__all__ = ["Room"]

_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Goal:
    """Bring a tenant, or with None the whole store, down to that; what was written after `spare_after` stays."""

    whose: str | None
    target: SizeBudget
    spare_after: int | None


class Room:
    """Budgets, held by evictions. Thread-safe, and safe for many processes on one store.

    Args:
        database, config, remover: What it works with.
        plan: Makes what an eviction works by, at its time.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        database: Database,
        config: StoreConfig,
        remover: Remover,
        plan: Callable[[], Plan],
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._database = database
        self._config = config
        self._remover = remover
        self._plan = plan
        self._evicting = threading.Lock()

    def admit(self, connection: Connection, tenants: Collection[str], rows: int) -> int:
        """See Life."""
        limited = [whose for whose in (*sorted(tenants), None) if not self._budget(whose).unlimited]
        if not limited:
            return 0
        after = self._remover.lock(connection) - rows
        for whose in limited:
            budget = self._budget(whose)
            if fits(usage_of(connection, whose), budget):
                continue
            stays = staying(connection, whose, after, self._clock())
            if not fits(stays, budget):
                raise StoreFullError(_refusal(whose, stays, budget))
        return after

    def enforce(self, tenant: str, spare_after: int | None) -> Removal:
        """See Life."""
        tally = Tally()
        if self._is_broken(tenant) or self._is_broken(None):
            # One at a time: two would drop for the same excess.
            with self._evicting:
                # The tenant's first: what it drops, the store has not to.
                self._hold(tenant, spare_after, tally)
                self._hold(None, spare_after, tally)
        return tally.removal()

    def _budget(self, whose: str | None) -> SizeBudget:
        return self._config.budget if whose is None else self._config.budget_of(whose)

    def _is_broken(self, whose: str | None) -> bool:
        budget = self._budget(whose)
        return not budget.unlimited and not fits(self._usage(whose), budget)

    def _usage(self, whose: str | None) -> Usage:
        with self._database.read() as connection:
            return usage_of(connection, whose)

    def _hold(self, whose: str | None, spare_after: int | None, tally: Tally) -> None:
        if not self._is_broken(whose):
            return
        plan = self._plan()
        # What is not served any more goes before anything that is.
        for batch in expired(self._database, self._remover, lambda: plan.now, whose):
            tally.add(batch)
        if not self._is_broken(whose):
            return
        goal = _Goal(whose, low_water(self._usage(whose), self._budget(whose)), spare_after)
        if whose is not None:
            self._evict(whose, goal, self._excess(goal), plan, tally)
            return
        for tenant, share in self._shares(goal).items():
            self._evict(tenant, goal, share, plan, tally)

    def _excess(self, goal: _Goal) -> Usage:
        return over(self._usage(goal.whose), goal.target)

    def _shares(self, goal: _Goal) -> dict[str, Usage]:
        """What each tenant drops for the store: who holds the most gives first (see `shares`)."""
        excess = self._excess(goal)
        with self._database.read() as connection:
            held, stays = each_tenant(connection), each_staying(connection, goal.spare_after)
        droppable = {name: less(used, stays.get(name, Usage())) for name, used in held.items()}
        by_entries = {name: Held(held[name].entries, one.entries) for name, one in droppable.items()}
        by_bytes = {name: Held(held[name].bytes, one.bytes) for name, one in droppable.items()}
        number, size = shares(by_entries, excess.entries), shares(by_bytes, excess.bytes)
        return {name: Usage(number.get(name, 0), size.get(name, 0)) for name in sorted(number.keys() | size.keys())}

    def _evict(self, tenant: str, goal: _Goal, share: Usage, plan: Plan, tally: Tally) -> None:
        """Drop a tenant's share, or less where the goal is reached before."""
        while (share := lesser(share, self._excess(goal))) != Usage():
            # What is written from here on was not looked at: it stays.
            until = self._database.revision() if goal.spare_after is None else goal.spare_after
            droppable = Droppable(tenant, until)
            removed = self._drop(droppable, goal, share, planned(self._database, droppable, share, plan))
            if not removed.count:
                return
            tally.merge(removed)
            share = less(share, Usage(removed.count, removed.bytes))

    def _drop(self, droppable: Droppable, goal: _Goal, share: Usage, chosen: Sequence[Candidate]) -> Tally:
        tally = Tally()
        going = droppable.condition() & one_of(entries.c.id, "ids")
        for start in range(0, len(chosen), _BATCH):
            batch = chosen[start : start + _BATCH]
            with self._database.write() as connection:
                self._remover.lock(connection)
                # Asked again: another process may have made room in the meantime.
                left = over(usage_of(connection, goal.whose), goal.target)
                left = lesser(left, less(share, Usage(tally.count, tally.bytes)))
                ids = [one.id for one in batch[: needed(batch, left)]]
                if not ids:
                    break
                tally.add(self._remover.remove(connection, going, {"ids": ids}))
        return tally


def _refusal(whose: str | None, stays: Usage, budget: SizeBudget) -> str:
    who = "The store" if whose is None else f"Tenant {whose!r}"
    limits = ", ".join(
        f"{name}={limit}"
        for name, limit in (("max_entries", budget.max_entries), ("max_bytes", budget.max_bytes))
        if limit is not None
    )
    return (
        f"{who} would hold {stays.entries} entries of {stays.bytes} bytes that cannot be dropped (written by people, "
        f"or added now); its budget is {limits}. Nothing was changed: raise the budget, or remove entries."
    )
