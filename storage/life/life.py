"""How entries end: they are invalidated, expire, or make room for others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

from sqlalchemy import Connection

from storage.config import StoreConfig
from storage.database import Database
from storage.errors import StoreBusyError
from storage.life.expiry import expired
from storage.life.invalidation import invalidate
from storage.life.plan import Plan
from storage.life.removal import Removal, Remover
from storage.life.room import Room
from storage.life.selection import Selection
from storage.life.solitude import ExactNearby, Nearby
from storage.life.usage import Usage, usage_of
from storage.uses import Uses

__all__ = ["Life"]


class Life:
    """The end of entries, each with its vector and all that hangs on it. Thread-safe, safe for many processes.

    Args:
        database: Where they are.
        config: The budgets, and what goes first where they are full.
        clock: Seconds since the epoch.
        uses: Uses that are not written yet; they are, before anything is judged by its use.
        nearby: Finds neighbours; without it every vector of a scope is read, which takes long where there are many.
    """

    def __init__(
        self,
        database: Database,
        config: StoreConfig,
        clock: Callable[[], float],
        uses: Uses,
        nearby: Nearby | None = None,
    ) -> None:
        self._database = database
        self._config = config
        self._clock = clock
        self._uses = uses
        self._nearby = nearby or ExactNearby(database)
        self._remover = Remover()
        self._room = Room(database, config, self._remover, self._plan, clock)

    def invalidate(self, selection: Selection, *, dry_run: bool = False) -> Removal:
        """Remove the entries of a selection, all of them or none; in a dry run only say which they are."""
        return invalidate(self._database, self._remover, selection, dry_run=dry_run)

    def sweep(self, tenant: str | None = None) -> int:
        """Remove what has expired, of one tenant or of all; how many. Other writers never wait for long.

        Meant to be called now and then: it keeps the log of deletions short too.
        """
        # A use that is not written yet prolongs a life.
        self._uses.flush()
        removed = sum(len(batch) for batch in expired(self._database, self._remover, self._clock, tenant))
        with self._database.write() as connection:
            self._remover.trim(connection)
        return removed

    def admit(self, connection: Connection, tenants: Collection[str], rows: int) -> int:
        """Ask, at the end of the transaction that wrote so many rows of these tenants, whether they can stay.

        They cannot where they and what people wrote, which is never evicted, exceed a budget by themselves. Returns
        the revision before them, to be spared after by `enforce`; 0 where nothing is limited.

        Raises:
            StoreFullError: They cannot; the caller undoes the transaction.
        """
        return self._room.admit(connection, tenants, rows)

    def enforce(self, tenant: str, *, spare_after: int | None = None) -> Removal:
        """Make room until the tenant's budget holds, and the whole store's; what was removed.

        What has expired goes first, then what the policy says, down to a little below the limit. Where the store is
        full, who holds the most gives first. What people wrote stays, and so does what was written after the revision
        `spare_after`, if one is given: what is added now does not have to make room for itself.

        Raises:
            StoreBusyError: Another wrote for too long. What was removed so far is removed; call again.
        """
        return self._room.enforce(tenant, spare_after)

    def usage(self, tenant: str | None = None) -> Usage:
        """What a tenant holds, or all of them."""
        with self._database.read() as connection:
            return usage_of(connection, tenant)

    def _plan(self) -> Plan:
        with suppress(StoreBusyError):  # what stays pending counts the next time
            self._uses.flush(wait=False)
        return Plan(self._config.eviction, self._clock(), self._nearby)
